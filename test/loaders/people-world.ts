import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createTable } from '../../src/warehouse/duckdb/ddl.js';
import {
  dimCode,
  dimPatient,
  dimPractice,
  dimSpecialty,
  dimTrust,
} from '../../src/warehouse/gold/dimensions.js';
import {
  factCarePackage,
  factContact,
  factEdAttendance,
  factPrescription,
  factReferral,
  factSpell,
} from '../../src/warehouse/gold/facts.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { releaseLimit } from '../../src/warehouse/gold/limits.js';
import { releaseDay } from '../../src/warehouse/gold/quality.js';
import { dimPatientVersion, dimPracticeVersion, dimTrustVersion } from '../../src/warehouse/gold/versions.js';
import type { TableDeclaration } from '../../src/warehouse/table.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import { plus } from './calendar.js';
import { type Cell, insertSql } from './insert.js';
import { servedFile, serveFile } from './served-file.js';

/** A row of a table. */
export type Facts = Readonly<Record<string, Cell>>;

/** Small tables of people with many ties, nulls and events of one patient. */
export interface PeopleWorld {
  readonly patients: readonly Facts[];
  readonly spells: readonly Facts[];
  readonly attendances: readonly Facts[];
  readonly prescriptions: readonly Facts[];
  readonly referrals: readonly Facts[];
  readonly contacts: readonly Facts[];
  readonly packages: readonly Facts[];
  readonly limits: Facts;
  readonly practices: readonly Facts[];
  readonly versions: Versions;
}

/** Rows with `valid_from` and `valid_to` beside the columns of the dimension. */
export interface Versions {
  readonly patients: readonly Facts[];
  readonly practices: readonly Facts[];
  readonly trusts: readonly Facts[];
}

export const trusts = ['RA1', 'RB2', 'RC3'];
export const trustNames: Readonly<Record<string, string | null>> = { RA1: 'Alder', RB2: 'Birch', RC3: null };
export const specialties: Readonly<Record<string, string | null>> = { '100': 'Surgery', '300': 'Medicine' };
export const methods: Readonly<Record<string, string>> = { '11': 'Waiting list', '21': 'Emergency' };
export const hrgs: Readonly<Record<string, string>> = { AA22: 'Nervous system', DZ19: 'Respiratory' };
export const destinations: Readonly<Record<string, string>> = { '01': 'Home', '02': 'Ward' };

/** The last day with data; a stay that ended 30 days before it or later is one of a patient in care. */
export const dataAsOf = '2024-01-31';

/** The local day on which the first versions were loaded. */
export const firstLoad = '2023-10-20';
/** Half an hour before the end of a day in summer time, the first second of one in summer, and half past midnight in winter. */
const loads = ['2023-10-20T22:30:00Z', '2023-10-24T23:00:00Z', '2023-11-15T00:30:00Z'].map(
  (at) => Date.parse(at) / 1000,
);

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Patients whose only stay ended on the last day that counts as care, or on the day before, each with rows of no trust:
 * one pair with a spell, one with an attendance.
 */
function atTheLimitOfCare(
  world: Record<'patients' | 'spells' | 'attendances' | 'contacts' | 'packages', Facts[]>,
  key: () => string,
): void {
  const last = plus(dataAsOf, -30);
  const midnight = Date.parse(`${last}T00:00:00Z`) / 1000;
  [0, 1].forEach((early) => {
    const [stayed, attended] = [world.patients.length + 1, world.patients.length + 2];
    for (const patient_no of [stayed, attended]) {
      world.patients.push({ ...world.patients[0]!, patient_no, patient_sk: key(), is_restricted: false });
      world.contacts.push({ ...world.contacts[0]!, contact_sk: key(), patient_no });
      world.packages.push({ ...world.packages[0]!, package_sk: key(), patient_no });
    }
    const discharge = plus(last, -early);
    world.spells.push({
      ...world.spells[0]!,
      ...{ spell_sk: key(), patient_no: stayed, admission_date: plus(discharge, -2), los_days: 2 },
      ...{ discharge_date: discharge, bed_until: discharge },
    });
    world.attendances.push({
      ...world.attendances[0]!,
      attendance_sk: key(),
      patient_no: attended,
      departed_at: midnight - early,
    });
  });
}

