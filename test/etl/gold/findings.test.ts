import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configAt, loadAt, measuresAlone } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';

const folder = temporaryFolder();
const config = measuresAlone(configAt(join(folder, 'home')));
const landing = join(folder, 'landing');

const files = {
  patients:
    'patient_id,nhs_number,date_of_birth,gender,ethnicity,deprivation_decile,registered_practice,postcode_district',
  trusts: 'trust_code,trust_name,trust_type,region,commissioner_code,beds,annual_income',
  sus_episodes:
    'episode_id,patient_id,nhs_number,trust_code,admission_date,discharge_date,admission_method,admission_source,discharge_destination,length_of_stay,primary_diagnosis,specialty',
} as const;
let number = 0;

/** One delivery of a dataset. */
function deliver(dataset: keyof typeof files, ...rows: readonly string[]): void {
  number += 1;
  mkdirSync(join(landing, dataset), { recursive: true });
  writeFileSync(
    join(landing, dataset, `${String(number).padStart(3, '0')}.csv`),
    `${[files[dataset], ...rows].join('\n')}\n`,
  );
}
const patient = (id: string, nhsNumber: string): string => `${id},${nhsNumber},1950-01-01,F,A,5,M81001,LE1`;
const spell = (id: string, out: string, los: string, diagnosis = 'J44'): string =>
  `${id},P1,PSEUDO_0000000000000001,RAA,2023-05-10,${out},21,19,19,${los},${diagnosis},100`;

/** What the release has found, by rule, in the order of rules. */
async function findings(): Promise<string[]> {
  await loadAt(config, landing);
  const rows = await fromRelease<{ rule: string; dataset: string; is_current: boolean }>(
    config,
    'select rule, dataset, is_current from quality_finding semi join dim_patient using (patient_no) order by all',
  );
  return rows.map(
    ({ rule, dataset, is_current }) => `${dataset} ${rule}${is_current ? '' : ' (not current)'}`,
  );
}

describe('findings of data quality', () => {
  it('are about current rows, and about refused rows until a later one is accepted', async () => {
    deliver('trusts', 'RAA,Trust,NHS Trust,Midlands,CCG001,500,1');
    deliver(
      'patients',
      patient('P1', 'PSEUDO_0000000000000001'),
      patient('P1', 'PSEUDO_0000000000000002'),
      patient('P2', 'INVALID'),
      patient('P3', ''),
    );
    deliver(
      'sus_episodes',
      spell('E1', '2023-05-09', '1'),
      spell('E2', '2023-05-12', '2', 'INVALID'),
      spell('E3', '2023-05-12', '7'),
    );
    const ofPatients = [
      'patients NHS_NUMBER_INVALID',
      'patients NHS_NUMBER_MISSING',
      'patients PATIENT_DUPLICATE (not current)',
    ];
    expect((await findings()).sort()).toEqual(
      [
        'sus_episodes DIAGNOSIS_INVALID',
        'sus_episodes LOS_MISMATCH',
        'sus_episodes LOS_MISMATCH (not current)',
        'sus_episodes SUS_DISCHARGE_BEFORE_ADMISSION (not current)',
        ...ofPatients,
      ].sort(),
    );

    // All three spells come corrected.
    deliver(
      'sus_episodes',
      spell('E1', '2023-05-11', '1'),
      spell('E2', '2023-05-12', '2'),
      spell('E3', '2023-05-12', '2'),
    );
    expect((await findings()).sort()).toEqual([...ofPatients].sort());

    // And one of them is spoilt again: what is served is the last row that was accepted.
    deliver('sus_episodes', spell('E1', '2023-05-08', '1'));
    expect((await findings()).sort()).toEqual(
      [
        'sus_episodes LOS_MISMATCH (not current)',
        'sus_episodes SUS_DISCHARGE_BEFORE_ADMISSION (not current)',
        ...ofPatients,
      ].sort(),
    );
  }, 120_000);
});
