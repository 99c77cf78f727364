import type { Role } from '../../src/access/role.js';
import type { Filter, FilterValue } from '../../src/loaders/filter.js';
import type { MeasureQuestion } from '../../src/loaders/question.js';
import { bucketOf, daysBetween, daysFrom, lastDayOf, london, plus, weekdayOf } from './calendar.js';
import { calendarOf, hoursOf, nextEmergency, type World } from './world.js';

/**
 * What a question should answer, worked out event by event from the definitions of the measures and of
 * disclosure control, without SQL, marts or plans. Slow and plain on purpose; nothing of the planner is used.
 */

export interface Asker {
  readonly role: Role;
  /** Own trusts; null means all. */
  readonly trusts: readonly string[] | null;
  readonly yesterday: string;
}

export type Value = string | number | boolean | null;
export type OracleRow = Readonly<Record<string, Value>>;

export type Expected =
  | { readonly kind: 'refused'; readonly code: 'GRAIN_NOT_ALLOWED' | 'BAD_USER_INPUT' }
  | {
      readonly kind: 'rows';
      /** All rows that meet the filter, in order. */
      readonly rows: readonly OracleRow[];
      /** Hidden measures of each row. */
      readonly hidden: readonly ReadonlySet<string>[];
    };

const refused = (code: 'GRAIN_NOT_ALLOWED' | 'BAD_USER_INPUT'): Expected => ({ kind: 'refused', code });

interface Event {
  readonly day: string;
  readonly patient: number;
  readonly dims: Readonly<Record<string, string | number>>;
  readonly inData: boolean;
  readonly stayDay: number;
  readonly los: number;
  readonly total: number | null;
  readonly treatment: number | null;
  readonly back: boolean;
  readonly backSameTrust: boolean;
  /** Days to the next emergency admission. */
  readonly next: number | null;
  readonly nextSameTrust: number | null;
  /** Days between two events, and whether they overlap. */
  readonly gap: number;
  readonly overlaps: boolean;
  /** What happened to a person of a year, and how often. */
  readonly kind: string;
  readonly n: number;
  readonly band: number;
  /** The census or full hour at which the patient was counted. */
  readonly sample: string;
  /** Millionths of a pound. */
  readonly amount: number | null;
  readonly net: number | null;
  readonly items: number;
  readonly wait: number | null;
  readonly honos: number | null;
  readonly active: boolean;
  readonly overdue: boolean;
}

const nothing = {
  inData: true,
  stayDay: 0,
  los: 0,
  total: null,
  treatment: null,
  back: false,
  backSameTrust: false,
  next: null,
  nextSameTrust: null,
  gap: 0,
  overlaps: false,
  kind: '',
  n: 1,
  band: 0,
  sample: '',
  amount: null,
  net: null,
  items: 0,
  wait: null,
  honos: null,
  active: false,
  overdue: false,
};

const exactRoles: readonly Role[] = ['operations', 'clinician'];

type Measure =
  | { is: 'count'; of: (e: Event) => boolean }
  | { is: 'persons'; of?: (e: Event) => boolean }
  | { is: 'sum'; of: (e: Event) => boolean }
  | { is: 'rate'; of: (e: Event) => boolean }
  | { is: 'standardised'; of: (e: Event) => boolean; limit: -1 | 0 | 1 }
  | { is: 'slope'; of: (e: Event) => boolean }
  | { is: 'share'; of: (e: Event) => boolean; among: (e: Event) => boolean }
  | { is: 'limit'; of: (e: Event) => boolean; side: -1 | 1 }
  | { is: 'mean'; value: (e: Event) => number | null }
  | { is: 'percentile'; value: (e: Event) => number | null; p: number }
  | { is: 'perSample'; of: (e: Event) => boolean }
  | { is: 'money'; value: (e: Event) => number | null }
  | { is: 'items' }
  | { is: 'costPerItem' }
  | { is: 'meanMoney'; value: (e: Event) => number | null }
  | { is: 'peak' }
  | { is: 'beds' }
  | { is: 'occupancy' }
  | { is: 'partial' };

const every = (): boolean => true;
const waited = (e: Event): number | null => (e.total !== null && e.total <= 72 * 60 ? e.total : null);

interface Definition {
  readonly dimensions: readonly string[];
  readonly fixed: readonly string[];
  /** Column → its dimension, and the name of its code list or table where it is a label. */
  readonly columns: Readonly<Record<string, { by: string; label?: string }>>;
  readonly measures: (args: MeasureQuestion['args']) => Readonly<Record<string, Measure>>;
  readonly events: (world: World) => Event[];
  /** Which events there are for the arguments; all of them by default. */
  readonly counted?: (args: MeasureQuestion['args']) => (e: Event) => boolean;
  /** Days of data that must follow an event before it counts. */
  readonly followed?: (args: MeasureQuestion['args']) => number;
  /** Grain ALL means the cells of one year: that of the argument, else the last full one. */
  readonly year?: boolean;
  readonly fillsAfter: number;
  readonly firstDay: 'firstAdmission' | 'firstArrival';
  /** Finest grain by set of dimensions. */
  readonly published: readonly (readonly [string, string])[];
  readonly rowsFloor: (by: readonly string[]) => string;
}

