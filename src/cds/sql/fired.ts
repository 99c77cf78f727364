import type { Item, Value } from '../arden/value.js';
import type { Compiled, Plan } from './compile.js';
import { layOut, reading, renderingOf } from './layers.js';
import { Outputs } from './output.js';
import { asked, everybody, patientNo, type Question, type Row } from './question.js';
import type { QueryOptions } from './rows.js';
import type { Term } from './term.js';

/** What a rule says of a patient for whom it fires. */
export interface Fired {
  readonly patientNo: number;
  /** Key of the row that the result is about, in hexadecimal digits. */
  readonly subject: string | null;
  readonly variables: ReadonlyMap<string, Item>;
  readonly written: readonly { readonly text: string; readonly destination?: string }[];
  readonly returned: readonly Value[];
  readonly urgency: Item;
}

/** One row for each patient for whom the rule fires. */
export function firedQuery(compiled: Compiled, options: QueryOptions): Question<Fired> {
  const plan = compiled.planAt(options.now);
  const outputs = outputsOf(plan);
  const { parts, last } = layOut([plan.concluded, ...outputs.terms], everybody(options), options);
  const rendering = renderingOf(last, options);
  const query = reading(parts, last.name, 'p')
    .where(rendering.predicate(plan.concluded))
    .select('p.patient_no')
    .select(outputs.select(rendering, options.dialect));
  return asked(query, [patientNo, ...outputs.output], options, (row) => fired(plan, outputs, row));
}

/** What the answer for a fired patient is made of. */
export function outputsOf({ variables, outputs: written, urgency, subject }: Plan): Outputs {
  const outputs = new Outputs();
  for (const variable of variables.values()) outputs.needAll(variable);
  for (const { guard, values } of written) {
    outputs.need(guard);
    for (const value of values) outputs.needAll(value);
  }
  outputs.needAll(urgency);
  outputs.need(subject ?? null);
  return outputs;
}

/** The answer for a fired patient, by the columns of its row. */
export function fired(
  { variables, outputs: made, urgency, subject }: Plan,
  outputs: Outputs,
  row: Row,
): Fired {
  const reached = made.filter(({ guard }) => isTrue(outputs, guard, row));
  const key = subject && outputs.datum(subject, row);
  return {
    patientNo: Number(row.get('patient_no')),
    subject: key?.type === 'string' ? key.value : null,
    variables: new Map([...variables].map(([name, variable]) => [name, outputs.item(variable, row)])),
    written: reached.flatMap(({ kind, values, destination }) =>
      kind === 'write'
        ? values.map((value) => ({
            text: outputs.text(value, row),
            ...(destination === undefined ? {} : { destination }),
          }))
        : [],
    ),
    returned: reached.flatMap(({ kind, values }) =>
      kind === 'return' ? values.map((value) => outputs.value(value, row)) : [],
    ),
    urgency: outputs.item(urgency, row),
  };
}

function isTrue(outputs: Outputs, condition: Term, row: Row): boolean {
  const datum = outputs.datum(condition, row);
  return datum.type === 'boolean' && datum.value;
}
