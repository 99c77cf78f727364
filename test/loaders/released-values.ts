import type { Role } from '../../src/access/role.js';
import { type Event, every, isPerson, type Measure } from './definitions.js';
import type { Value } from './holds.js';

/** Counts up to `few` are hidden, the others rounded to `base`. */
export interface Rule {
  readonly few: number;
  readonly base: number;
  /** Published figures that are withheld for the sake of others; none for other roles. */
  readonly isWithheld: (value: number) => boolean;
}

/** The test worlds withhold figures by their value alone. */
export const withheldWhere = (column: string): string => `${column} % 7 in (0, 3)`;
export const isWithheld = (value: number): boolean => value % 7 === 0 || value % 7 === 3;
/** Cells that are part of a hidden total: they do not exist for published figures. */
export const isPart = (events: readonly Event[], rule: Rule): boolean =>
  rule.isWithheld(events.length) && (events.length <= rule.few || persons(events) <= rule.few);

/** A role under disclosure control. */
interface Controlled {
  readonly role: Role;
  readonly rule: Rule;
}

const bands = new Map<Role, 'twoFigures' | 'tens' | 'pence'>([
  ['bi-reader', 'twoFigures'],
  ['analyst', 'tens'],
  ['finance', 'pence'],
]);

/** Pounds of a sum in millionths, rounded for a role; `undefined`: hidden. */
function shownMoney(
  events: readonly Event[],
  of: (e: Event) => number | null,
  { role, rule }: Controlled,
): number | undefined {
  const behind = events.filter((e) => of(e) !== null);
  const byPatient = new Map<number, bigint>();
  for (const e of behind) byPatient.set(e.patient, (byPatient.get(e.patient) ?? 0n) + BigInt(of(e) ?? 0));
  const total = [...byPatient.values()].reduce((a, b) => a + b, 0n);
  const few = byPatient.size > 0 && byPatient.size <= rule.few;
  if (few || rule.isWithheld(behind.length)) return undefined;
  if ([...byPatient.values()].some((one) => one * 20n > total * 17n)) return undefined;
  const pounds = total / 1_000_000n;
  const digits = BigInt(String(pounds).length);
  switch (bands.get(role)) {
    case 'pence':
      return Number((total + 5_000n) / 10_000n) / 100;
    case 'tens':
      return Number(((pounds + 5n) / 10n) * 10n);
    default: {
      const base = digits < 4n ? 10n : 10n ** (digits - 2n);
      return Number(((pounds + base / 2n) / base) * base);
    }
  }
}

const persons = (events: readonly Event[]): number => new Set(events.map(({ patient }) => patient)).size;
const roundTo = (digits: number, value: number): number =>
  Math.floor(value * 10 ** digits + 0.5000001) / 10 ** digits;

const toBase = (value: number, { base }: Rule): number =>
  Math.floor((value + Math.floor(base / 2)) / base) * base;

/** A count and the patients behind it. `undefined`: hidden. */
function shown(events: readonly Event[], rule: Rule): number | undefined {
  if (events.length === 0) return rule.isWithheld(0) ? undefined : 0;
  return events.length <= rule.few || persons(events) <= rule.few || rule.isWithheld(events.length)
    ? undefined
    : toBase(events.length, rule);
}

/** Distinct patients under disclosure control. */
function shownPersons(events: readonly Event[], rule: Rule): number | undefined {
  const found = persons(events);
  return (found > 0 && found <= rule.few) || rule.isWithheld(found) ? undefined : toBase(found, rule);
}

/** Items: every event has a number of them. */
function shownItems(events: readonly Event[], rule: Rule): number | undefined {
  const byPatient = new Map<number, number>();
  for (const { patient, items } of events) byPatient.set(patient, (byPatient.get(patient) ?? 0) + items);
  const total = [...byPatient.values()].reduce((a, b) => a + b, 0);
  if ((byPatient.size > 0 && byPatient.size <= rule.few) || rule.isWithheld(total)) return undefined;
  if (total > 0 && (total <= rule.few || Math.max(...byPatient.values()) * 20 > total * 17)) return undefined;
  return toBase(total, rule);
}