export function makePeople(seed: number, size: { patients: number; events: number }): PeopleWorld {
  const random = randomOf(seed);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]): T => values[upTo(values.length)]!;
  const maybe = <T>(value: T): T | null => (random() < 0.2 ? null : value);
  const key = (): string => Array.from({ length: 32 }, () => upTo(16).toString(16)).join('');
  const day = (): string => plus('2023-10-02', upTo(122));
  const money = (most: number): string => (upTo(most * 100) / 100).toFixed(2);
  const patient = (): number => 1 + upTo(size.patients);
  const many = (count: number, make: () => Facts): Facts[] => Array.from({ length: count }, make);

  const patients = Array.from({ length: size.patients }, (_none, at): Facts => {
    const age = pick([null, 4, 17, 18, 44, 90]);
    return {
      patient_no: at + 1,
      patient_sk: key(),
      gender: pick(['M', 'F', 'U']),
      age,
      age_band_5: age === null ? null : age >= 90 ? '90+' : age < 18 ? (age < 5 ? '0-4' : '15-17') : '18-19',
      age_band_10: age === null ? null : age >= 90 ? '90+' : age < 18 ? '0-17' : '18-29',
      ethnic_group: pick(['white', 'asian', 'not_stated']),
      deprivation_quintile: maybe(1 + upTo(5)),
      postcode_area: maybe(pick(['LE', 'B'])),
      practice_code: pick(['M81001', 'M81002', 'unknown']),
      is_restricted: random() < 0.1,
      // Unlike those of everybody, so that one in place of the other is seen.
      row_level: upTo(5),
      row_age_band: maybe(pick(['0-4', '20-24', '30-39'])),
      row_age_band_10: maybe(pick(['30-39', '40-49'])),
      row_gender: maybe(pick(['M', 'F', 'U'])),
      row_ethnic_group: maybe(pick(['mixed', 'black'])),
      row_postcode_area: maybe(pick(['LE', 'S'])),
      row_deprivation_quintile: maybe(1 + upTo(5)),
    };
  });
  const spells = many(size.events, (): Facts => {
    const admission = day();
    const stay = upTo(14);
    const open = random() < 0.1;
    const code = maybe(pick(['I21', 'J440', 'F101', 'W371']));
    return {
      spell_sk: key(),
      patient_no: patient(),
      trust_code: pick(trusts),
      specialty_code: pick(['100', '300', 'unknown']),
      ward_code: pick(['W10', 'W11']),
      admission_method: pick(['11', '21', 'unknown']),
      discharge_destination: maybe(pick(['19', '79'])),
      admission_date: admission,
      discharge_date: open ? null : plus(admission, stay),
      bed_until: plus(admission, stay),
      los_days: open ? null : stay,
      primary_diagnosis: code,
      is_diagnosis: code !== null && code !== 'W371',
      is_sensitive: code === 'F101',
      secondary_diagnoses: maybe('I10,F10'),
      secondary_diagnoses_shown: maybe('I10,SENSITIVE'),
      primary_procedure: maybe(pick(['W371', 'H01'])),
      secondary_procedures_shown: maybe('Z92'),
      hrg_code: pick(['AA22', 'DZ19', 'unknown']),
      consultant_sk: maybe(key()),
    };
  });
  const attendances = many(size.events, (): Facts => {
    const arrival = day();
    const hour = upTo(24);
    const arrived = Date.parse(`${arrival}T00:00:00Z`) / 1000 + hour * 3600;
    return {
      attendance_sk: key(),
      patient_no: patient(),
      trust_code: pick(trusts),
      arrived_at: arrived,
      departed_at: arrived + upTo(600) * 60,
      arrival_date: arrival,
      arrival_hour: hour,
      triage_category: pick(['1', '3', 'unknown']),
      presenting_complaint: pick(['Chest pain', 'Falls']),
      discharge_destination: pick(['01', '02', '05']),
      total_minutes: maybe(pick([0, 7, 8, 240, 241, 299, 500])),
      treatment_minutes: maybe(upTo(200)),
    };
  });
  const prescriptions = many(size.events, () => ({
    prescription_sk: key(),
    patient_no: patient(),
    practice_code: pick(['M81001', 'M81002', 'unknown']),
    prescription_date: day(),
    bnf_code: pick(['0206020', '0301011']),
    quantity: maybe(upTo(100)),
    items: 1 + upTo(3),
    net_ingredient_cost: maybe(pick([money(200), '4.99', '5.00', '14.99', '15.00'])),
    actual_cost: maybe(money(200)),
    prescriber_sk: maybe(key()),
  }));
  const referrals = many(size.events / 2, () => {
    const referred = day();
    const contact = maybe(plus(referred, upTo(60)));
    const code = maybe(pick(['F200', 'F10', 'F41']));
    return {
      referral_sk: key(),
      patient_no: patient(),
      referral_date: referred,
      referral_source: pick(['A01', 'A02']),
      primary_diagnosis: code,
      is_sensitive: code === 'F10',
      care_cluster: pick(['1', '12']),
      urgency: pick(['Routine', 'Urgent']),
      total_contacts: maybe(upTo(20)),
      first_contact_date: contact,
      last_contact_date: contact && plus(contact, upTo(20)),
      discharge_date: maybe(plus(referred, 90)),
    };
  });
  const contacts = many(size.events / 2, () => ({
    contact_sk: key(),
    patient_no: patient(),
    contact_date: day(),
    service_type: pick(['N01', 'A01']),
    contact_setting: pick(['01', '02']),
    contact_mode: maybe('phone'),
    duration_minutes: maybe(upTo(120)),
    professional_sk: maybe(key()),
  }));
  const packages = many(size.events / 2, () => {
    const start = day();
    return {
      package_sk: key(),
      patient_no: patient(),
      package_type: pick(['HOMECARE', 'NURSING']),
      start_date: start,
      end_date: maybe(plus(start, upTo(100))),
      status: pick(['Active', 'Completed']),
      weekly_cost: maybe(money(900)),
      assessment_outcome: maybe(pick(['LOW', 'CRITICAL'])),
      hours_per_week: maybe(money(40)),
      review_date: maybe(plus(start, 30)),
    };
  });
  atTheLimitOfCare({ patients, spells, attendances, contacts, packages }, key);
  const practices = [
    { practice_code: 'M81001', commissioning_region: 'Derby' },
    { practice_code: 'M81002', commissioning_region: null },
  ];
  // From each load to the next a row may be another, or be missing; the last one is as it is now.
  const versionsOf = (rows: readonly Facts[], earlier: (row: Facts) => Facts): Facts[] =>
    rows.flatMap((row) =>
      loads.flatMap((from, load) => {
        const last = load === loads.length - 1;
        if (!last && random() < 0.3) return [];
        const validity = { valid_from: from, valid_to: last ? null : loads[load + 1]!, is_current: last };
        return [{ ...(last ? row : earlier(row)), ...validity, batch_id: load }];
      }),
    );
  const versions = {
    patients: versionsOf(patients, (row) => ({
      ...row,
      gender: pick(['M', 'F', 'U']),
      postcode_area: maybe(pick(['LE', 'B', 'NG'])),
      practice_code: pick(['M81001', 'M81002', 'unknown']),
      is_restricted: random() < 0.2,
    })),
    practices: versionsOf(practices, (row) => ({ ...row, commissioning_region: pick(['Leicester', null]) })),
    trusts: versionsOf(
      trusts.map((code) => ({ trust_code: code, trust_name: trustNames[code] ?? null })),
      (row) => ({ ...row, trust_name: pick(['Ash', null]) }),
    ),
  };
  return {
    patients,
    spells,
    attendances,
    prescriptions,
    referrals,
    contacts,
    packages,
    limits: {
      los_days: 10,
      total_minutes: 290,
      treatment_minutes: 150,
      duration_minutes: 100,
      wait_days: 50,
      net_ingredient_cost: '150.50',
      actual_cost: '150.00',
      weekly_cost: '704.99',
    },
    practices,
    versions,
  };
}

