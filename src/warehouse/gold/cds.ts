import { boolean, date, double, instant, int32, int64, key128, nullable, table, text } from '../table.js';
import { valueSet } from './findings.js';

/** Results of decision support. What people did about them is no part of a release: it is in the state store. */

const rule = text(80)('name of the rule');
const sha256 = text(64)('SHA-256 of the text of the rule, hexadecimal');
const version = text(80)('version that the rule gives itself');
const resultKey = key128('key of cds_result');
const patient = int32('key of dim_patient');
const byPatient = { kind: 'hash', column: 'patient_no' } as const;

export const cdsRule = table({
  name: 'cds_rule',
  description:
    'Rules of decision support: those that were there when the release was made, and earlier texts that results still speak of.',
  columns: {
    rule,
    text_sha256: sha256,
    version,
    title: text(400)('title of the rule'),
    purpose: text(400)('what it is for; of a longer one its beginning'),
    priority: int32('order among rules of the same urgency, 1 to 99, the highest first'),
    validation: text(16)('production testing research expired'),
    is_current: boolean('the text that is run; false for an earlier one'),
    is_set_based: boolean('it is run as a statement; else by the interpreter'),
    reasons: nullable(
      text(400)('codes of what is left to the interpreter, comma-separated; null if nothing is'),
    ),
    objectives: text(16)('letters of its objectives, comma-separated: B E H C P D'),
    suppress_days: int32('days for which a result is not shown again after it was acknowledged'),
    rule_group: nullable(text(60)('rules of one group: the most urgent one is shown')),
    subject_fact: nullable(text(60)('fact whose row a result is about; null where it is about the patient')),
    guideline_title: text(400)('title of the guideline'),
    guideline_identifier: text(80)('its identifier'),
    guideline_publisher: text(200)('its publisher'),
    guideline_version: text(80)('its version'),
    guideline_url: text(400)('where it is published'),
    recommendation_id: text(80)('recommendation of the guideline'),
    recommendation: text(1000)('the recommendation, in our own words'),
    strength: text(24)('strength of the recommendation'),
    evidence_system: text(16)('GRADE NICE SIGN none'),
    evidence_quality: text(16)('high moderate low very low consensus not stated'),
    review_next: date('day after which the rule is expired'),
    is_expired: boolean('marked as expired, not reviewed in time, or no longer there'),
    seen_by: text(60)('roles that may see its results, comma-separated; empty: nobody'),
    needs_care: boolean('clinicians may see its results of patients in their care alone'),
  },
  primaryKey: ['rule', 'text_sha256'],
});

export const cdsRuleText = table({
  name: 'cds_rule_text',
  description: 'The rules and their provenance as text, in parts.',
  columns: {
    rule,
    text_sha256: sha256,
    kind: text(8)('mlm gem'),
    part_no: int32('from 1'),
    content: text(2000)('the part; the parts follow each other without a gap'),
  },
  primaryKey: ['rule', 'text_sha256', 'kind', 'part_no'],
});

export const cdsRun = table({
  name: 'cds_run',
  description:
    'What came of every rule in every run since results were last taken over from an earlier release.',
  columns: {
    run_id: text(40)('the run'),
    rule,
    text_sha256: sha256,
    version,
    as_of: instant('time as of which the rule was run'),
    engine: text(16)('statement interpreter'),
    evaluated: int64('patients that were looked at'),
    fired: int64('patients for whom the rule fires'),
    evidence_rows: int64('rows that it read of those'),
    undecided: int64(
      'patients for whom the rule comes to no decision: something is not known, or its run did not come to an end',
    ),
    failed: int64(
      'those of the undecided whose run by the interpreter ended before its time: too many steps, too much to reckon, or an error',
    ),
    milliseconds: int32('how long it took'),
    failure: nullable(text(40)('code of the error with which the rule ended; null if it did not')),
  },
  sortedBy: ['run_id', 'rule'],
});

export const cdsResult = table({
  name: 'cds_result',
  description:
    'What rules say of patients, one row a rule, patient and subject or window. Those that no longer hold stay, with the time from which on they do not.',
  columns: {
    result_key: key128(
      'first 16 bytes of the SHA-256 of the hash of the rule name, the patient, and the subject or the window',
    ),
    rule,
    text_sha256: sha256,
    version,
    patient_no: patient,
    patient_sk: key128('pseudonym of the patient, from which the number is found in the next release'),
    subject_key: nullable(key128('key of the row that it is about; null where it is about the patient')),
    trust_code: nullable(
      text(5)(
        'trust of the subject, else of the latest event with a trust in the 12 months before; null if none',
      ),
    ),
    urgency: int32('importance of the message, 1 to 99'),
    first_fired_at: instant('as-of time of the first run in which it fired'),
    last_fired_at: instant('the same of the last one'),
    occurrences: int32('number of as-of times at which it fired'),
    resolved_at: nullable(
      instant('as-of time of the first run in which it did not fire any more; null while it does'),
    ),
    is_outranked: boolean('a more urgent rule of its group fires for the patient'),
  },
  sortedBy: ['patient_no', 'result_key'],
  distribution: byPatient,
});

export const cdsVariable = table({
  name: 'cds_variable',
  description:
    'Values of the variables of a rule where it fired, and what its message is made of: values, or of the interpreter the text. What is null has no row.',
  columns: {
    result_key: resultKey,
    patient_no: patient,
    name: text(80)(
      'name of the variable; # and a number for a value of the message alone; #message and a number for a part of its text, by the interpreter',
    ),
    value_type: nullable(
      text(8)(
        'boolean number string · months seconds: a duration in number_value · day wall instant: the form of time_value · literal: a value that no column holds, in text_value as the language writes it',
      ),
    ),
    number_value: nullable(double('number; a duration in seconds or months')),
    text_value: nullable(text(2000)('text; of a longer one its beginning')),
    time_value: nullable(instant('time: a day at 00:00, a wall clock as it is, an instant in UTC')),
    boolean_value: nullable(boolean('truth value')),
    primary_time: nullable(instant('primary time, in the form of a time')),
    time_type: nullable(text(8)('day wall instant: the form of primary_time')),
  },
  sortedBy: ['patient_no', 'result_key', 'name'],
  distribution: byPatient,
});

export const cdsEvidence = table({
  name: 'cds_evidence',
  description: 'Rows that a rule read of a patient for whom it fired.',
  columns: {
    result_key: resultKey,
    patient_no: patient,
    fact: text(60)('fact of decision support'),
    row_key: key128('key of the row'),
    event_day: nullable(date('primary time, where it is a day')),
    event_time: nullable(instant('primary time, where it is an instant')),
  },
  sortedBy: ['patient_no', 'result_key', 'fact', 'row_key'],
  distribution: byPatient,
});

export const cdsTables = [cdsRule, cdsRuleText, cdsRun, cdsResult, cdsVariable, cdsEvidence] as const;

/** Everything that whoever runs the rules fills. */
export const resultTables = [...cdsTables, valueSet] as const;