/** Pounds over a number, in pounds and whole pence, halves up. */
const pencePer = (pounds: number, by: number): number =>
  Math.floor((2 * Math.round(pounds * 100) + by) / (2 * by)) / 100;

function quantile(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return roundTo(9, low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at)));
}

/** Number of events, of which one row may hold several. `undefined`: hidden. */
function summed(events: readonly Event[], rule: Rule | null): number | undefined {
  const byPatient = new Map<number, number>();
  for (const { patient, n } of events) byPatient.set(patient, (byPatient.get(patient) ?? 0) + n);
  const sum = [...byPatient.values()].reduce((total, n) => total + n, 0);
  if (rule === null) return sum;
  if (byPatient.size === 0) return rule.isWithheld(0) ? undefined : 0;
  const most = Math.max(...byPatient.values());
  return byPatient.size <= rule.few || sum <= rule.few || most * 100 > sum * 85 || rule.isWithheld(sum)
    ? undefined
    : toBase(sum, rule);
}

const europeanStandard = [
  5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500,
  1000,
];

interface Share {
  readonly observed: number;
  readonly people: number;
  readonly weight: number;
}

function standardisedOf(bands: readonly Share[], limit: -1 | 0 | 1): number | null {
  const sumOf = (of: (band: Share) => number): number => bands.reduce((sum, band) => sum + of(band), 0);
  const observed = sumOf((band) => band.observed);
  if (observed < 10) return null;
  const weights = sumOf((band) => band.weight);
  const rate = sumOf((band) => (band.weight * band.observed) / band.people) / weights;
  if (limit === 0) return 100_000 * rate;
  const variance = sumOf((band) => (band.weight ** 2 * band.observed) / band.people ** 2) / weights ** 2;
  const base = limit < 0 ? observed : observed + 1;
  const byar = base * (1 - 1 / (9 * base) + (limit * 1.959964) / (3 * Math.sqrt(base))) ** 3;
  return 100_000 * (rate + Math.sqrt(variance / observed) * (byar - observed));
}

/** `groups` stand in the order of deprivation. */
function slopeOf(groups: readonly Share[]): number | null {
  const people = groups.reduce((sum, group) => sum + group.people, 0);
  const observed = groups.reduce((sum, group) => sum + group.observed, 0);
  if (groups.length < 3 || observed < 50) return null;
  let before = 0;
  const points = groups.map((group) => {
    const middle = (before + group.people / 2) / people;
    before += group.people;
    return { share: group.people / people, middle, rate: (100_000 * group.observed) / group.people };
  });
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + point.share * of(point), 0);
  const [x, y] = [mean(({ middle }) => middle), mean(({ rate }) => rate)];
  return mean(({ middle, rate }) => (middle - x) * (rate - y)) / mean(({ middle }) => (middle - x) ** 2);
}

export interface CellOf {
  readonly events: readonly Event[];
  readonly samples: number;
  readonly beds: number | null;
  readonly partial: boolean;
}