export const definitions: Readonly<Record<string, Definition>> = {
  bedOccupancy: {
    dimensions: ['TRUST', 'SPECIALTY', 'WARD'],
    fixed: [],
    columns: {
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      specialtyCode: { by: 'SPECIALTY' },
      specialtyName: { by: 'SPECIALTY', label: 'specialty' },
      wardCode: { by: 'WARD' },
    },
    measures: () => ({
      occupiedBedDays: { is: 'count', of: every },
      occupiedBeds: { is: 'perSample', of: (e) => e.inData },
      availableBeds: { is: 'beds' },
      occupancyPct: { is: 'occupancy' },
      longStay7: { is: 'perSample', of: (e) => e.inData && e.stayDay >= 7 },
      longStay14: { is: 'perSample', of: (e) => e.inData && e.stayDay >= 14 },
      longStay21: { is: 'perSample', of: (e) => e.inData && e.stayDay >= 21 },
      isPartial: { is: 'partial' },
    }),
    events: (world) => {
      const { first, last } = calendarOf(world);
      return daysBetween(first, last).flatMap((day) =>
        world.spells
          .filter(
            (s) =>
              s.inCensus &&
              s.admission <= day &&
              (s.discharge === null ? day <= world.dataAsOf : s.discharge > day),
          )
          .map((s) => ({
            ...nothing,
            day,
            patient: s.patient,
            dims: { TRUST: s.trust, SPECIALTY: s.specialty, WARD: s.ward },
            inData: day <= world.dataAsOf,
            stayDay: daysFrom(s.admission, day),
            sample: day,
          })),
      );
    },
    fillsAfter: 31,
    firstDay: 'firstAdmission',
    published: [
      ['TRUST', 'DAY'],
      ['SPECIALTY', 'DAY'],
      ['TRUST SPECIALTY', 'MONTH'],
    ],
    rowsFloor: (by) => (by.every((name) => name === 'TRUST') ? 'DAY' : 'WEEK'),
  },
  lengthOfStay: {
    dimensions: ['TRUST', 'SPECIALTY', 'ADMISSION_METHOD', 'HRG'],
    fixed: [],
    columns: {
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      specialtyCode: { by: 'SPECIALTY' },
      specialtyName: { by: 'SPECIALTY', label: 'specialty' },
      admissionMethodCode: { by: 'ADMISSION_METHOD' },
      admissionMethodName: { by: 'ADMISSION_METHOD', label: 'admission_method' },
      hrgCode: { by: 'HRG' },
      hrgName: { by: 'HRG', label: 'hrg' },
    },
    measures: () => ({
      discharges: { is: 'count', of: every },
      meanDays: { is: 'mean', value: (e) => e.los },
      medianDays: { is: 'percentile', value: (e) => e.los, p: 0.5 },
      p90Days: { is: 'percentile', value: (e) => e.los, p: 0.9 },
      p95Days: { is: 'percentile', value: (e) => e.los, p: 0.95 },
      zeroDay: { is: 'count', of: (e) => e.los === 0 },
      longStay21: { is: 'count', of: (e) => e.los >= 21 },
    }),
    events: (world) =>
      world.spells.flatMap((s) =>
        s.discharge === null
          ? []
          : [
              {
                ...nothing,
                day: s.discharge,
                patient: s.patient,
                dims: { TRUST: s.trust, SPECIALTY: s.specialty, ADMISSION_METHOD: s.method, HRG: s.hrg },
                los: daysFrom(s.admission, s.discharge),
              },
            ],
      ),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [
      ['TRUST', 'WEEK'],
      ['TRUST SPECIALTY', 'MONTH'],
      ['TRUST ADMISSION_METHOD', 'MONTH'],
      ['TRUST HRG', 'QUARTER'],
    ],
    rowsFloor: () => 'WEEK',
  },
  readmissions: {
    dimensions: ['TRUST', 'SPECIALTY'],
    fixed: [],
    columns: {
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      specialtyCode: { by: 'SPECIALTY' },
      specialtyName: { by: 'SPECIALTY', label: 'specialty' },
    },
    measures: ({ days, windowInclusive30, sameTrust }) => {
      const back = (e: Event): boolean => {
        const next = sameTrust ? e.nextSameTrust : e.next;
        return next !== null && next <= Number(days) - (windowInclusive30 ? 0 : 1);
      };
      return {
        discharges: { is: 'count', of: every },
        readmitted: { is: 'count', of: back },
        ratePct: { is: 'share', of: back, among: every },
        lower95: { is: 'limit', of: back, side: -1 },
        upper95: { is: 'limit', of: back, side: 1 },
      };
    },
    events: (world) =>
      world.spells.flatMap((s) =>
        s.discharge === null || s.died
          ? []
          : [
              {
                ...nothing,
                day: s.discharge,
                patient: s.patient,
                dims: { TRUST: s.trust, SPECIALTY: s.specialty },
                next: nextEmergency(world, s, false),
                nextSameTrust: nextEmergency(world, s, true),
              },
            ],
      ),
    followed: ({ days }) => Math.max(30, Number(days)),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [
      ['TRUST', 'WEEK'],
      ['TRUST SPECIALTY', 'MONTH'],
    ],
    rowsFloor: () => 'WEEK',
  },
  edWaits: {
    dimensions: ['TRUST', 'TRIAGE', 'COMPLAINT', 'ARRIVAL_HOUR', 'WEEKDAY', 'DESTINATION'],
    fixed: [],
    columns: {
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      triageCategory: { by: 'TRIAGE' },
      presentingComplaint: { by: 'COMPLAINT' },
      arrivalHour: { by: 'ARRIVAL_HOUR' },
      weekday: { by: 'WEEKDAY' },
      destinationCode: { by: 'DESTINATION' },
      destinationName: { by: 'DESTINATION', label: 'ed_destination' },
    },
    measures: ({ sameTrust }) => ({
      attendances: { is: 'count', of: every },
      within4Hours: { is: 'count', of: (e) => e.total !== null && e.total <= 240 },
      within4HoursPct: { is: 'share', of: (e) => e.total !== null && e.total <= 240, among: every },
      over12Hours: { is: 'count', of: (e) => e.total !== null && e.total > 720 },
      medianMinutes: { is: 'percentile', value: waited, p: 0.5 },
      p95Minutes: { is: 'percentile', value: waited, p: 0.95 },
      medianMinutesToTreatment: { is: 'percentile', value: (e) => e.treatment, p: 0.5 },
      treatedWithin60Pct: {
        is: 'share',
        of: (e) => e.treatment !== null && e.treatment <= 60,
        among: (e) => e.treatment !== null,
      },
      leftBeforeTreatmentPct: { is: 'share', of: (e) => e.dims['DESTINATION'] === '05', among: every },
      admittedPct: { is: 'share', of: (e) => e.dims['DESTINATION'] === '02', among: every },
      reattended7DaysPct: { is: 'share', of: (e) => (sameTrust ? e.backSameTrust : e.back), among: every },
    }),
    events: (world) =>
      world.attendances.map((a) => {
        const { day, hour } = london(a.arrived);
        return {
          ...nothing,
          day,
          patient: a.patient,
          dims: {
            TRUST: a.trust,
            TRIAGE: a.triage,
            COMPLAINT: a.complaint,
            ARRIVAL_HOUR: hour,
            WEEKDAY: weekdayOf(day),
            DESTINATION: a.destination,
          },
          total: a.totalMinutes,
          treatment: a.treatmentMinutes,
          back: a.back,
          backSameTrust: a.backSameTrust,
        };
      }),
    fillsAfter: 0,
    firstDay: 'firstArrival',
    published: [
      ['TRUST', 'WEEK'],
      ['TRUST COMPLAINT', 'MONTH'],
      ['TRUST TRIAGE', 'MONTH'],
      ['TRUST WEEKDAY', 'MONTH'],
      ['TRUST DESTINATION', 'QUARTER'],
      ['TRUST ARRIVAL_HOUR', 'QUARTER'],
    ],
    rowsFloor: (by) => (by.includes('ARRIVAL_HOUR') ? 'MONTH' : 'WEEK'),
  },
  costs: {
    dimensions: ['SETTING', 'TRUST', 'AGE_BAND', 'QUINTILE'],
    fixed: [],
    columns: {
      setting: { by: 'SETTING' },
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      ageBand: { by: 'AGE_BAND' },
      deprivationQuintile: { by: 'QUINTILE' },
    },
    measures: () => ({
      patients: { is: 'persons' },
      totalCost: { is: 'money', value: (e) => e.amount },
      meanCost: { is: 'meanMoney', value: (e) => e.amount },
    }),
    events: (world) =>
      world.costs.map((c) => ({
        ...nothing,
        day: c.day,
        patient: c.patient,
        dims: { SETTING: c.setting, TRUST: c.trust, AGE_BAND: c.ageBand, QUINTILE: c.quintile },
        amount: c.amount,
      })),
    counted: (args) => (e) =>
      (e.dims['SETTING'] !== 'PRESCRIBING' || args['includePrescribing'] === true) &&
      (e.dims['SETTING'] !== 'SOCIAL_CARE' || args['includeSocialCare'] === true),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [
      ['AGE_BAND QUINTILE', 'MONTH'],
      ['TRUST AGE_BAND', 'MONTH'],
      ['TRUST AGE_BAND QUINTILE', 'YEAR'],
      ['SETTING TRUST', 'YEAR'],
      ['SETTING AGE_BAND QUINTILE', 'YEAR'],
    ],
    rowsFloor: () => 'WEEK',
  },
  prescribing: {
    dimensions: ['BNF_CHAPTER', 'PRACTICE'],
    fixed: [],
    columns: {
      bnfChapterCode: { by: 'BNF_CHAPTER' },
      bnfChapterName: { by: 'BNF_CHAPTER', label: 'bnf_chapter' },
      practiceCode: { by: 'PRACTICE' },
      practiceName: { by: 'PRACTICE', label: 'practice' },
    },
    measures: () => ({
      items: { is: 'items' },
      netIngredientCost: { is: 'money', value: (e) => e.net },
      actualCost: { is: 'money', value: (e) => e.amount },
      costPerItem: { is: 'costPerItem' },
      patients: { is: 'persons' },
    }),
    events: (world) =>
      world.prescriptions.map((p) => ({
        ...nothing,
        day: p.day,
        patient: p.patient,
        dims: { BNF_CHAPTER: p.bnf === 'unknown' ? p.bnf : p.bnf.slice(0, 2), PRACTICE: p.practice },
        items: p.items,
        net: p.net === null ? null : p.net * 10_000,
        amount: p.actual === null ? null : p.actual * 10_000,
      })),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [['BNF_CHAPTER PRACTICE', 'MONTH']],
    rowsFloor: () => 'WEEK',
  },
  referralWaits: {
    dimensions: ['SOURCE', 'URGENCY', 'CLUSTER'],
    fixed: [],
    columns: {
      referralSource: { by: 'SOURCE' },
      urgency: { by: 'URGENCY' },
      careCluster: { by: 'CLUSTER' },
    },
    measures: () => ({
      referrals: { is: 'count', of: every },
      medianWaitDays: { is: 'percentile', value: (e) => e.wait, p: 0.5 },
      p95WaitDays: { is: 'percentile', value: (e) => e.wait, p: 0.95 },
      waiting: { is: 'count', of: (e) => e.wait === null },
      meanHonosChange: { is: 'mean', value: (e) => e.honos },
    }),
    events: (world) =>
      world.referrals.map((r) => ({
        ...nothing,
        day: r.day,
        patient: r.patient,
        dims: { SOURCE: r.source, URGENCY: r.urgency, CLUSTER: r.cluster },
        wait: r.firstContact === null ? null : daysFrom(r.day, r.firstContact),
        honos: r.initialHonos === null || r.latestHonos === null ? null : r.initialHonos - r.latestHonos,
      })),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [
      ['SOURCE', 'YEAR'],
      ['CLUSTER', 'YEAR'],
      ['URGENCY', 'YEAR'],
    ],
    rowsFloor: () => 'WEEK',
  },
  socialCare: {
    dimensions: ['PACKAGE_TYPE'],
    fixed: [],
    columns: { packageType: { by: 'PACKAGE_TYPE' } },
    measures: () => ({
      packages: { is: 'count', of: every },
      activePackages: { is: 'count', of: (e) => e.active },
      weeklyCost: { is: 'money', value: (e) => (e.active ? e.amount : null) },
      reviewsOverdue: { is: 'count', of: (e) => e.active && e.overdue },
    }),
    events: (world) =>
      world.packages.map((p) => ({
        ...nothing,
        day: p.day,
        patient: p.patient,
        dims: { PACKAGE_TYPE: p.type },
        amount: p.weekly === null ? null : p.weekly * 10_000,
        active: p.status === 'Active',
        overdue: p.review !== null && p.review < world.dataAsOf,
      })),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [['PACKAGE_TYPE', 'ALL']],
    rowsFloor: () => 'WEEK',
  },
  careTransitions: {
    dimensions: ['FROM', 'TO'],
    fixed: [],
    columns: { fromSetting: { by: 'FROM' }, toSetting: { by: 'TO' } },
    measures: () => ({
      transitions: { is: 'count', of: every },
      patients: { is: 'persons', of: every },
      medianGapDays: { is: 'percentile', value: (e) => e.gap, p: 0.5 },
      overlapping: { is: 'count', of: (e) => e.overlaps },
    }),
    events: (world) =>
      world.transitions.map((t) => ({
        ...nothing,
        day: t.day,
        patient: t.patient,
        dims: { FROM: t.from, TO: t.to },
        gap: t.gap,
        overlaps: t.overlaps,
      })),
    counted:
      ({ gapDays }) =>
      (e) =>
        e.gap <= Number(gapDays),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [['FROM TO', 'YEAR']],
    rowsFloor: () => 'WEEK',
  },
  populationHealth: {
    dimensions: ['QUINTILE', 'ETHNIC_GROUP', 'AGE_BAND'],
    fixed: [],
    columns: {
      deprivationQuintile: { by: 'QUINTILE' },
      ethnicGroup: { by: 'ETHNIC_GROUP' },
      ageBand: { by: 'AGE_BAND' },
    },
    measures: ({ indicator }) => {
      const of = (e: Event): boolean => e.kind === indicator;
      return {
        events: { is: 'sum', of },
        population: { is: 'persons', of: isPerson },
        crudeRate: { is: 'rate', of },
        standardisedRate: { is: 'standardised', of, limit: 0 },
        lower95: { is: 'standardised', of, limit: -1 },
        upper95: { is: 'standardised', of, limit: 1 },
        slopeIndex: { is: 'slope', of },
      };
    },
    events: (world) =>
      world.health.flatMap((h) =>
        Object.entries({ PERSON: 1, ...h.events })
          .filter(([, n]) => n > 0)
          .map(([kind, n]) => ({
            ...nothing,
            day: h.year,
            patient: h.patient,
            dims: { QUINTILE: h.quintile, ETHNIC_GROUP: h.group, AGE_BAND: h.age },
            kind,
            n,
            band: h.band,
          })),
      ),
    year: true,
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [
      ['QUINTILE AGE_BAND', 'YEAR'],
      ['QUINTILE ETHNIC_GROUP', 'YEAR'],
    ],
    rowsFloor: () => 'YEAR',
  },
  edCrowding: {
    dimensions: ['TRUST', 'WEEKDAY', 'HOUR'],
    fixed: ['WEEKDAY', 'HOUR'],
    columns: {
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      weekday: { by: 'WEEKDAY' },
      hour: { by: 'HOUR' },
    },
    measures: () => ({ meanPresent: { is: 'perSample', of: every }, maxPresent: { is: 'peak' } }),
    events: (world) =>
      hoursOf(world).flatMap((at) => {
        const { day, hour } = london(at);
        return world.attendances
          .filter((a) => a.arrived <= at && at < a.departed)
          .map((a) => ({
            ...nothing,
            day,
            patient: a.patient,
            dims: { TRUST: a.trust, WEEKDAY: weekdayOf(day), HOUR: hour },
            sample: String(at),
          }));
      }),
    fillsAfter: 1,
    firstDay: 'firstArrival',
    published: [['TRUST', 'QUARTER']],
    rowsFloor: () => 'WEEK',
  },
};

