import { DuckDBInstance } from '@duckdb/node-api';
import { goldSchema } from '../migrations/gold.js';
import { quoted } from '../src/warehouse/duckdb/ddl.js';
import { goldTables } from '../src/warehouse/gold/index.js';
import type { ColumnDeclaration, TableDeclaration } from '../src/warehouse/table.js';

/** The 912 days of the events; rules are run at the end of the last. */
const firstDay = "date '2021-07-01'";
const days = 912;
export const lastDay = '2023-12-29';

/** What a table has of every so many patients, and its columns over the number `i` of a row, `n` rows and `p` patients. */
interface Filled {
  readonly rows: (patients: number) => number;
  readonly columns: Readonly<Record<string, string>>;
}

/** Between 0 and 1, evenly, the same for the same row; `salt` makes another of it. */
const chance = (salt: string): string => `(hash(i, '${salt}') % 1000000007 / 1000000007.0)`;
const oneOf = (salt: string, ...values: readonly string[]): string =>
  `([${values.map((value) => `'${value}'`).join(', ')}])[1 + cast(floor(${chance(salt)} * ${values.length}) as integer)]`;
const sometimes = (salt: string, share: number, value: string): string =>
  `case when ${chance(salt)} < ${share} then ${value} end`;
const key = 'unhex(md5(cast(i as varchar)))';
/** Rows lie by day, as those of a release do. */
const day = `cast(${firstDay} + cast(i * ${days} // n as integer) as date)`;
/** Some patients have many more events than others. */
const somebody = (salt: string): string => `1 + cast(floor(pow(${chance(salt)}, 1.5) * p) as integer)`;
const stay = `cast(floor(pow(${chance('stay')}, 3) * 40) as integer)`;
const arrival = `cast(${day} as timestamp) + to_seconds(cast(floor(${chance('clock')} * 86400) as bigint))`;
const minutes = `cast(20 + floor(pow(${chance('wait')}, 2) * 900) as integer)`;
const diagnoses = [
  'J440',
  'J180',
  'I210',
  'N183',
  'S720',
  'E119',
  'A419',
  'C349',
  'K352',
  'J459',
  'I48X',
  'R074',
];
const medicines = [
  '1001010J0AAAAAA',
  '0103050P0AAAAAA',
  '0208020V0AAAAAA',
  '0205051R0AAAAAA',
  '0202010B0AAAAAA',
  '0204000E0AAAAAA',
  '0407020Q0AAAAAA',
  '0401010Z0AAAAAA',
  '0212000B0AAAAAA',
  '0601022B0AAAAAA',
];
const age = 'cast(18 + i % 75 as integer)';

