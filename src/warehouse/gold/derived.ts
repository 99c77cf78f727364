import { boolean, date, int32, key128, nullable, table, text } from '../table.js';
import { factCost, factPatientCost } from './costs.js';
import { intervalTables } from './intervals.js';

/** Facts that the load computes from other facts of the same patients. */

export const factSpellScore = table({
  name: 'fact_spell_score',
  description:
    'Risk scores of every spell as they stand at its discharge, and the days to what comes after it. One row a spell.',
  columns: {
    spell_sk: key128('key of fact_spell'),
    patient_no: int32('key of dim_patient'),
    charlson: int32(
      'Charlson comorbidity index (codes of Quan 2005, weights of Quan 2011) of the spell and the 12 months before, without points for age',
    ),
    lace_comorbidity: int32('sum of the comorbidity weights of Schneeweiss 2003 over the same, for LACE'),
    ed_visits_180d: int32(
      'ED attendances that began in the 180 days before admission and ended before its day',
    ),
    lace: nullable(int32('LACE, 0 to 19; null while in hospital, below 18 years or at an unknown age')),
    hfrs_x10: nullable(
      int32(
        'Hospital Frailty Risk Score of the spell and the two years before, in tenths; null below 75 years or at an unknown age',
      ),
    ),
    next_emergency_days: nullable(
      int32(
        'days from discharge to the next emergency admission of the patient on or after it, any trust; null if none',
      ),
    ),
    next_emergency_days_same_trust: nullable(int32('the same, next emergency admission to the same trust')),
  },
  sortedBy: ['patient_no', 'spell_sk'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

export const factCareTransition = table({
  name: 'fact_care_transition',
  description:
    'Pairs of events of a patient that follow each other in different settings, however long after each other.',
  columns: {
    patient_no: int32('key of dim_patient'),
    transition_date: date('first day of the later event'),
    from_setting: text(16)('ACUTE EMERGENCY MENTAL_HEALTH COMMUNITY SOCIAL_CARE: that of the earlier event'),
    to_setting: text(16)('the same of the later event'),
    gap_days: int32(
      'days from the end of the earlier event to the start of the later one; 0 if they overlap',
    ),
    is_overlap: boolean('the later event begins before the earlier one ends'),
  },
  sortedBy: ['transition_date', 'patient_no'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

export const factHealthYear = table({
  name: 'fact_health_year',
  description:
    'Population and events of the years that the data touch: one row a current patient and year, and one for each kind of event that the patient had in it.',
  columns: {
    year_start: date('1 January of the year'),
    patient_no: int32('key of dim_patient'),
    kind: text(32)(
      'PERSON, or the indicator: EMERGENCY_ADMISSIONS ELECTIVE_ADMISSIONS ED_ATTENDANCES ED_OVER_4_HOURS MENTAL_HEALTH_REFERRALS COMMUNITY_CONTACTS PRESCRIPTION_ITEMS HOSPITAL_DEATHS',
    ),
    n: int32('events of the kind in the year; 1 of a PERSON'),
    age_band: text(8)("10-year age band on 1 July of the year, 'unknown' without a birth date"),
    standard_band: int32(
      'band of the European Standard Population on 1 July: age / 5, 18 from 90 years on, -1 unknown; internal',
    ),
    deprivation_quintile: text(8)("1 = most deprived fifth … 5; 'unknown' if not known"),
    ethnic_group: text(16)('white mixed asian black other not_stated'),
  },
  sortedBy: ['year_start', 'patient_no', 'kind'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

export const derivedTables = [
  factSpellScore,
  ...intervalTables,
  factCareTransition,
  factHealthYear,
  factCost,
  factPatientCost,
] as const;