const bands = new Map<Role, 'twoFigures' | 'tens' | 'pence'>([
  ['bi-reader', 'twoFigures'],
  ['analyst', 'tens'],
  ['finance', 'pence'],
]);

/** Pounds of a sum in millionths, rounded for a role; `undefined`: hidden. */
function shownMoney(
  events: readonly Event[],
  of: (e: Event) => number | null,
  role: Role,
): number | undefined {
  const behind = events.filter((e) => of(e) !== null);
  const byPatient = new Map<number, bigint>();
  for (const e of behind) byPatient.set(e.patient, (byPatient.get(e.patient) ?? 0n) + BigInt(of(e) ?? 0));
  const total = [...byPatient.values()].reduce((a, b) => a + b, 0n);
  const few = byPatient.size > 0 && byPatient.size <= 7;
  if (few || [...byPatient.values()].some((one) => one * 20n > total * 17n)) return undefined;
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

const grains = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'ALL'];

function isOffered(definition: Definition, role: Role, by: readonly string[], grain: string): boolean {
  const from = (floor: string): boolean => grains.indexOf(grain) >= grains.indexOf(floor);
  if (exactRoles.includes(role)) return true;
  if (role === 'bi-reader') {
    return definition.published.some(
      ([set, floor]) => by.every((name) => set.split(' ').includes(name)) && from(floor),
    );
  }
  return from(definition.rowsFloor(by)) && (role !== 'finance' || from('MONTH'));
}