const filled: Readonly<Record<string, Filled>> = {
  dim_patient: {
    rows: (patients) => patients,
    columns: {
      patient_no: '1 + cast(i as integer)',
      patient_sk: key,
      gender: oneOf('sex', 'F', 'M'),
      deprivation_quintile: '1 + cast(i % 5 as integer)',
    },
  },
  fact_spell: {
    rows: (patients) => patients * 2,
    columns: {
      spell_sk: key,
      patient_no: somebody('spell'),
      admission_date: day,
      discharge_date: `cast(${day} + ${stay} as date)`,
      bed_until: `cast(${day} + ${stay} as date)`,
      los_days: stay,
      admission_method: oneOf('method', '11', '12', '21', '22', '28'),
      discharge_destination: oneOf('destination', '19', '19', '19', '29', '79'),
      primary_diagnosis: oneOf('diagnosis', ...diagnoses),
      secondary_diagnoses: sometimes(
        'second',
        0.4,
        oneOf('other', ...diagnoses.map((code) => `${code},I10X`)),
      ),
      is_diagnosis: 'true',
      age_at_event: age,
    },
  },
  fact_spell_interval: {
    rows: (patients) => patients * 2,
    columns: {
      spell_sk: key,
      patient_no: somebody('spell'),
      days_since_discharge: sometimes('gap', 0.5, `cast(floor(${chance('days')} * 200) as integer)`),
      contact_after_discharge: sometimes(
        'contact',
        0.6,
        `cast(${day} + ${stay} + cast(floor(${chance('after')} * 30) as integer) as date)`,
      ),
    },
  },
  fact_ed_attendance: {
    rows: (patients) => patients * 3,
    columns: {
      attendance_sk: key,
      patient_no: somebody('ed'),
      arrived_at: arrival,
      departed_at: `${arrival} + to_minutes(${minutes})`,
      arrival_date: day,
      triage_category: oneOf('triage', '1', '2', '3', '3', '4', '5'),
      presenting_complaint: oneOf(
        'complaint',
        'Chest pain',
        'Mental health',
        'Fever',
        'Fall',
        'Injury',
        'Abdominal pain',
      ),
      discharge_destination: oneOf('left', '01', '01', '02', '03', '05'),
      total_minutes: minutes,
      treatment_minutes: `${minutes} // 3`,
      investigations: sometimes('looked', 0.6, oneOf('what', 'ECG', 'Blood test', 'Blood test,ECG', 'X-ray')),
      safeguarding_concern: sometimes('asked', 0.9, `${chance('concern')} < 0.02`),
      age_at_event: age,
    },
  },
  fact_ed_interval: {
    rows: (patients) => patients * 3,
    columns: {
      attendance_sk: key,
      patient_no: somebody('ed'),
      treated_at: `${arrival} + to_minutes(${minutes} // 3)`,
      hours_since_departure: sometimes('back', 0.5, `${chance('hours')} * 2000`),
      mh_referral_after: sometimes(
        'mind',
        0.1,
        `cast(${day} + cast(floor(${chance('when')} * 30) as integer) as date)`,
      ),
    },
  },
  fact_referral: {
    rows: (patients) => Math.ceil(patients / 4),
    columns: {
      referral_sk: key,
      patient_no: somebody('referral'),
      referral_date: day,
      urgency: oneOf('urgent', 'Routine', 'Urgent', 'Emergency'),
      initial_honos: sometimes('first', 0.9, 'cast(10 + i % 20 as integer)'),
      latest_honos: sometimes('last', 0.8, 'cast(5 + i % 23 as integer)'),
      first_contact_date: sometimes('seen', 0.8, `cast(${day} + cast(i % 40 as integer) as date)`),
      last_contact_date: sometimes('seen', 0.8, `cast(${day} + cast(40 + i % 60 as integer) as date)`),
      discharge_date: sometimes('ended', 0.6, `cast(${day} + cast(100 + i % 60 as integer) as date)`),
      discharge_reason: sometimes('ended', 0.6, oneOf('why', 'DNA', 'Treatment completed')),
      risk_assessment: oneOf('risk', 'Low', 'Medium', 'High'),
    },
  },
  fact_referral_interval: {
    rows: (patients) => Math.ceil(patients / 4),
    columns: {
      referral_sk: key,
      patient_no: somebody('referral'),
      contact_after_discharge: sometimes(
        'cared',
        0.6,
        `cast(${day} + cast(100 + i % 70 as integer) as date)`,
      ),
    },
  },
  fact_contact: {
    rows: (patients) => patients * 2,
    columns: {
      contact_sk: key,
      patient_no: somebody('contact'),
      contact_date: day,
      care_activity: sometimes('told', 0.9, oneOf('activity', 'Wound care', 'Assessment', 'Injection')),
      safeguarding_concern: sometimes('noted', 0.9, `${chance('worry')} < 0.02`),
    },
  },
  fact_prescription: {
    rows: (patients) => patients * 4,
    columns: {
      prescription_sk: key,
      patient_no: somebody('medicine'),
      prescription_date: day,
      bnf_code: oneOf('bnf', ...medicines),
      quantity: 'cast(1 + i % 56 as integer)',
      daily_dose_mg: sometimes('dosed', 0.7, 'cast(5 + i % 200 as decimal(12, 3))'),
      days_supply: sometimes('supplied', 0.7, 'cast(7 + i % 28 as integer)'),
      items: '1',
      age_at_event: age,
    },
  },
  fact_care_package: {
    rows: (patients) => Math.ceil(patients / 20),
    columns: {
      package_sk: key,
      patient_no: somebody('care'),
      start_date: day,
      status: oneOf('status', 'Active', 'Completed'),
      review_date: sometimes('reviewed', 0.9, `cast(${day} + 365 as date)`),
    },
  },
  fact_observation: {
    rows: (patients) => patients,
    columns: {
      observation_sk: key,
      patient_no: '1 + cast(i // 7 % p as integer)',
      code_system: "'loinc'",
      code: "(['9279-1', '59408-5', '3151-8', '8480-6', '8867-4', '9269-2', '8310-5'])[1 + cast(i % 7 as integer)]",
      value: `cast(10 + ${chance('value')} * 100 as decimal(18, 6))`,
      observed_at: arrival,
      observed_date: day,
    },
  },
  fact_cost: {
    rows: (patients) => patients * 2,
    columns: {
      patient_no: somebody('cost'),
      setting: oneOf('setting', 'ACUTE', 'EMERGENCY', 'COMMUNITY'),
      day,
      amount: `cast(${chance('amount')} * 3000 as decimal(18, 6))`,
    },
  },
  fact_patient_cost: {
    rows: (patients) => patients,
    columns: {
      patient_no: '1 + cast(i as integer)',
      patient_sk: key,
      total_cost: `cast(${chance('total')} * 9000 as decimal(18, 6))`,
      in_top5: `${chance('top')} < 0.05`,
    },
  },
  quality_finding: {
    rows: (patients) => Math.ceil(patients / 10),
    columns: {
      patient_no: somebody('finding'),
      dataset: "'sus_episodes'",
      rule: oneOf('violated', 'DIAGNOSIS_INVALID', 'LOS_MISMATCH', 'SUS_DISCHARGE_BEFORE_ADMISSION'),
      row_key: key,
    },
  },
  release_day: { rows: () => 1, columns: { data_as_of: `date '${lastDay}'` } },
};