/** The value of a measure in a cell; `undefined` where disclosure control hides it. */
export function valueInMeasure(
  measure: Measure,
  cell: CellOf,
  role: Role,
  rule: Rule | null,
): Value | undefined {
  const controlled = rule !== null;
  const among = (test: (e: Event) => boolean): Event[] => cell.events.filter(test);
  const countOf = (test: (e: Event) => boolean): number | undefined =>
    rule ? shown(among(test), rule) : among(test).length;
  const perSample = (test: (e: Event) => boolean): number | null | undefined => {
    const count = countOf(test);
    return cell.samples === 0 ? null : count === undefined ? undefined : count / cell.samples;
  };
  const money = (): Controlled => {
    if (rule === null) throw new Error('no role with exact figures has sums of money');
    return { role, rule };
  };
  switch (measure.is) {
    case 'count':
      return countOf(measure.of);
    case 'share': {
      const [above, below] = [countOf(measure.of), countOf(measure.among)];
      if (above === undefined || below === undefined) return undefined;
      if (below === 0) return null;
      const share = (100 * above) / below;
      return controlled ? roundTo(below >= 4_000 ? 1 : 0, share) : share;
    }
    case 'persons': {
      const behind = measure.of ? among(measure.of) : cell.events;
      return rule ? shownPersons(behind, rule) : persons(behind);
    }
    case 'sum':
      return summed(among(measure.of), rule);
    case 'rate': {
      const [observed, people] = [summed(among(measure.of), rule), countOf(isPerson)];
      if (observed === undefined || people === undefined) return undefined;
      if (people === 0) return null;
      const rate = (100_000 * observed) / people;
      return controlled ? roundTo(people >= 4_000 ? 1 : 0, rate) : rate;
    }
    case 'standardised':
    case 'slope': {
      const slope = measure.is === 'slope';
      const members = slope ? ['1', '2', '3', '4', '5'] : europeanStandard.map((_weight, band) => band);
      const finer = members.flatMap((member) => {
        const all = cell.events.filter((e) => (slope ? e.dims['QUINTILE'] : e.band) === member);
        if (all.length === 0 || (rule && isPart(all, rule))) return [];
        const people = all.filter(isPerson);
        return [
          {
            observed: summed(all.filter(measure.of), rule),
            people: rule ? shown(people, rule) : people.length,
            weight: slope ? 0 : europeanStandard[Number(member)]!,
          },
        ];
      });
      if (finer.some(({ observed, people }) => observed === undefined || people === undefined))
        return undefined;
      const known = finer as { observed: number; people: number; weight: number }[];
      const value = slope ? slopeOf(known) : standardisedOf(known, measure.limit);
      if (value === null && role === 'bi-reader') return undefined;
      const total = known.reduce((sum, { people }) => sum + people, 0);
      return value !== null && controlled ? roundTo(total >= 4_000 ? 1 : 0, value) : value;
    }
    case 'limit': {
      const [x, n] = [countOf(measure.of), countOf(every)];
      if (x === undefined || n === undefined) return undefined;
      if (n === 0) return null;
      const [z, p] = [1.959964, x / n];
      const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
      const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
      const limit = 100 * Math.min(1, Math.max(0, centre + measure.side * half));
      return controlled ? roundTo(1, limit) : limit;
    }
    case 'mean':
    case 'percentile': {
      const behind = among((e) => measure.value(e) !== null);
      const values = behind.map(measure.value).filter((value) => value !== null);
      const p = measure.is === 'percentile' ? measure.p : 0;
      const found =
        measure.is === 'percentile'
          ? quantile(values, p)
          : values.length === 0
            ? null
            : values.reduce((sum, value) => sum + value, 0) / values.length;
      if (rule?.isWithheld(behind.length)) return undefined;
      if (found === null || rule === null) return found;
      return persons(behind) < (p >= 0.95 ? 40 : p >= 0.9 ? 20 : rule.few + 1)
        ? undefined
        : roundTo(1, found);
    }
    case 'items':
      return shownItems(cell.events, money().rule);
    case 'costPerItem': {
      const [total, items] = [
        shownMoney(cell.events, (e) => e.amount, money()),
        shownItems(cell.events, money().rule),
      ];
      if (total === undefined || items === undefined) return undefined;
      return items === 0 ? null : pencePer(total, items);
    }
    case 'money':
      return shownMoney(cell.events, measure.value, money());
    case 'meanMoney': {
      const [total, people] = [
        shownMoney(cell.events, measure.value, money()),
        shownPersons(cell.events, money().rule),
      ];
      if (total === undefined || people === undefined) return undefined;
      return people === 0 ? null : pencePer(total, people);
    }
    case 'perSample': {
      const found = perSample(measure.of);
      return typeof found === 'number' && controlled ? roundTo(1, found) : found;
    }
    case 'peak': {
      const bySample = new Map<string, number>();
      for (const { sample } of cell.events) bySample.set(sample, (bySample.get(sample) ?? 0) + 1);
      return Math.max(...bySample.values());
    }
    case 'beds':
      return cell.beds;
    case 'occupancy': {
      const occupied = perSample((e) => e.inData);
      if (cell.beds === null || occupied === null) return null;
      if (occupied === undefined) return undefined;
      const share = (100 * occupied) / cell.beds;
      return controlled ? roundTo(cell.beds >= 4_000 ? 1 : 0, share) : share;
    }
    case 'partial':
      return cell.partial;
  }
}
