import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { stagedEvents, stagedQuery } from '../../src/measures/buckets.js';
import { withheldOf } from '../../src/measures/figures.js';
import { fillMart } from '../../src/measures/fill.js';
import { martTable } from '../../src/measures/mart.js';
import { measureDatasets } from '../../src/schema/datasets.js';
import { martPlan } from '../../src/schema/mart-plan.js';
import { createTable } from '../../src/warehouse/duckdb/ddl.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { cdsResult, cdsRule } from '../../src/warehouse/gold/cds.js';
import { factCost } from '../../src/warehouse/gold/costs.js';
import { factCareTransition, factHealthYear, factSpellScore } from '../../src/warehouse/gold/derived.js';
import {
  dimCode,
  dimDate,
  dimHour,
  dimPractice,
  dimSpecialty,
  dimTrust,
} from '../../src/warehouse/gold/dimensions.js';
import {
  factCarePackage,
  factEdAttendance,
  factPrescription,
  factReferral,
  factSpell,
} from '../../src/warehouse/gold/facts.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { releaseDay } from '../../src/warehouse/gold/quality.js';
import { dimTrustVersion } from '../../src/warehouse/gold/versions.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import { daysBetween, daysFrom, london, plus, weekdayOf } from './calendar.js';
import { type Cell, insertSql } from './insert.js';
import { withheldWhere } from './released-values.js';
import { servedFile, serveFile } from './served-file.js';

export interface Spell {
  readonly patient: number;
  readonly trust: string;
  readonly specialty: string;
  readonly ward: string;
  readonly method: string;
  readonly hrg: string;
  readonly admission: string;
  readonly discharge: string | null;
  readonly died: boolean;
  readonly inCensus: boolean;
}

export interface Attendance {
  readonly patient: number;
  readonly trust: string;
  /** Seconds since 1970. */
  readonly arrived: number;
  readonly departed: number;
  readonly triage: string;
  readonly complaint: string;
  readonly destination: string;
  readonly totalMinutes: number | null;
  readonly treatmentMinutes: number | null;
  readonly back: boolean;
  readonly backSameTrust: boolean;
  readonly inYear: number;
}

/** What an event costs, in millionths of a pound. */
export interface Cost {
  readonly patient: number;
  readonly setting: string;
  readonly day: string;
  readonly trust: string;
  readonly ageBand: string;
  readonly quintile: string;
  readonly amount: number | null;
}

export interface Prescription {
  readonly patient: number;
  readonly day: string;
  readonly practice: string;
  readonly bnf: string;
  readonly items: number;
  /** Pence. */
  readonly net: number | null;
  readonly actual: number | null;
}

export interface Referral {
  readonly patient: number;
  readonly day: string;
  readonly source: string;
  readonly urgency: string;
  readonly cluster: string;
  readonly firstContact: string | null;
  readonly initialHonos: number | null;
  readonly latestHonos: number | null;
  readonly contacts: number | null;
  readonly discharge: string | null;
}

export interface CarePackage {
  readonly patient: number;
  readonly day: string;
  readonly type: string;
  readonly status: string;
  /** Pence. */
  readonly weekly: number | null;
  readonly review: string | null;
}

/** A move from one setting to another. */
export interface Transition {
  readonly patient: number;
  readonly day: string;
  readonly from: string;
  readonly to: string;
  readonly gap: number;
  readonly overlaps: boolean;
}

/** A person of a year, with the number of events of each kind. */
export interface HealthYear {
  readonly patient: number;
  readonly year: string;
  readonly quintile: string;
  readonly group: string;
  readonly age: string;
  /** Band of the standard population. */
  readonly band: number;
  readonly events: Readonly<Record<string, number>>;
}

/** A text of a rule of decision support. */
export interface RuleText {
  readonly name: string;
  readonly title: string;
  readonly objectives: string;
  readonly isProduction: boolean;
  readonly isCurrent: boolean;
  readonly isExpired: boolean;
}

/** What a rule said of a patient. */
export interface RuleResult {
  readonly patient: number;
  readonly rule: RuleText;
  readonly trust: string | null;
  /** Seconds since 1970. */
  readonly first: number;
  readonly occurrences: number;
  readonly isResolved: boolean;
  readonly isOutranked: boolean;
}

export interface Trust {
  readonly code: string;
  readonly name: string | null;
  readonly beds: number | null;
}