/** Events of the facts that rules read. */
const eventTables = [
  'fact_spell',
  'fact_ed_attendance',
  'fact_referral',
  'fact_contact',
  'fact_prescription',
  'fact_care_package',
  'fact_observation',
];

/** Makes the gold that rules read, straight by SQL. How many events it has. */
export async function makeGold(file: string, patients: number): Promise<number> {
  const instance = await DuckDBInstance.create(file, {
    memory_limit: '2GB',
    threads: '2',
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  for (const statement of goldSchema(goldTables, undefined, 'duckdb')) await connection.run(statement);
  for (const table of goldTables) {
    const given = filled[table.name];
    if (given) await connection.run(fillOf(table, given, patients));
  }
  await connection.run('checkpoint');
  connection.closeSync();
  instance.closeSync();
  return eventTables.reduce((sum, name) => sum + (filled[name]?.rows(patients) ?? 0), 0);
}

function fillOf(table: TableDeclaration, { rows, columns }: Filled, patients: number): string {
  const n = rows(patients);
  const select = Object.entries(table.columns).map(
    ([name, declared]) => `${columns[name] ?? usual(declared)} as ${quoted(name)}`,
  );
  return `insert into ${quoted(table.name)} select ${select.join(', ')}
    from (select range as i, ${n} as n, ${patients} as p from range(${n}))`;
}

/** What stands in a column that no rule reads. */
function usual({ type, nullable }: ColumnDeclaration): string {
  if (nullable) return 'null';
  switch (type.kind) {
    case 'text':
      return "'unknown'";
    case 'boolean':
      return 'false';
    case 'date':
      return firstDay;
    case 'instant':
      return `cast(${firstDay} as timestamp)`;
    case 'key128':
      return key;
    default:
      return '0';
  }
}