/** Names of the columns that a filter tests. */
export const namesIn = (filter: Filter): string[] =>
  filter.kind === 'test'
    ? [filter.column]
    : filter.kind === 'not'
      ? namesIn(filter.part)
      : filter.parts.flatMap(namesIn);

const partsOf = (filter: Filter | undefined): readonly Filter[] =>
  filter === undefined ? [] : filter.kind === 'and' ? filter.parts.flatMap(partsOf) : [filter];

/** true, false, or null for unknown: null equals nothing, and only `ne` and `isNull` are true for it. */
function holds(filter: Filter, valueIn: (column: string) => Value): boolean | null {
  if (filter.kind === 'not') {
    const inner = holds(filter.part, valueIn);
    return inner === null ? null : !inner;
  }
  if (filter.kind !== 'test') {
    const inner = filter.parts.map((part) => holds(part, valueIn));
    const decisive = filter.kind === 'or';
    return inner.includes(decisive) ? decisive : inner.includes(null) ? null : !decisive;
  }
  const found = valueIn(filter.column);
  // A decimal is given as text.
  const plain = (value: FilterValue): FilterValue =>
    typeof found === 'number' && typeof value === 'string' ? Number(value) : value;
  const given = plain(filter.value as FilterValue);
  switch (filter.op) {
    case 'isNull':
      return (found === null) === given;
    case 'eq':
      return found === given;
    case 'ne':
      return found !== given;
    case 'in':
      return (filter.value as readonly FilterValue[]).map(plain).includes(found);
    default:
  }
  if (found === null || given === null) return null;
  switch (filter.op) {
    case 'lt':
      return found < given;
    case 'lte':
      return found <= given;
    case 'gt':
      return found > given;
    case 'gte':
      return found >= given;
    case 'startsWith':
      return String(found).startsWith(String(given));
    case 'endsWith':
      return String(found).endsWith(String(given));
    case 'contains':
      return String(found).includes(String(given));
    default:
      throw new Error(`no meaning for ${filter.op}`);
  }
}

