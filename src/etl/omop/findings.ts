import { factSpellScore } from '../../warehouse/gold/derived.js';
import { measurement, observation } from '../../warehouse/omop/findings.js';
import { type OmopContext, type OmopFill, omopFill } from './fill.js';
import { relations } from './relations.js';

/** What the scores of a spell can reach: all groups but those superseded, all four parts, all codes. */
const highest = { charlson: 24, lace: 19, frailty: 173.2 };

/** Scores with a number. Those of a spell are dated at its discharge. */
export function measurementFills({ concepts, map }: OmopContext): OmopFill[] {
  const score = (
    scored: { readonly name: string; readonly low: number; readonly high: number; readonly visit: boolean },
    rows: string,
    ordered: { readonly order?: string; readonly orderedIn?: string } = {},
  ): OmopFill => {
    const { join, concept, source } = map.mapped('MAPLEWOOD', `'${scored.name}'`);
    return omopFill(measurement, {
      rows,
      joins: [join],
      columns: {
        person_id: 'r.patient_no',
        measurement_concept_id: concept,
        measurement_date: 'r.day',
        measurement_type_concept_id: `${concepts.id('type', 'measurement')}`,
        value_as_number: 'cast(r.value as double)',
        range_low: `${scored.low}`,
        range_high: `${scored.high}`,
        visit_occurrence_id: scored.visit ? 'r.visit_id' : 'null',
        measurement_source_value: `'${scored.name}'`,
        measurement_source_concept_id: source,
        value_source_value: 'cast(r.value as varchar)',
      },
      ...ordered,
      ...(scored.visit && ordered.order === undefined ? { place: 'visit_id' } : {}),
      idColumn: 'measurement_id',
      naturalKey: ['person_id', 'visit_occurrence_id', 'measurement_date', 'measurement_source_value'],
    });
  };
  const honos = (name: 'initial' | 'latest', day: string): OmopFill =>
    score(
      { name: `honos_${name}`, low: 0, high: 48, visit: false },
      `select patient_no, ${day} as day, ${name}_honos as value from ${relations.referral} where ${name}_honos is not null`,
    );
  const ofSpell = (name: string, high: number, value: string): OmopFill =>
    score(
      { name, low: 0, high, visit: true },
      `select s.patient_no, s.visit_id, s.discharge_date as day, ${value} as value from ${relations.spell} s join ${factSpellScore.name} k on k.spell_sk = s.spell_sk where s.discharge_date is not null and ${value} is not null`,
      { order: 'visit_id', orderedIn: relations.spell },
    );
  return [
    score(
      { name: 'triage_category', low: 1, high: 5, visit: true },
      `select patient_no, visit_id, arrival_date as day, cast(triage_category as integer) as value from ${relations.attendance} where triage_category in ('1', '2', '3', '4', '5')`,
    ),
    honos('initial', 'coalesce(first_contact_date, referral_date)'),
    honos('latest', 'coalesce(last_contact_date, first_contact_date, referral_date)'),
    ofSpell('charlson', highest.charlson, 'k.charlson'),
    ofSpell('lace', highest.lace, 'k.lace'),
    ofSpell('hospital_frailty', highest.frailty, 'k.hfrs_x10 / 10'),
  ];
}

/** Facts about a person that are no clinical finding. */
export function observationFills({ concepts, map }: OmopContext): OmopFill[] {
  const fact = (
    name: string,
    rows: string,
    columns: Readonly<Record<string, string>>,
    order?: string,
  ): OmopFill => {
    const { join, concept, source } = map.mapped('MAPLEWOOD', `'${name}'`);
    return omopFill(observation, {
      rows,
      joins: [join],
      columns: {
        person_id: 'r.patient_no',
        observation_concept_id: concept,
        observation_type_concept_id: `${concepts.id('type', 'observation')}`,
        observation_source_value: `'${name}'`,
        observation_source_concept_id: source,
        ...columns,
      },
      idColumn: 'observation_id',
      naturalKey: ['person_id', 'observation_source_value', 'value_source_value'],
      ...(order === undefined ? {} : { order }),
    });
  };
  return [
    fact(
      'deprivation_quintile',
      // Supplied without a date: it is dated on the first day that anything is known of the person.
      `select patient_no, any_value(deprivation_quintile) as quintile, min(first_day) as day from ${relations.patient} join ${relations.life} using (patient_no) where deprivation_quintile is not null group by patient_no`,
      { observation_date: 'r.day', value_as_number: 'cast(r.quintile as double)' },
      'patient_no',
    ),
    fact('referral', `select * from ${relations.referral}`, {
      observation_date: 'r.referral_date',
      value_as_string: "nullif(r.urgency, 'unknown')",
      qualifier_source_value: "nullif(r.referral_source, 'unknown')",
      value_source_value: 'hex(r.referral_sk)',
    }),
    fact('care_package', `select * from ${relations.carePackage}`, {
      observation_date: 'r.start_date',
      value_as_number: 'cast(r.weekly_cost as double)',
      value_as_string: "nullif(r.package_type, 'unknown')",
      qualifier_source_value: 'r.assessment_outcome',
      value_source_value: 'hex(r.package_sk)',
    }),
  ];
}
