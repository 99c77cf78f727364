import { amount, codeOf, hasCode, instantOf, type Json, londonDay, part, parts, text } from './resource.js';
import { ageOn, type Twin, type TwinRow, toldBy } from './twin.js';

const noValue: readonly string[] = ['entered-in-error', 'cancelled', 'registered'];
const isLoinc = (system: string): boolean => system === 'http://loinc.org';

/** Vital signs: the value of an observation and those of its components, each a row. */
export const observationTwin: Twin = {
  fact: 'observation',
  columns: ['effective_datetime', 'code', 'value', 'unit', 'age'],
  rows: (resources, prefetched) => ({
    columns: toldBy(observationTwin, [[prefetched.born !== null, ['age']]]),
    rows: resources
      .filter(
        (one) =>
          one['resourceType'] === 'Observation' &&
          !noValue.includes(text(one, 'status') ?? '') &&
          hasCode(parts(one, 'category'), ['vital-signs', 'vital-sign']),
      )
      .flatMap((one) => {
        const at =
          text(one, 'effectiveDateTime') ??
          text(one, 'effectiveInstant') ??
          text(part(one, 'effectivePeriod'), 'start');
        const effective = instantOf(at);
        if (effective === null) return [];
        const age = ageOn(prefetched.born, londonDay(at));
        return [one, ...parts(one, 'component')].flatMap((measured) => rowOf(measured, effective, age));
      }),
  }),
};

function rowOf(measured: Json, effective: string, age: number | null): readonly TwinRow[] {
  const quantity = part(measured, 'valueQuantity');
  const value = amount(quantity, 'value');
  const code = codeOf(part(measured, 'code'), isLoinc);
  if (value === null || code === null) return [];
  const unit = text(quantity, 'system') === 'http://unitsofmeasure.org' ? text(quantity, 'code') : null;
  return [{ effective_datetime: effective, code, value, unit, age }];
}