const named = (list: string, names: Readonly<Record<string, string>>): Facts[] =>
  Object.entries(names).map(([code, name]) => ({ code_list: list, code, name }));

/** Publishes the world as release 1 of a folder and opens it as the server would. */
export async function publishPeople(world: PeopleWorld, folder: string): Promise<Warehouse> {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(join(folder, servedFile));
  const connection = await instance.connect();
  try {
    for (const declared of goldTables) await connection.run(createTable(undefined, declared));
    const filled: readonly (readonly [TableDeclaration, readonly Facts[]])[] = [
      [dimPatient, world.patients],
      [dimPractice, world.practices],
      [dimPatientVersion, world.versions.patients],
      [dimPracticeVersion, world.versions.practices],
      [dimTrustVersion, world.versions.trusts],
      [dimTrust, trusts.map((code) => ({ trust_code: code, trust_name: trustNames[code] ?? null }))],
      [
        dimSpecialty,
        Object.entries(specialties).map(([code, name]) => ({ specialty_code: code, specialty_name: name })),
      ],
      [
        dimCode,
        [
          ...named('admission_method', methods),
          ...named('hrg', hrgs),
          ...named('ed_destination', destinations),
        ],
      ],
      [factSpell, world.spells],
      [factEdAttendance, world.attendances],
      [factPrescription, world.prescriptions],
      [factReferral, world.referrals],
      [factContact, world.contacts],
      [factCarePackage, world.packages],
      [releaseLimit, [world.limits]],
      [
        releaseDay,
        [{ data_as_of: dataAsOf, first_admission: null, first_arrival: null, first_load: firstLoad }],
      ],
    ];
    for (const statement of filled.flatMap(([table, rows]) => insertSql(table, rows)))
      await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return serveFile(folder, dataAsOf);
}