const persons = (events: readonly Event[]): number => new Set(events.map(({ patient }) => patient)).size;
const roundTo = (digits: number, value: number): number =>
  Math.floor(value * 10 ** digits + 0.5) / 10 ** digits;

/** A count and the patients behind it. `undefined`: hidden. */
function shown(events: readonly Event[]): number | undefined {
  if (events.length === 0) return 0;
  return events.length <= 7 || persons(events) <= 7 ? undefined : Math.floor((events.length + 2) / 5) * 5;
}

/** Distinct patients under disclosure control. */
function shownPersons(events: readonly Event[]): number | undefined {
  const found = persons(events);
  return found > 0 && found <= 7 ? undefined : Math.floor((found + 2) / 5) * 5;
}

/** Items: every event has a number of them. */
function shownItems(events: readonly Event[]): number | undefined {
  const byPatient = new Map<number, number>();
  for (const { patient, items } of events) byPatient.set(patient, (byPatient.get(patient) ?? 0) + items);
  const total = [...byPatient.values()].reduce((a, b) => a + b, 0);
  if (byPatient.size > 0 && byPatient.size <= 7) return undefined;
  if (total > 0 && (total <= 7 || Math.max(...byPatient.values()) * 20 > total * 17)) return undefined;
  return Math.floor((total + 2) / 5) * 5;
}