/** A trust as it was known from one second since 1970 to another, or still is. */
export interface TrustVersion extends Trust {
  readonly from: number;
  readonly to: number | null;
}

/** What happened, before any table: the oracle reads this, the product reads the release made of it. */
export interface World {
  readonly name: string;
  readonly trusts: readonly Trust[];
  readonly trustVersions: readonly TrustVersion[];
  /** Local day on which the first version was loaded. */
  readonly firstLoad: string;
  readonly specialties: readonly { code: string; name: string | null }[];
  readonly codes: readonly { list: string; code: string; name: string }[];
  readonly spells: readonly Spell[];
  readonly attendances: readonly Attendance[];
  readonly costs: readonly Cost[];
  readonly practices: readonly { code: string; name: string | null }[];
  readonly prescriptions: readonly Prescription[];
  readonly referrals: readonly Referral[];
  readonly packages: readonly CarePackage[];
  readonly transitions: readonly Transition[];
  readonly health: readonly HealthYear[];
  readonly rules: readonly RuleText[];
  readonly results: readonly RuleResult[];
  readonly dataAsOf: string;
  readonly firstAdmission: string | null;
  readonly firstArrival: string | null;
}

export interface WorldSize {
  readonly name: string;
  readonly first: string;
  readonly days: number;
  readonly patients: number;
  readonly spells: number;
  readonly attendances: number;
}

/** Small fast random numbers (mulberry32), the same for the same seed everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const unknown = 'unknown';

const ruleText = (name: string, objectives: string, more: Partial<RuleText> = {}): RuleText => ({
  name,
  title: `Title of ${name}`,
  objectives,
  isProduction: true,
  isCurrent: true,
  isExpired: false,
  ...more,
});

/** One has an earlier text, one is not there any more, and one runs in the shadow. */
const ruleTexts: readonly RuleText[] = [
  ruleText('ed_wait', 'E,H'),
  ruleText('long_stay', 'B'),
  ruleText('dq_dates', 'D'),
  ruleText('trial', 'C', { isProduction: false }),
  ruleText('follow_up', 'C'),
  ruleText('long_stay', 'B', { title: 'An earlier title', isCurrent: false, isExpired: true }),
  ruleText('gone', 'H', { isCurrent: false, isExpired: true }),
];

