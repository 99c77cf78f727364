import { literal } from './random.js';

/** One reason for a hospital stay, with everything that goes with it. Codes are those of `reference/`. */
interface Case {
  readonly icd10: string;
  readonly specialty: string;
  readonly hrg: string;
  /** Median stay in nights before frailty and season; 0 is a day case. */
  readonly nights: number;
  /** Relative fatality, 1 = average of the admission type and age. */
  readonly fatality: number;
  readonly procedure?: string;
  /** Relative frequency among children (under 16), adults, and those aged 65 or more. */
  readonly child: number;
  readonly adult: number;
  readonly old: number;
}

const c = (
  icd10: string,
  specialty: string,
  hrg: string,
  nights: number,
  fatality: number,
  [child, adult, old]: readonly [number, number, number],
  procedure?: string,
): Case => ({
  icd10,
  specialty,
  hrg,
  nights,
  fatality,
  child,
  adult,
  old,
  ...(procedure ? { procedure } : {}),
});

const emergency: readonly Case[] = [
  c('J189', '300', 'DZ11U', 6.5, 2.4, [3, 4, 12]),
  c('J181', '340', 'DZ11V', 5, 1.8, [2, 3, 6]),
  c('J440', '340', 'DZ65H', 5, 1.5, [0, 2, 7]),
  c('J441', '340', 'DZ65K', 3, 1, [0, 2, 5]),
  c('J459', '340', 'DZ15N', 2, 0.2, [6, 3, 1]),
  c('J690', '430', 'DZ11R', 10, 4, [0, 0.3, 2]),
  c('J219', '420', 'PD15D', 1.5, 0.05, [14, 0, 0]),
  c('J069', '420', 'PD11C', 0.8, 0.02, [16, 1, 0.3]),
  c('B349', '420', 'PD11B', 1, 0.02, [12, 1, 0.5]),
  c('A099', '300', 'FD01B', 2, 0.4, [8, 3, 3]),
  c('A419', '300', 'WJ06J', 7, 4.5, [1, 3, 8]),
  c('A415', '430', 'WJ06F', 8, 4.5, [0, 1, 3]),
  c('N390', '430', 'LA04R', 5, 0.8, [2, 3, 12]),
  c('N179', '361', 'LA07P', 6, 2.2, [0, 2, 6]),
  c('I214', '320', 'EB10D', 4, 1.5, [0, 3, 5], 'K751'),
  c('I219', '320', 'EB10E', 4, 2.2, [0, 1.5, 2.5], 'K634'),
  c('I200', '320', 'EB13B', 2.5, 0.5, [0, 2, 3]),
  c('I489', '320', 'EB07E', 3, 0.7, [0, 2, 6]),
  c('I500', '320', 'EB03D', 8, 2, [0, 1.5, 9]),
  c('I501', '320', 'EB03E', 6, 1.8, [0, 0.7, 3]),
  c('I639', '300', 'AA35B', 9, 2.5, [0, 1.5, 7], 'U051'),
  c('I619', '300', 'AA35A', 10, 5, [0, 0.4, 1.5], 'U051'),
  c('G459', '300', 'AA29D', 1.5, 0.3, [0, 1, 2]),
  c('I269', '340', 'DZ09K', 4, 1.5, [0, 2, 3]),
  c('R074', '300', 'EB12C', 0.8, 0.1, [1, 12, 8]),
  c('R104', '100', 'FD05B', 1.2, 0.2, [8, 9, 4]),
  c('K358', '100', 'FF37D', 2.5, 0.2, [6, 4, 1], 'H012'),
  c('K810', '100', 'GC17B', 4, 0.5, [0, 3, 3], 'J183'),
  c('K859', '100', 'GC17A', 6, 1.2, [0, 2, 2]),
  c('K922', '301', 'FD03B', 4, 1.2, [0, 2, 4], 'G459'),
  c('K565', '100', 'FD10K', 6, 1.3, [0.3, 1, 3]),
  c('K590', '430', 'FD10M', 2, 0.3, [3, 1, 3]),
  c('K703', '301', 'GC17A', 8, 3, [0, 2, 1]),
  c('S720', '110', 'HT12C', 13, 2, [0, 0.5, 8], 'W461'),
  c('S721', '110', 'HE11D', 13, 2, [0, 0.3, 4], 'W191'),
  c('S525', '110', 'HE41A', 1.2, 0.1, [9, 3, 3], 'W201'),
  c('S826', '110', 'HE31B', 3, 0.2, [3, 3, 2], 'W201'),
  c('S223', '110', 'WH08A', 3.5, 0.8, [0.2, 1.5, 3]),
  c('S099', '180', 'AA26D', 0.9, 0.6, [8, 3, 5], 'U051'),
  c('R296', '430', 'WH09F', 6, 0.7, [0, 0.4, 9]),
  c('F059', '430', 'WH09D', 9, 1.3, [0, 0.2, 5]),
  c('L031', '300', 'JD07J', 3.5, 0.4, [2, 4, 5]),
  c('L039', '300', 'JD07K', 3, 0.3, [2, 2, 2]),
  c('E101', '300', 'KB02K', 3, 0.3, [2, 2, 0.3]),
  c('E162', '300', 'KB01F', 2.5, 0.5, [0.2, 0.7, 1.5]),
  c('E871', '430', 'KC05H', 5, 0.9, [0.2, 1, 3]),
  c('D649', '300', 'SA04H', 3, 0.6, [0.3, 1.5, 3], 'X332'),
  c('G409', '400', 'AA26C', 2, 0.4, [4, 3, 2]),
  c('T391', '300', 'WH04B', 1.5, 0.2, [3, 5, 0.5]),
  c('F102', '300', 'WH04B', 3, 0.5, [0, 4, 1]),
  c('N201', '101', 'LB40G', 1.5, 0.05, [0.2, 3, 1.5]),
  c('T814', '100', 'WH07F', 4, 0.5, [0.5, 1.5, 1.5]),
  c('C349', '340', 'DZ17M', 8, 6, [0, 0.6, 2]),
  c('J960', '340', 'DZ27N', 8, 5, [0.3, 0.6, 1.5], 'E852'),
];

