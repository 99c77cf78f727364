import type { Engine } from '../engine.js';
import { ofPatients } from '../sql.js';
import { touchedPeriods, touchedPersons } from './fill.js';

/**
 * What the fills read: the facts of all persons, or of those touched, with the ids of the OMOP rows that others refer
 * to. Names of temporary views or tables.
 */
export const relations = {
  patient: 'omop_patient',
  spell: 'omop_spell',
  attendance: 'omop_attendance',
  contact: 'omop_contact',
  referral: 'omop_referral',
  prescription: 'omop_prescription',
  carePackage: 'omop_care_package',
  /** First and last day of the events of a person in a year: `patient_no first_day last_day`. */
  life: 'omop_life',
  /** Ids of providers by staff key. */
  provider: 'omop_provider',
} as const;

/** Persons without a birth date, whom OMOP cannot hold: their rows are left out. */
const excluded = 'select patient_no from memory.main.patient_key where date_of_birth is null';
const withoutExcluded = (rows: string): string => `${rows} anti join (${excluded}) using (patient_no)`;

/** Wall clock of an instant in the zone of the hospitals. */
const local = (instant: string): string => `timezone('Europe/London', timezone('UTC', ${instant}))`;

interface Scope {
  /** `view`: read where they lie. `table`: few enough to keep. */
  readonly as: 'view' | 'table';
  /** FROM of the rows `f` of a table that are made to rows of OMOP. */
  readonly persons: (table: string) => string;
  /** The same of those that make observation periods. */
  readonly periods: (table: string) => string;
  /** The same of prescriptions. */
  readonly medicines: (table: string) => string;
  /** SQL of the ids, and the joins that they need. */
  readonly ids: Readonly<
    Record<'spell' | 'attendance' | 'contact' | 'prescription', { join: string; id: string }>
  >;
}

/** Relations of all persons. Ids of visits and medicines are the places of their facts, which lie in order. */
export async function relateAll(engine: Engine, dataAsOf: string): Promise<void> {
  const [held] = await engine.rows<{ without: number; spells: number; attendances: number }>(`select
  cast((select count(*) from (${excluded})) as double) as without,
  cast((select coalesce(max(rowid) + 1, 0) from fact_spell) as double) as spells,
  cast((select coalesce(max(rowid) + 1, 0) from fact_ed_attendance) as double) as attendances`);
  const { without, spells, attendances } = held ?? { without: 0, spells: 0, attendances: 0 };
  const place = (after: number) => ({ join: '', id: `cast(f.rowid + ${after + 1} as integer)` });
  const rows = (table: string): string => (without === 0 ? `${table} f` : withoutExcluded(`${table} f`));
  await relate(engine, dataAsOf, {
    as: 'view',
    persons: rows,
    periods: rows,
    medicines: rows,
    ids: {
      spell: place(0),
      attendance: place(spells),
      contact: place(spells + attendances),
      prescription: place(0),
    },
  });
}

/** Relations of the persons touched, whose ids stand in `omop_visit_key(source_value, id)` and `omop_drug_key(sk, id)`. */
export async function relateTouched(engine: Engine, dataAsOf: string): Promise<void> {
  const among =
    (persons: string) =>
    (table: string): string =>
      ofPatients(`${table} f`, `(from ${withoutExcluded(persons)})`);
  const visit = (key: string) => ({
    join: `join omop_visit_key k on k.source_value = hex(f.${key})`,
    id: 'k.id',
  });
  await relate(engine, dataAsOf, {
    as: 'table',
    persons: among(touchedPersons),
    periods: among(touchedPeriods),
    // The ids are given to those touched alone.
    medicines: (table) => withoutExcluded(`${table} f`),
    ids: {
      spell: visit('spell_sk'),
      attendance: visit('attendance_sk'),
      contact: visit('contact_sk'),
      prescription: { join: 'join omop_drug_key k on k.sk = f.prescription_sk', id: 'k.id' },
    },
  });
}

async function relate(engine: Engine, dataAsOf: string, scope: Scope): Promise<void> {
  const { persons, periods, medicines, ids } = scope;
  const make = (relation: keyof typeof relations, select: string): Promise<void> =>
    engine.run(`create or replace temp ${scope.as} ${relations[relation]} as ${select}`);
  const plain = (fact: string): string => `select f.* from ${persons(fact)}`;
  await make(
    'patient',
    `select f.*, cast(year(p.date_of_birth) as integer) as year_of_birth, s.ethnicity
from ${persons('dim_patient')} join memory.main.patient_key p on p.patient_no = f.patient_no join memory.main.silver_patients s on s.patient_id = p.patient_id`,
  );
  await make(
    'spell',
    `select f.*, ${ids.spell.id} as visit_id from ${persons('fact_spell')} ${ids.spell.join}`,
  );
  await make(
    'attendance',
    `select f.*, ${local('f.arrived_at')} as arrived_local, ${local('f.departed_at')} as departed_local, ${ids.attendance.id} as visit_id from ${persons('fact_ed_attendance')} ${ids.attendance.join}`,
  );
  await make(
    'contact',
    `select f.*, ${ids.contact.id} as visit_id from ${persons('fact_contact')} ${ids.contact.join}`,
  );
  await make(
    'prescription',
    `select f.*, ${ids.prescription.id} as drug_id from ${medicines('fact_prescription')} ${ids.prescription.join}`,
  );
  await make('referral', plain('fact_referral'));
  await make('carePackage', plain('fact_care_package'));
  const event = (fact: string, first: string, last: string = first): string =>
    `select f.patient_no, ${first} as first_day, ${last} as last_day from ${periods(fact)}`;
  await engine.run(`create or replace temp table ${relations.life} as
select patient_no, min(first_day) as first_day, max(last_day) as last_day from (
  ${event('fact_spell', 'admission_date', `coalesce(discharge_date, greatest(admission_date, DATE '${dataAsOf}'))`)}
  union all ${event('fact_ed_attendance', 'arrival_date')}
  union all ${event('fact_referral', 'referral_date')}
  union all ${event('fact_contact', 'contact_date')}
  union all ${event('fact_prescription', 'prescription_date')}
  union all ${event('fact_care_package', 'start_date')}
) group by patient_no, year(first_day)`);
}

/** Drops the relations, of whichever kind they are. */
export async function unrelate(engine: Engine): Promise<void> {
  const kept = await engine.rows<{ name: string; kind: string }>(
    "select view_name as name, 'view' as kind from duckdb_views() where temporary and view_name like 'omop\\_%' escape '\\' union all select table_name, 'table' from duckdb_tables() where temporary and table_name like 'omop\\_%' escape '\\'",
  );
  for (const { name, kind } of kept) await engine.run(`drop ${kind} temp.main.${name}`);
}

/** Ids of providers by the key that facts hold. */
export const relateProviders = (engine: Engine): Promise<void> =>
  engine.run(
    `create or replace temp table ${relations.provider} as select unhex(provider_source_value) as sk, provider_id from provider`,
  );