export function makeWorld(seed: number, size: WorldSize): World {
  const random = randomOf(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]): T => values[upTo(values.length)]!;
  // Some members are rare, so that small cells stand beside large ones.
  const skewed = <T>(values: readonly T[]): T => values[Math.floor(values.length * random() ** 3)]!;
  const maybe = <T>(share: number, value: T): T | null => (random() < share ? null : value);
  const patient = (): number => 1 + Math.floor(size.patients * random() ** 1.5);

  // One bed base is unknown, and one is so large that shares of it are released with a decimal.
  const trusts = [
    { code: 'RA1', name: 'Alder', beds: 4_400 },
    { code: 'RB2', name: 'Birch', beds: 12 },
    { code: 'RC3', name: null, beds: null },
    { code: 'RD4', name: 'Dogwood', beds: 7 },
  ];
  const specialties = [
    { code: '300', name: 'General medicine' },
    { code: '100', name: 'General surgery' },
    { code: '501', name: 'Obstetrics' },
    { code: unknown, name: null },
  ];
  const codes = [
    { list: 'admission_method', code: '21', name: 'Emergency: A&E' },
    { list: 'admission_method', code: '11', name: 'Elective: waiting list' },
    { list: 'ed_destination', code: '01', name: 'Home' },
    { list: 'ed_destination', code: '02', name: 'Ward' },
    { list: 'hrg', code: 'DZ11A', name: 'Lobar pneumonia' },
    { list: 'bnf_chapter', code: '02', name: 'Cardiovascular System' },
    // A code of another list that looks like one of ours.
    { list: 'hrg', code: '01', name: 'Not a destination' },
  ];
  const trustCodes = trusts.map(({ code }) => code);

  const spells = Array.from({ length: size.spells }, (): Spell => {
    const admission = plus(size.first, upTo(size.days));
    const stay = random() < 0.2 ? 0 : Math.floor(45 * random() ** 3);
    return {
      patient: patient(),
      trust: skewed(trustCodes),
      specialty: skewed(specialties.map(({ code }) => code)),
      ward: skewed(['W1', 'W2', unknown]),
      method: skewed(['21', '11', '82', unknown]),
      hrg: skewed(['DZ11A', 'PB03Z', 'EB07', unknown]),
      admission,
      discharge: maybe(0.06, plus(admission, stay)),
      died: random() < 0.1,
      inCensus: random() > 0.05,
    };
  });
  const start = Date.parse(`${size.first}T00:00:00Z`) / 1000;
  const attendances = Array.from({ length: size.attendances }, (): Attendance => {
    const arrived = start + upTo(size.days * 86_400);
    const minutes = random() < 0.05 ? pick([240, 241, 720, 721, 4_320, 4_321]) : 20 + upTo(500);
    return {
      patient: patient(),
      trust: skewed(trustCodes),
      arrived,
      departed: arrived + minutes * 60,
      triage: skewed(['3', '2', '4', '5', '1', unknown]),
      complaint: skewed(['Chest pain', 'Falls', 'Fever', unknown]),
      destination: skewed(['01', '02', '05', '03', '04', unknown]),
      totalMinutes: maybe(0.03, minutes),
      treatmentMinutes: maybe(0.2, pick([0, 60, 61, upTo(200)])),
      back: random() < 0.1,
      backSameTrust: random() < 0.05,
      inYear: pick([1, 2, 4, 5, 6]),
    };
  });
  const costs = Array.from({ length: size.spells }, (): Cost => {
    const setting = skewed([
      'ACUTE',
      'PRESCRIBING',
      'SOCIAL_CARE',
      'EMERGENCY',
      'COMMUNITY',
      'MENTAL_HEALTH',
    ]);
    const hospital = setting === 'ACUTE' || setting === 'EMERGENCY';
    return {
      patient: patient(),
      setting,
      day: plus(size.first, upTo(size.days)),
      trust: hospital ? skewed(trustCodes) : 'not attributable',
      ageBand: skewed(['60-69', '90+', '0-17', unknown]),
      quintile: skewed(['1', '3', unknown]),
      // Some have no cost, and a few have nearly all of it.
      amount: maybe(0.05, pick([upTo(4e7), upTo(9e9), 0, random() < 0.05 ? 3e12 : 1e7])),
    };
  });
  const practices = [
    { code: 'M81001', name: 'Elm Surgery' },
    { code: 'M81002', name: null },
    { code: 'M81003', name: 'Oak Practice' },
  ];
  const prescriptions = Array.from(
    { length: size.spells },
    (): Prescription => ({
      patient: patient(),
      day: plus(size.first, upTo(size.days)),
      practice: skewed([...practices.map(({ code }) => code), unknown]),
      bnf: skewed(['0206020', '0103050P0AAAAAA', '04', unknown]),
      items: pick([1, 1, 1, 2, 0]),
      net: maybe(0.05, upTo(3_000)),
      actual: maybe(0.05, random() < 0.01 ? 9_000_000 : upTo(3_000)),
    }),
  );
  const referrals = Array.from({ length: size.spells }, (): Referral => {
    const day = plus(size.first, upTo(size.days));
    return {
      patient: patient(),
      day,
      source: skewed(['A01', 'A03', 'A02', unknown]),
      urgency: skewed(['Routine', 'Urgent', unknown]),
      cluster: skewed(['3', '11', unknown]),
      firstContact: maybe(0.2, plus(day, upTo(30))),
      initialHonos: maybe(0.3, upTo(49)),
      latestHonos: maybe(0.3, upTo(49)),
      contacts: maybe(0.1, upTo(4)),
      discharge: maybe(0.4, plus(day, upTo(30))),
    };
  });
  const packages = Array.from({ length: Math.ceil(size.spells / 4) }, (): CarePackage => {
    const day = plus(size.first, upTo(size.days));
    return {
      patient: patient(),
      day,
      type: skewed(['HOMECARE', 'NURSING', unknown]),
      status: skewed(['Active', 'Completed', unknown]),
      weekly: maybe(0.1, random() < 0.03 ? 99_000_000 : upTo(90_000)),
      review: maybe(0.1, plus(day, upTo(90))),
    };
  });
  const transitions = Array.from({ length: size.spells }, (): Transition => {
    const from = skewed(['ACUTE', 'EMERGENCY', 'COMMUNITY']);
    const gap = Math.floor(60 * random() ** 2);
    return {
      patient: patient(),
      day: plus(size.first, upTo(size.days)),
      from,
      to: from === 'ACUTE' ? 'COMMUNITY' : skewed(['ACUTE', 'MENTAL_HEALTH']),
      gap,
      overlaps: gap === 0 && random() < 0.5,
    };
  });
  const last = Number(size.first.slice(0, 4));
  const health = Array.from({ length: Math.min(Math.max(size.attendances, 300), 1_200) }, (_none, index) => {
    const person = {
      patient: index + 1,
      quintile: skewed(['2', '1', '3', '4', unknown, '5']),
      group: skewed(['white', 'asian', 'not_stated']),
    };
    return [last - 1, last].map((year): HealthYear => {
      const band = skewed([9, 3, 15, 18, -1]);
      return {
        ...person,
        year: `${year}-01-01`,
        age: band < 0 ? unknown : band < 4 ? '0-17' : '40-49',
        band,
        events: {
          EMERGENCY_ADMISSIONS: upTo(4) === 0 ? 0 : upTo(4),
          HOSPITAL_DEATHS: random() < 0.04 ? 1 : 0,
        },
      };
    });
  }).flat();
  const results = Array.from(
    { length: size.spells },
    (): RuleResult => ({
      patient: patient(),
      rule: skewed(ruleTexts),
      trust: maybe(0.2, skewed(trustCodes)),
      // Late in the evening the day in London may be the next one.
      first: start + upTo(size.days) * 86_400 + pick([3_600, 86_399, 84_600]),
      occurrences: pick([1, 1, 1, 2, 5]),
      isResolved: random() < 0.3,
      isOutranked: random() < 0.1,
    }),
  );
  const admissions = spells.map(({ admission }) => admission).sort();
  const arrivals = attendances.map(({ arrived }) => london(arrived).day).sort();
  return {
    name: size.name,
    trusts,
    trustVersions: versionsOf(trusts, size.first),
    firstLoad: plus(size.first, 2),
    specialties,
    codes,
    spells,
    attendances,
    costs,
    practices,
    prescriptions,
    referrals,
    packages,
    transitions,
    health,
    rules: ruleTexts,
    results,
    dataAsOf: [...admissions, ...arrivals].sort().at(-1) ?? size.first,
    firstAdmission: admissions[0] ?? null,
    firstArrival: arrivals[0] ?? null,
  };
}