const elective: readonly Case[] = [
  c('H269', '130', 'BZ34C', 0, 0.02, [0.1, 1.5, 16], 'C712'),
  c('H353', '130', 'BZ34B', 0, 0.02, [0, 1, 8], 'C794'),
  c('K635', '301', 'FE30Z', 0, 0.02, [0.2, 7, 9], 'H201'),
  c('K573', '301', 'FE32Z', 0, 0.02, [0, 6, 7], 'H229'),
  c('K219', '301', 'FE22Z', 0, 0.02, [1, 7, 6], 'G459'),
  c('K297', '301', 'FE21Z', 0, 0.02, [0.5, 5, 4], 'G451'),
  c('D509', '301', 'FE21Z', 0, 0.02, [0.2, 3, 4], 'G451'),
  c('K409', '100', 'FF60D', 0, 0.05, [4, 5, 5], 'T202'),
  c('K802', '100', 'GA10K', 1, 0.1, [0, 6, 4], 'J183'),
  c('M161', '110', 'HN12E', 4, 0.2, [0, 3, 8], 'W371'),
  c('M171', '110', 'HN22E', 4, 0.2, [0, 3, 9], 'W401'),
  c('M255', '110', 'HN22E', 0, 0.02, [3, 5, 2], 'W822'),
  c('G560', '110', 'HE41A', 0, 0.01, [0, 3, 2], 'A651'),
  c('C509', '370', 'SA32B', 0, 0.3, [0, 5, 4], 'X723'),
  c('C189', '370', 'SA32B', 0, 0.5, [0, 3, 5], 'X723'),
  c('C189', '100', 'FD10K', 7, 1.5, [0, 1, 3], 'H333'),
  c('C679', '101', 'LB14Z', 1, 0.5, [0, 1, 4], 'M421'),
  c('N40X', '101', 'LB13F', 1.5, 0.2, [0, 0.7, 4], 'M653'),
  c('N201', '101', 'LB65E', 1, 0.1, [0, 3, 2], 'M459'),
  c('N185', '361', 'LA97A', 0, 0.4, [0, 2, 4], 'X403'),
  c('I251', '320', 'EY43E', 1, 0.6, [0, 3, 5], 'K633'),
  c('I209', '320', 'EY41D', 1, 0.6, [0, 2, 3], 'K751'),
  c('I839', '100', 'FF60D', 0, 0.02, [0, 3, 1.5], 'L841'),
  c('J350', '120', 'CA60B', 0, 0.02, [20, 2, 0], 'F341'),
  c('N920', '502', 'MA12Z', 0, 0.02, [0, 6, 0.5], 'Q181'),
  c('N832', '502', 'MA10Z', 1, 0.05, [0, 3, 1], 'Q074'),
];