/** Pounds over a number, in pounds and whole pence, halves up. */
const pencePer = (pounds: number, by: number): number =>
  Math.floor((2 * Math.round(pounds * 100) + by) / (2 * by)) / 100;

function quantile(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

const isPerson = (e: Event): boolean => e.kind === 'PERSON';

/** Number of events, of which one row may hold several. `undefined`: hidden. */
function summed(events: readonly Event[], controlled: boolean): number | undefined {
  const byPatient = new Map<number, number>();
  for (const { patient, n } of events) byPatient.set(patient, (byPatient.get(patient) ?? 0) + n);
  const sum = [...byPatient.values()].reduce((total, n) => total + n, 0);
  if (!controlled || byPatient.size === 0) return sum;
  const most = Math.max(...byPatient.values());
  return byPatient.size <= 7 || sum <= 7 || most * 100 > sum * 85 ? undefined : Math.floor((sum + 2) / 5) * 5;
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

interface CellOf {
  readonly events: readonly Event[];
  readonly samples: number;
  readonly beds: number | null;
  readonly partial: boolean;
}

/** The value of a measure in a cell; `undefined` where disclosure control hides it. */
function valueInMeasure(measure: Measure, cell: CellOf, role: Role): Value | undefined {
  const controlled = !exactRoles.includes(role);
  const among = (test: (e: Event) => boolean): Event[] => cell.events.filter(test);
  const countOf = (test: (e: Event) => boolean): number | undefined =>
    controlled ? shown(among(test)) : among(test).length;
  const perSample = (test: (e: Event) => boolean): number | null | undefined => {
    const count = countOf(test);
    return cell.samples === 0 ? null : count === undefined ? undefined : count / cell.samples;
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
      return controlled ? shownPersons(behind) : persons(behind);
    }
    case 'sum':
      return summed(among(measure.of), controlled);
    case 'rate': {
      const [observed, people] = [summed(among(measure.of), controlled), countOf(isPerson)];
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
        if (all.length === 0) return [];
        const people = all.filter(isPerson);
        return [
          {
            observed: summed(all.filter(measure.of), controlled),
            people: controlled ? shown(people) : people.length,
            weight: slope ? 0 : europeanStandard[Number(member)]!,
          },
        ];
      });
      if (finer.some(({ observed, people }) => observed === undefined || people === undefined))
        return undefined;
      const known = finer as { observed: number; people: number; weight: number }[];
      const value = slope ? slopeOf(known) : standardisedOf(known, measure.limit);
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
      if (found === null || !controlled) return found;
      return persons(behind) < (p >= 0.95 ? 40 : p >= 0.9 ? 20 : 8) ? undefined : roundTo(1, found);
    }
    case 'items':
      return shownItems(cell.events);
    case 'costPerItem': {
      const [total, items] = [shownMoney(cell.events, (e) => e.amount, role), shownItems(cell.events)];
      if (total === undefined || items === undefined) return undefined;
      return items === 0 ? null : pencePer(total, items);
    }
    case 'money':
      return shownMoney(cell.events, measure.value, role);
    case 'meanMoney': {
      const [total, people] = [shownMoney(cell.events, measure.value, role), shownPersons(cell.events)];
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

function labelOf(world: World, list: string, code: string): string | null {
  if (list === 'practice') return world.practices.find((practice) => practice.code === code)?.name ?? null;
  if (list === 'trust') return world.trusts.find((trust) => trust.code === code)?.name ?? null;
  if (list === 'specialty')
    return world.specialties.find((specialty) => specialty.code === code)?.name ?? null;
  return world.codes.find((one) => one.list === list && one.code === code)?.name ?? null;
}

function ofOneYear(asked: MeasureQuestion, dataAsOf: string): MeasureQuestion {
  const given = asked.args['year'] ?? null;
  if (asked.grain !== 'ALL' && (asked.grain !== 'YEAR' || given === null)) return asked;
  const full = Number(dataAsOf.slice(0, 4)) - (dataAsOf.endsWith('-12-31') ? 0 : 1);
  const inYear: Filter = { kind: 'test', column: 'period', op: 'eq', value: `${given ?? full}-01-01` };
  return {
    ...asked,
    grain: 'YEAR',
    where: asked.where ? { kind: 'and', parts: [asked.where, inYear] } : inYear,
  };
}

/** Events of a world by dataset: the same for every question. */
export class Oracle {
  private readonly events = new Map<string, readonly Event[]>();
  /** Days with data, and the day of every full hour by weekday and hour. */
  private readonly days: readonly string[];
  private readonly hours = new Map<string, string[]>();

  constructor(readonly world: World) {
    this.days = daysBetween(calendarOf(world).first, world.dataAsOf);
    for (const at of hoursOf(world)) {
      const { day, hour } = london(at);
      const key = `${weekdayOf(day)} ${hour}`;
      const known = this.hours.get(key);
      if (known) known.push(day);
      else this.hours.set(key, [day]);
    }
  }

  /** Days, one for each sample of a cell if nothing narrowed them. */
  private sampleDays(dataset: string, dims: ReadonlyMap<string, string | number>): readonly string[] {
    if (dataset === 'bedOccupancy') return this.days;
    if (dataset === 'edCrowding') return this.hours.get(`${dims.get('WEEKDAY')} ${dims.get('HOUR')}`) ?? [];
    return [];
  }

  private eventsOf(dataset: string): readonly Event[] {
    const known = this.events.get(dataset) ?? definitions[dataset]!.events(this.world);
    this.events.set(dataset, known);
    return known;
  }

  /** Every row of the answer, in order, whatever `first` and `after` say. */
  answer(asked: MeasureQuestion, asker: Asker): Expected {
    const { world } = this;
    const definition = definitions[asked.dataset]!;
    const question = definition.year ? ofOneYear(asked, world.dataAsOf) : asked;
    const controlled = !exactRoles.includes(asker.role);
    const { grain } = question;
    const conditions = partsOf(question.where);
    const outside = (column: string): boolean => {
      if (column === 'period') return grain === 'ALL';
      const by = definition.columns[column]?.by;
      return by !== undefined && !question.by.includes(by) && !definition.fixed.includes(by);
    };

    // Under control a condition picks finished cells, so that what it names splits them. Else it narrows the events.
    const by = new Set([...question.by, ...definition.fixed]);
    let narrowing: readonly Filter[] = [];
    let picking = conditions;
    if (controlled) {
      const named = [...conditions.flatMap(namesIn), ...question.orderBy.map(({ column }) => column)];
      if (conditions.flatMap(namesIn).some((name) => name === 'period' && outside(name)))
        return refused('BAD_USER_INPUT');
      for (const name of named.filter((column) => column !== 'period' && outside(column)))
        by.add(definition.columns[name]!.by);
    } else {
      narrowing = conditions.filter((filter) => namesIn(filter).some(outside));
      picking = conditions.filter((filter) => !namesIn(filter).some(outside));
      for (const names of narrowing.map(namesIn)) {
        if (!names.every(outside)) return refused('BAD_USER_INPUT');
        if (names.includes('period') && names.some((name) => name !== 'period'))
          return refused('BAD_USER_INPUT');
        if (names.some((name) => definition.columns[name]?.label)) return refused('BAD_USER_INPUT');
      }
    }
    const free = [...by].filter((name) => !definition.fixed.includes(name));
    if (!isOffered(definition, asker.role, free, grain)) return refused('GRAIN_NOT_ALLOWED');
    const { days = 30, gapDays = 30, windowInclusive30 } = question.args;
    const { includePrescribing = true, includeSocialCare } = question.args;
    const usual =
      days === 30 && gapDays === 30 && !windowInclusive30 && includePrescribing && !includeSocialCare;
    if (asker.role === 'bi-reader' && !usual) return refused('BAD_USER_INPUT');

    const inScope = (trust: string): boolean => asker.trusts?.includes(trust) ?? true;
    const onDay = narrowing.filter((filter) => namesIn(filter).includes('period'));
    const onDimension = narrowing.filter((filter) => !onDay.includes(filter));
    const dayCounts = (day: string): boolean => onDay.every((filter) => holds(filter, () => day) === true);
    const memberOf =
      (e: Event) =>
      (column: string): Value =>
        e.dims[definition.columns[column]!.by] ?? null;
    const followed = definition.followed?.(question.args) ?? 0;
    const counts = definition.counted?.(question.args) ?? every;
    const lastDay = plus(world.dataAsOf, -followed);
    const events = this.eventsOf(question.dataset).filter(
      (e) =>
        (followed === 0 || e.day <= lastDay) &&
        counts(e) &&
        inScope(String(e.dims['TRUST'])) &&
        dayCounts(e.day) &&
        onDimension.every((filter) => holds(filter, memberOf(e)) === true),
    );

    const split = definition.dimensions.filter((name) => by.has(name));
    const cells = new Map<string, Event[]>();
    for (const event of events) {
      const key = JSON.stringify([bucketOf(grain, event.day), ...split.map((name) => event.dims[name])]);
      const known = cells.get(key);
      if (known) known.push(event);
      else cells.set(key, [event]);
    }

    const closedBy = asker.yesterday < lastDay ? asker.yesterday : lastDay;
    const measures = definition.measures(question.args);
    const named = new Set([
      ...question.select,
      ...conditions.flatMap(namesIn),
      ...question.orderBy.map(({ column }) => column),
    ]);
    const found: { row: Record<string, Value>; hidden: Set<string> }[] = [];
    for (const [key, members] of cells) {
      const [period, ...values] = JSON.parse(key) as [string | null, ...(string | number)[]];
      if (controlled && period !== null && lastDayOf(grain, period) > closedBy) continue;
      const dims = new Map(split.map((name, index) => [name, values[index]!]));
      const row: Record<string, Value> = { period };
      for (const [column, { by: dimension, label }] of Object.entries(definition.columns)) {
        const member = dims.get(dimension);
        row[column] = member === undefined ? null : label ? labelOf(world, label, String(member)) : member;
      }
      const inBucket = (day: string): boolean => bucketOf(grain, day) === period && dayCounts(day);
      const samples = this.sampleDays(question.dataset, dims).filter(inBucket).length;
      // The bed base is known by trust only, and of some trusts not at all.
      const finer =
        split.some((name) => name !== 'TRUST') ||
        onDimension.some((f) => namesIn(f).some((n) => definition.columns[n]!.by !== 'TRUST'));
      const bases = world.trusts
        .filter(({ code }) => (dims.has('TRUST') ? code === dims.get('TRUST') : inScope(code)))
        .filter(({ code }) => onDimension.every((filter) => holds(filter, () => code) === true))
        .map(({ beds }) => beds);
      const known = bases.filter((beds) => beds !== null);
      const beds = finer || known.length < bases.length ? null : known.reduce((sum, count) => sum + count, 0);
      const begins = world[definition.firstDay];
      const partial =
        period === null ||
        lastDayOf(grain, period) > world.dataAsOf ||
        (begins !== null && period < plus(begins, definition.fillsAfter));
      const hidden = new Set<string>();
      for (const [name, measure] of Object.entries(measures)) {
        if (!named.has(name)) continue;
        const value = valueInMeasure(measure, { events: members, samples, beds, partial }, asker.role);
        if (value === undefined) hidden.add(name);
        row[name] = value ?? null;
      }
      if (picking.every((filter) => holds(filter, (column) => row[column] ?? null) === true))
        found.push({ row, hidden });
    }

    const keys = Object.entries(definition.columns).filter(([, { label, by: of }]) => !label && by.has(of));
    const order = [
      ...question.orderBy,
      ...['period', ...keys.map(([name]) => name)].map((column) => ({ column, descending: false })),
    ];
    found.sort((a, b) => {
      for (const { column, descending } of order) {
        const [left, right] = [a.row[column] ?? null, b.row[column] ?? null];
        if (left === right) continue;
        if (left === null) return 1;
        if (right === null) return -1;
        return left < right === descending ? 1 : -1;
      }
      return 0;
    });
    return { kind: 'rows', rows: found.map(({ row }) => row), hidden: found.map(({ hidden }) => hidden) };
  }
}