/** The second in which a local day begins. */
function startOf(day: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`) / 1000;
  return utc - london(utc).hour * 3600;
}

/** One trust has got a name and beds within a day, one has got others at midnight, and one was gone for a while. */
function versionsOf(trusts: readonly Trust[], first: string): TrustVersion[] {
  const loaded = startOf(plus(first, 3)) - 1_800;
  const late = Date.parse(`${plus(first, 30)}T23:30:00Z`) / 1000;
  const midnight = startOf(plus(first, 50));
  return trusts.flatMap((trust): TrustVersion[] => {
    const at = (from: number, to: number | null, change: Partial<Trust> = {}): TrustVersion => ({
      ...trust,
      ...change,
      from,
      to,
    });
    switch (trust.code) {
      case 'RA1':
        return [at(loaded, late, { name: 'Ash', beds: null }), at(late, null)];
      case 'RB2':
        return [at(loaded, midnight, { name: 'Beech', beds: 10 }), at(midnight, null)];
      case 'RD4':
        return [at(loaded, late, { beds: 9 }), at(midnight, null)];
      default:
        return [at(loaded, null)];
    }
  });
}

/** First day of any event, and last day of the calendar. */
export function calendarOf(world: World): { first: string; last: string } {
  const days = [world.firstAdmission, world.firstArrival, world.dataAsOf]
    .filter((day) => day !== null)
    .sort();
  const ends = world.spells.flatMap(({ discharge }) => discharge ?? []);
  return { first: days[0]!, last: [...ends, world.dataAsOf].sort().at(-1)! };
}

/** Every full local hour of the days with data, as instants in seconds. */
export function hoursOf(world: World): number[] {
  const { first } = calendarOf(world);
  const from = Date.parse(`${plus(first, -1)}T00:00:00Z`) / 3_600_000;
  const to = Date.parse(`${plus(world.dataAsOf, 2)}T00:00:00Z`) / 3_600_000;
  const hours = Array.from({ length: to - from }, (_none, index) => (from + index) * 3600);
  return hours.filter((at) => {
    const { day } = london(at);
    return day >= first && day <= world.dataAsOf;
  });
}

/** Millionths as a decimal number. */
const decimal = (millionths: number): string => {
  const digits = String(millionths).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
};
/** Days from the discharge to the next emergency admission of the patient on or after it; null if there is none. */
export function nextEmergency(world: World, of: Spell, sameTrust: boolean): number | null {
  const { discharge } = of;
  if (discharge === null) return null;
  const days = world.spells
    .filter(
      (s) =>
        s !== of &&
        s.patient === of.patient &&
        s.method.startsWith('2') &&
        s.admission >= discharge &&
        (!sameTrust || s.trust === of.trust),
    )
    .map((s) => daysFrom(discharge, s.admission));
  return days.length === 0 ? null : Math.min(...days);
}

function insertsOf(world: World): string[] {
  const { first, last } = calendarOf(world);
  const spell = (s: Spell, index: number): Record<string, Cell> => ({
    spell_sk: index,
    patient_no: s.patient,
    trust_code: s.trust,
    specialty_code: s.specialty,
    ward_code: s.ward,
    admission_method: s.method,
    hrg_code: s.hrg,
    admission_date: s.admission,
    discharge_date: s.discharge,
    discharge_destination: s.discharge === null ? null : s.died ? '79' : index % 3 === 0 ? null : '19',
    bed_until: s.discharge ?? plus(world.dataAsOf, 1),
    los_days: s.discharge === null ? null : daysFrom(s.admission, s.discharge),
    in_census: s.inCensus,
    is_emergency: s.method.startsWith('2'),
  });
  const score = (s: Spell, index: number): Record<string, Cell> => ({
    spell_sk: index,
    patient_no: s.patient,
    next_emergency_days: nextEmergency(world, s, false),
    next_emergency_days_same_trust: nextEmergency(world, s, true),
  });
  const attendance = (a: Attendance): Record<string, Cell> => {
    const { day, hour } = london(a.arrived);
    return {
      patient_no: a.patient,
      trust_code: a.trust,
      arrived_at: a.arrived,
      departed_at: a.departed,
      arrival_date: day,
      arrival_hour: hour,
      weekday: weekdayOf(day),
      triage_category: a.triage,
      presenting_complaint: a.complaint,
      discharge_destination: a.destination,
      total_minutes: a.totalMinutes,
      treatment_minutes: a.treatmentMinutes,
      reattended_7d: a.back,
      reattended_7d_same_trust: a.backSameTrust,
      attendances_365d: a.inYear,
    };
  };
  return [
    ...insertSql(
      dimTrust,
      world.trusts.map(({ code, name, beds }) => ({ trust_code: code, trust_name: name, beds })),
    ),
    ...insertSql(
      dimTrustVersion,
      world.trustVersions.map(({ code, name, beds, from, to }, index) => ({
        trust_code: code,
        trust_name: name,
        beds,
        valid_from: from,
        valid_to: to,
        is_current: to === null,
        batch_id: index,
      })),
    ),
    ...insertSql(
      dimSpecialty,
      world.specialties.map(({ code, name }) => ({ specialty_code: code, specialty_name: name })),
    ),
    ...insertSql(
      dimCode,
      world.codes.map(({ list, code, name }) => ({ code_list: list, code, name })),
    ),
    ...insertSql(
      dimDate,
      daysBetween(first, last).map((day) => ({
        day,
        weekday: weekdayOf(day),
        in_data: day <= world.dataAsOf,
      })),
    ),
    ...insertSql(
      dimHour,
      hoursOf(world).map((at) => {
        const { day, hour } = london(at);
        return { sampled_at: at, day, hour, weekday: weekdayOf(day) };
      }),
    ),
    ...insertSql(factSpell, world.spells.map(spell)),
    ...insertSql(factSpellScore, world.spells.map(score)),
    ...insertSql(factEdAttendance, world.attendances.map(attendance)),
    ...insertSql(
      factCost,
      world.costs.map((c) => ({
        patient_no: c.patient,
        setting: c.setting,
        day: c.day,
        trust_code: c.trust,
        age_band: c.ageBand,
        deprivation_quintile: c.quintile,
        amount: c.amount === null ? null : decimal(c.amount),
      })),
    ),
    ...insertSql(
      dimPractice,
      world.practices.map(({ code, name }) => ({ practice_code: code, practice_name: name })),
    ),
    ...insertSql(
      factPrescription,
      world.prescriptions.map((p) => ({
        patient_no: p.patient,
        prescription_date: p.day,
        practice_code: p.practice,
        bnf_code: p.bnf,
        items: p.items,
        net_ingredient_cost: p.net === null ? null : decimal(p.net * 10_000),
        actual_cost: p.actual === null ? null : decimal(p.actual * 10_000),
      })),
    ),
    ...insertSql(
      factReferral,
      world.referrals.map((r) => ({
        patient_no: r.patient,
        referral_date: r.day,
        referral_source: r.source,
        urgency: r.urgency,
        care_cluster: r.cluster,
        first_contact_date: r.firstContact,
        initial_honos: r.initialHonos,
        latest_honos: r.latestHonos,
        total_contacts: r.contacts,
        discharge_date: r.discharge,
      })),
    ),
    ...insertSql(
      factCarePackage,
      world.packages.map((p) => ({
        patient_no: p.patient,
        start_date: p.day,
        package_type: p.type,
        status: p.status,
        weekly_cost: p.weekly === null ? null : decimal(p.weekly * 10_000),
        review_date: p.review,
      })),
    ),
    ...insertSql(
      factCareTransition,
      world.transitions.map((t) => ({
        patient_no: t.patient,
        transition_date: t.day,
        from_setting: t.from,
        to_setting: t.to,
        gap_days: t.gap,
        is_overlap: t.overlaps,
      })),
    ),
    ...insertSql(
      factHealthYear,
      world.health.flatMap((h) =>
        Object.entries({ PERSON: 1, ...h.events })
          .filter(([, n]) => n > 0)
          .map(([kind, n]) => ({
            year_start: h.year,
            patient_no: h.patient,
            kind,
            n,
            age_band: h.age,
            standard_band: h.band,
            deprivation_quintile: h.quintile,
            ethnic_group: h.group,
          })),
      ),
    ),
    ...insertSql(
      cdsRule,
      world.rules.map((r, at) => ({
        rule: r.name,
        text_sha256: String(at),
        title: r.title,
        validation: r.isProduction ? 'production' : 'testing',
        is_current: r.isCurrent,
        is_expired: r.isExpired,
        objectives: r.objectives,
      })),
    ),
    ...insertSql(
      cdsResult,
      world.results.map((r, at) => ({
        result_key: at,
        rule: r.rule.name,
        text_sha256: String(world.rules.indexOf(r.rule)),
        patient_no: r.patient,
        trust_code: r.trust,
        first_fired_at: r.first,
        last_fired_at: r.first,
        occurrences: r.occurrences,
        resolved_at: r.isResolved ? r.first : null,
        is_outranked: r.isOutranked,
      })),
    ),
    ...insertSql(releaseDay, [
      {
        data_as_of: world.dataAsOf,
        first_admission: world.firstAdmission,
        first_arrival: world.firstArrival,
        first_load: world.firstLoad,
        disclosure_threshold: 8,
        disclosure_base: 5,
      },
    ]),
  ];
}

/**
 * Publishes the world as release 1 of a folder, unless one is there, and opens it as the server would. `changes` are made
 * to it before.
 */
export async function publish(
  world: World,
  folder: string,
  changes: readonly string[] = [],
): Promise<Warehouse> {
  if (existsSync(join(folder, servedFile))) return serveFile(folder, world.dataAsOf);
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(join(folder, servedFile));
  const connection = await instance.connect();
  const gold = goldBuilder();
  const marts = measureDatasets.map(martPlan);
  try {
    for (const declared of [...goldTables, ...marts.map(martTable)])
      await connection.run(createTable(undefined, declared));
    await connection.run('begin');
    for (const statement of insertsOf(world)) await connection.run(statement);
    for (const mart of marts) {
      const events = duckdbDialect.compile(stagedQuery(gold, duckdbDialect, mart)).sql;
      await connection.run(`create temp table ${stagedEvents(mart)} as ${events}`);
      for (const fill of fillMart(gold, duckdbDialect, mart))
        await connection.run(duckdbDialect.compile(fill).sql);
      for (const { column } of mart.published?.figures ?? [])
        await connection.run(
          `update ${mart.name} set ${withheldOf(column)} = true where ${withheldWhere(column)}`,
        );
    }
    await connection.run('commit');
    for (const change of changes) await connection.run(change);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return serveFile(folder, world.dataAsOf);
}