const maternity: readonly Case[] = [
  c('O800', '501', 'NZ30C', 1.3, 0, [0, 60, 0], 'R249'),
  c('O700', '501', 'NZ30B', 1.5, 0, [0, 12, 0], 'R249'),
  c('O820', '501', 'NZ50C', 2.2, 0.02, [0, 15, 0], 'R172'),
  c('O821', '501', 'NZ51C', 2.8, 0.02, [0, 17, 0], 'R182'),
  c('O149', '501', 'NZ30A', 3, 0.05, [0, 4, 0]),
];

const caseMix = { emergency, elective, maternity } as const;

/** Main specialties that admit, in ascending order: the order gives each its wards. */
export const specialties: readonly string[] = [
  ...new Set([...emergency, ...elective, ...maternity].map((one) => one.specialty)),
].sort();

const slots = 1000;
const ageGroups = ['child', 'adult', 'old'] as const;

/** Shares of the slots in proportion to the weights; the last case takes what rounding leaves. */
function assignSlots(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const assigned: number[] = [];
  let cumulative = 0;
  weights.forEach((weight, index) => {
    cumulative += weight;
    while (assigned.length < Math.round((slots * cumulative) / total)) assigned.push(index);
  });
  return assigned;
}

/**
 * Tables `case_mix(case_id, …)` and `case_slot(admission_type, age_group, slot, case_id)`: to draw a case is an
 * equality join on `slot = floor(1000 u)`.
 */
export function caseMixTables(): string[] {
  const rows: string[] = [];
  const slotRows: string[] = [];
  let offset = 0;
  for (const [type, cases] of Object.entries(caseMix)) {
    cases.forEach((one, i) => {
      const procedure = one.procedure === undefined ? 'NULL' : literal(one.procedure);
      rows.push(
        `(${offset + i}, ${literal(one.icd10)}, ${literal(one.specialty)}, ${literal(one.hrg)}, ${one.nights}, ${one.fatality}, ${procedure})`,
      );
    });
    for (const group of ageGroups) {
      const weights = cases.map((one) => one[group]);
      // Maternity cases have no weight for children or the old; nobody of these ages is drawn for them.
      const drawn = assignSlots(
        weights.some((weight) => weight > 0) ? weights : cases.map((one) => one.adult),
      );
      slotRows.push(`('${type}', '${group}', [${drawn.map((i) => offset + i).join(', ')}])`);
    }
    offset += cases.length;
  }
  return [
    `CREATE OR REPLACE TABLE case_mix AS
       FROM (VALUES ${rows.join(', ')}) AS t(case_id, icd10, specialty, hrg, nights, fatality, procedure)`,
    `CREATE OR REPLACE TABLE case_slot AS
       SELECT admission_type, age_group, generate_subscripts(cases, 1) - 1 AS slot, unnest(cases) AS case_id
       FROM (VALUES ${slotRows.join(', ')}) AS t(admission_type, age_group, cases)`,
  ];
}
