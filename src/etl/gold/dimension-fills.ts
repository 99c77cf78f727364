import { dimPatient, dimTrust, rowColumns, unknownMember } from '../../warehouse/gold/dimensions.js';
import { dimPatientVersion, dimPracticeVersion, dimTrustVersion } from '../../warehouse/gold/versions.js';
import { ageBand5, ageBand10, ageOn, ethnicGroup } from './expressions.js';
import { type Filler, type GoldFill, patientKey, patientNo } from './fill.js';
import { versionsView } from './versions.js';

const trustColumns = {
  trust_code: 's.trust_code',
  trust_name: 's.trust_name',
  trust_type: 's.trust_type',
  region: 's.region',
  commissioner_code: 's.commissioner_code',
  beds: 'cast(s.beds as integer)',
  annual_income: 's.annual_income',
};

const practiceAttributes = {
  practice_name: 's.practice_name',
  list_size: 'cast(s.list_size as integer)',
  partners: 'cast(s.partners as integer)',
  commissioning_region: 's.commissioning_region',
};

/**
 * The practices that were delivered, and those that a patient or a prescription names. Made from the tables of the
 * release once they are filled, since a look at all prescriptions of silver costs more.
 */
export const dimPracticeSql = `select k.practice_code as practice_code,
  ${Object.entries(practiceAttributes)
    .map(([column, value]) => `${value} as ${column}`)
    .join(', ')},
  s.practice_code is null as is_inferred, s._batch as batch_id
from (
  select practice_code from memory.main.silver_practices
  union select practice_code from dim_patient where practice_code <> '${unknownMember}'
  union select practice_code from fact_prescription where practice_code <> '${unknownMember}'
) k left join memory.main.silver_practices s on k.practice_code = s.practice_code`;

/** Columns of a version beside its attributes; `s` is a row of `versions_<dataset>`. */
const versionColumns = {
  valid_from: 's.valid_from',
  valid_to: 's.valid_to',
  is_current: 's.is_current',
  batch_id: 's._batch',
};

/** The dimensions that come row by row from silver, and their versions. Those of patients are many and corrected by key. */
export function dimensionFills({ fill, coded, rows, versions, dataAsOf }: Filler): GoldFill[] {
  // The age is written once and read by both bands.
  const aged = (relation: string): string =>
    `(select *, ${ageOn('date_of_birth', dataAsOf)} as _age from ${relation})`;
  const patientAttributes = {
    gender:
      "case when s.gender in ('M', 'F') then s.gender when s.gender = '1' then 'M' when s.gender = '2' then 'F' else 'U' end",
    age: 's._age',
    age_band_5: ageBand5('s._age'),
    age_band_10: ageBand10('s._age'),
    ethnic_group: ethnicGroup("coalesce(s.ethnicity, '')"),
    deprivation_quintile:
      'case when s.deprivation_decile between 1 and 10 then cast((s.deprivation_decile - 1) // 2 + 1 as integer) end',
    postcode_area: "nullif(regexp_extract(upper(s.postcode_district), '^([A-Z]{1,2})[0-9]', 1), '')",
    practice_code: coded('patients', 'registered_practice'),
    is_restricted: 'coalesce(s.restricted, false)',
  };
  // What rows show is set once all patients and spells are known; until then it is nothing.
  const notYet = Object.fromEntries(Object.keys(rowColumns).map((column) => [column, 'null']));
  const ofPatient = { dataset: 'patients', column: 'patient_no', key: patientNo };
  return [
    fill(dimTrust, { ...trustColumns, batch_id: 's._batch' }, 'silver_trusts s'),
    fill(dimTrustVersion, { ...trustColumns, ...versionColumns }, `${versionsView('trusts')} s`),
    fill(
      dimPracticeVersion,
      { practice_code: 's.practice_code', ...practiceAttributes, ...versionColumns },
      `${versionsView('practices')} s`,
    ),
    fill(
      dimPatient,
      {
        ...{ patient_no: 'p.patient_no', patient_sk: 'p.patient_sk' },
        ...{ ...patientAttributes, ...notYet, batch_id: 's._batch' },
      },
      `${aged(rows('patients'))} s ${patientKey}`,
      ofPatient,
    ),
    fill(
      dimPatientVersion,
      { patient_no: 'p.patient_no', ...patientAttributes, ...versionColumns },
      `${aged(versions('patients'))} s join patient_number p on s.patient_id = p.patient_id`,
      ofPatient,
    ),
  ];
}
