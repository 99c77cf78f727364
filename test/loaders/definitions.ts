import type { Role } from '../../src/access/role.js';
import type { MeasureQuestion } from '../../src/loaders/question.js';
import { daysBetween, daysFrom, london, weekdayOf } from './calendar.js';
import { calendarOf, hoursOf, nextEmergency, type World } from './world.js';

/** What happened, as the definitions of the measures see it: one a bed day, a discharge, an attendance … */
export interface Event {
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
  readonly inYear: number;
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
  readonly comparable: boolean;
  readonly active: boolean;
  readonly overdue: boolean;
  readonly resolved: boolean;
}

const nothing = {
  inData: true,
  stayDay: 0,
  los: 0,
  total: null,
  treatment: null,
  back: false,
  backSameTrust: false,
  inYear: 1,
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
  comparable: false,
  active: false,
  overdue: false,
  resolved: false,
};

export type Measure =
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

export const every = (): boolean => true;
export const isPerson = (e: Event): boolean => e.kind === 'PERSON';
const waited = (e: Event): number | null => (e.total !== null && e.total <= 72 * 60 ? e.total : null);

export interface Definition {
  readonly roles: readonly Role[];
  /** Columns and dimensions that only some of the roles have. */
  readonly rolesOf?: Readonly<Record<string, readonly Role[]>>;
  /** Measures that are null for the arguments, whatever happened. */
  readonly unknown?: (args: MeasureQuestion['args']) => readonly string[];
  readonly dimensions: readonly string[];
  readonly fixed: readonly string[];
  /** Column → its dimension, and the name of its code list or table where it is a label. */
  readonly columns: Readonly<Record<string, { by: string; label?: string }>>;
  readonly measures: (args: MeasureQuestion['args']) => Readonly<Record<string, Measure>>;
  readonly events: (world: World) => Event[];
  /** Which events there are for the arguments; all of them by default. */
  readonly counted?: (args: MeasureQuestion['args']) => (e: Event) => boolean;
  /** Which of them exist for a role; all of them by default. */
  readonly sees?: (role: Role) => (e: Event) => boolean;
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

const everyRole: readonly Role[] = ['bi-reader', 'analyst', 'finance', 'operations', 'clinician'];
const clinical: readonly Role[] = everyRole.filter((role) => role !== 'finance');

export const definitions: Readonly<Record<string, Definition>> = {
  bedOccupancy: {
    roles: ['bi-reader', 'analyst', 'operations', 'clinician'],
    rolesOf: { WARD: ['operations'], wardCode: ['operations'] },
    unknown: ({ snapshot }) =>
      snapshot === 'MORNING'
        ? ['occupiedBedDays', 'occupiedBeds', 'occupancyPct', 'longStay7', 'longStay14', 'longStay21']
        : [],
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
    roles: everyRole,
    rolesOf: { ADMISSION_METHOD: clinical, admissionMethodCode: clinical, admissionMethodName: clinical },
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
    roles: everyRole,
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
    roles: ['bi-reader', 'analyst', 'operations', 'clinician'],
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
    measures: ({ sameTrust, frequentFrom }) => ({
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
      frequentAttenders: { is: 'persons', of: (e) => e.inYear >= Number(frequentFrom) },
      frequentAttendersPct: { is: 'share', of: (e) => e.inYear >= Number(frequentFrom), among: every },
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
          inYear: a.inYear,
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
    roles: ['bi-reader', 'analyst', 'finance'],
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
    roles: ['bi-reader', 'analyst', 'finance'],
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
    roles: ['bi-reader', 'analyst'],
    dimensions: ['SOURCE', 'URGENCY', 'CLUSTER'],
    fixed: [],
    columns: {
      referralSource: { by: 'SOURCE' },
      urgency: { by: 'URGENCY' },
      careCluster: { by: 'CLUSTER' },
    },
    measures: ({ honosComparable }) => ({
      referrals: { is: 'count', of: every },
      medianWaitDays: { is: 'percentile', value: (e) => e.wait, p: 0.5 },
      p95WaitDays: { is: 'percentile', value: (e) => e.wait, p: 0.95 },
      waiting: { is: 'count', of: (e) => e.wait === null },
      meanHonosChange: { is: 'mean', value: (e) => (honosComparable && !e.comparable ? null : e.honos) },
    }),
    events: (world) =>
      world.referrals.map((r) => ({
        ...nothing,
        day: r.day,
        patient: r.patient,
        dims: { SOURCE: r.source, URGENCY: r.urgency, CLUSTER: r.cluster },
        wait: r.firstContact === null ? null : daysFrom(r.day, r.firstContact),
        honos: r.initialHonos === null || r.latestHonos === null ? null : r.initialHonos - r.latestHonos,
        comparable:
          daysFrom(r.day, r.discharge ?? world.dataAsOf) > 14 && r.contacts !== null && r.contacts >= 2,
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
    roles: ['bi-reader', 'analyst'],
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
    roles: ['bi-reader', 'analyst'],
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
    roles: ['bi-reader', 'analyst'],
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
  cdsCounts: {
    roles: ['bi-reader', 'data-steward', 'analyst', 'operations', 'clinician'],
    rolesOf: { STATUS: ['operations', 'clinician'], status: ['operations', 'clinician'] },
    dimensions: ['RULE', 'TRUST', 'OBJECTIVE', 'STATUS', 'ABOUT'],
    fixed: ['ABOUT'],
    columns: {
      ruleName: { by: 'RULE' },
      ruleTitle: { by: 'RULE', label: 'rule' },
      trustCode: { by: 'TRUST' },
      trustName: { by: 'TRUST', label: 'trust' },
      objective: { by: 'OBJECTIVE' },
      status: { by: 'STATUS' },
      about: { by: 'ABOUT' },
    },
    measures: () => ({
      fired: { is: 'count', of: every },
      patients: { is: 'persons' },
      resolved: { is: 'count', of: (e) => e.resolved },
      repeats: { is: 'sum', of: (e) => e.n > 0 },
    }),
    events: (world) =>
      world.results.flatMap(({ rule, ...r }) =>
        rule.isProduction
          ? [
              {
                ...nothing,
                day: london(r.first).day,
                patient: r.patient,
                dims: {
                  RULE: rule.name,
                  TRUST: r.trust ?? 'none',
                  OBJECTIVE: rule.objectives.slice(0, 1),
                  STATUS: r.isResolved
                    ? 'RESOLVED'
                    : rule.isExpired
                      ? 'EXPIRED'
                      : r.isOutranked
                        ? 'SUPPRESSED'
                        : 'OPEN',
                  ABOUT: rule.name.startsWith('dq_') ? 'DATA_QUALITY' : 'CARE',
                },
                resolved: r.isResolved,
                n: r.occurrences - 1,
              },
            ]
          : [],
      ),
    sees: (role) => (e) =>
      e.dims['ABOUT'] === 'CARE' || ['data-steward', 'analyst', 'clinician'].includes(role),
    fillsAfter: 0,
    firstDay: 'firstAdmission',
    published: [['RULE TRUST OBJECTIVE', 'MONTH']],
    rowsFloor: () => 'WEEK',
  },
  edCrowding: {
    roles: ['bi-reader', 'analyst', 'operations', 'clinician'],
    rolesOf: { maxPresent: ['operations', 'clinician'] },
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
