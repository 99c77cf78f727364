import type { Role } from '../src/access/role.js';

/**
 * A question of the bench and its floor: the same rows by the plainest SQL over the same release, a statement for the rows
 * and, of nested ones, one for those below them.
 */
export interface Question {
  readonly name: string;
  readonly rows: number;
  readonly most: number;
  readonly role: Role;
  readonly query: string;
  readonly floor: string;
  /** Field with the rows below a row, and the statement that finds them: columns `n`, that of the row, and theirs. */
  readonly below?: { readonly field: string; readonly floor: string };
}

const edWaits = (by: string, grain: string, first: number): string =>
  `{ edWaits(by: [${by}], grain: ${grain}, first: ${first}) { nodes { period trustCode presentingComplaint attendances within4HoursPct medianMinutes } } }`;
const edFloor = (set: number, grain: string, first: number): string =>
  `select cast(period as varchar) as period, trust_code as "trustCode", presenting_complaint as "presentingComplaint", cast(events as double) as attendances, 100.0 * within_4_hours / nullif(events, 0) as "within4HoursPct", median_minutes as "medianMinutes" from mart_ed_waits where by_set = ${set} and grain = '${grain}' order by period, trust_code, presenting_complaint limit ${first}`;

const beds = (by: string, grain: string, first: number): string =>
  `{ bedOccupancy(by: [${by}], grain: ${grain}, first: ${first}) { nodes { period trustCode specialtyCode occupiedBedDays occupiedBeds availableBeds } } }`;
const bedFloor = (set: number, grain: string, first: number): string =>
  `select cast(period as varchar) as period, trust_code as "trustCode", specialty_code as "specialtyCode", cast(events as double) as "occupiedBedDays", cast(occupied_beds_n as double) / nullif(samples, 0) as "occupiedBeds", cast(capacity as double) as "availableBeds" from mart_bed_occupancy where by_set = ${set} and grain = '${grain}' order by period, trust_code, specialty_code limit ${first}`;

const episodes = (first: number): string =>
  `{ episodes(first: ${first}) { nodes { trustCode trustName admissionDate losDays specialtyCode hrgCode } } }`;
/** Finance sees months, and no restricted patient. */
const episodesFloor = (first: number): string =>
  `select t.trust_code as "trustCode", d.trust_name as "trustName", cast(cast(date_trunc('month', t.admission_date) as date) as varchar) as "admissionDate", t.los_days as "losDays", t.specialty_code as "specialtyCode", case when t.is_sensitive then 'SENSITIVE' else t.hrg_code end as "hrgCode" from fact_spell t join dim_patient p on p.patient_no = t.patient_no left join dim_trust d on d.trust_code = t.trust_code where not p.is_restricted order by date_trunc('month', t.admission_date), t.spell_sk limit ${first}`;

export const questions: readonly Question[] = [
  {
    name: 'edWaits',
    rows: 40,
    most: 1.5,
    role: 'operations',
    query: edWaits('TRUST', 'QUARTER', 40),
    floor: edFloor(1, 'QUARTER', 40),
  },
  {
    name: 'edWaits',
    rows: 10_000,
    most: 1.4,
    role: 'operations',
    query: edWaits('TRUST COMPLAINT', 'WEEK', 10_000),
    floor: edFloor(5, 'WEEK', 10_000),
  },
  {
    name: 'bedOccupancy',
    rows: 40,
    most: 1.5,
    role: 'operations',
    query: beds('TRUST', 'QUARTER', 40),
    floor: bedFloor(1, 'QUARTER', 40),
  },
  {
    name: 'bedOccupancy',
    rows: 10_000,
    most: 1.4,
    role: 'operations',
    query: beds('TRUST SPECIALTY', 'DAY', 10_000),
    floor: bedFloor(3, 'DAY', 10_000),
  },
  {
    name: 'episodes',
    rows: 40,
    most: 1.5,
    role: 'finance',
    query: episodes(40),
    floor: episodesFloor(40),
  },
  {
    name: 'episodes',
    rows: 10_000,
    most: 1.4,
    role: 'finance',
    query: episodes(10_000),
    floor: episodesFloor(10_000),
  },
  {
    name: 'patients',
    rows: 100,
    most: 2,
    role: 'analyst',
    query:
      '{ patients(first: 100) { nodes { gender ageBand episodes(first: 10) { nodes { trustCode admissionDate losDays } } } } }',
    floor:
      'select p.patient_no as n, p.row_gender as gender, p.row_age_band as "ageBand" from dim_patient p where not p.is_restricted order by p.patient_sk limit 100',
    below: {
      field: 'episodes',
      floor: `select patient_no as n, "trustCode", cast("admissionDate" as varchar) as "admissionDate", "losDays" from (select t.patient_no, t.trust_code as "trustCode", cast(date_trunc('week', t.admission_date) as date) as "admissionDate", case when t.los_days is not null then least(t.los_days, l.los_days) end as "losDays", row_number() over (partition by t.patient_no order by date_trunc('week', t.admission_date), t.spell_sk) as place from fact_spell t join dim_patient p on p.patient_no = t.patient_no, release_limit l where not p.is_restricted and t.patient_no in (:rows)) where place <= 10 order by n, place`,
    },
  },
];

/** A question asked by a role from whom something is withheld, and by one who sees the same exactly. */
export interface Masking {
  readonly name: string;
  readonly masked: Role;
  readonly plain: Role;
  readonly query: string;
  readonly most: number;
}

const [withMart, elsewhere] = [1.2, 5];
const waits = 'attendances within4HoursPct medianMinutes admittedPct';
const stays = 'discharges meanDays medianDays longStay21';

export const maskings: readonly Masking[] = [
  {
    name: 'edWaits from the mart',
    masked: 'analyst',
    plain: 'operations',
    query: `{ edWaits(by: [TRUST], grain: QUARTER) { nodes { period trustCode ${waits} } } }`,
    most: withMart,
  },
  {
    name: 'edWaits from the mart',
    masked: 'bi-reader',
    plain: 'operations',
    query: `{ edWaits(by: [TRUST], grain: QUARTER) { nodes { period trustCode ${waits} } } }`,
    most: withMart,
  },
  {
    name: 'lengthOfStay from the mart',
    masked: 'analyst',
    plain: 'operations',
    query: `{ lengthOfStay(by: [TRUST SPECIALTY], grain: MONTH, first: 2000) { nodes { period trustCode specialtyCode ${stays} } } }`,
    most: withMart,
  },
  {
    name: 'edWaits from events',
    masked: 'analyst',
    plain: 'operations',
    query: `{ edWaits(by: [TRUST TRIAGE ARRIVAL_HOUR], grain: YEAR, first: 500) { nodes { period trustCode ${waits} } } }`,
    most: elsewhere,
  },
  {
    name: 'lengthOfStay from events',
    masked: 'analyst',
    plain: 'operations',
    query: `{ lengthOfStay(by: [TRUST SPECIALTY ADMISSION_METHOD HRG], grain: ALL, first: 500) { nodes { trustCode ${stays} } } }`,
    most: elsewhere,
  },
  {
    name: 'episodes',
    masked: 'analyst',
    plain: 'clinician',
    query: '{ episodes(first: 500) { nodes { admissionDate losDays specialtyCode primaryDiagnosis } } }',
    most: elsewhere,
  },
];

/** Questions by the name under which the client asks for their floor. */
export const floors: ReadonlyMap<string, Question> = new Map(
  questions.map((question) => [`${question.name}/${question.rows}`, question]),
);
