import { sql } from 'kysely';
import type { Fact } from '../facts/fact.js';
import { queryOf } from '../../measures/source.js';
import type { DynamicQuery, Statement } from '../../warehouse/dialect.js';
import type { ColumnarResult, OutputColumn } from '../../warehouse/warehouse.js';
import type { Item, Value } from '../arden/value.js';
import type { Compiled, Plan } from './compile.js';
import { layOut, type Part, reading, renderingOf } from './layers.js';
import { Outputs } from './output.js';
import { importsOf, named, type Rows, rowsOf, type Warehouse } from './scans.js';
import { stepTerms, type Term } from './term.js';

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

/** A statement with the columns of its answer, and what they mean. */
export interface Question<T> {
  readonly statement: Statement;
  readonly output: readonly OutputColumn[];
  readonly rows: (answer: ColumnarResult) => T[];
}

export interface QueryOptions extends Warehouse {
  /** Patients that are looked at, as `patient_no`; all by default. */
  readonly patients?: DynamicQuery;
}

type Row = ReadonlyMap<string, unknown>;

const patientNo: OutputColumn = { name: 'patient_no', type: { kind: 'int32' } };

const everybody = ({ gold, patients }: QueryOptions): DynamicQuery =>
  patients ?? queryOf(gold, 'dim_patient as d').select('d.patient_no');

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

function outputsOf({ variables, outputs: written, urgency, subject }: Plan): Outputs {
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

function fired({ variables, outputs: made, urgency, subject }: Plan, outputs: Outputs, row: Row): Fired {
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

export interface Counts {
  readonly evaluated: number;
  readonly fired: number;
  /** Patients for whom the rule concludes NULL: something that it needs is not known. */
  readonly undecided: number;
}

/** How many patients a rule was evaluated for, and what came of it: one row. */
export function countsQuery(compiled: Compiled, options: QueryOptions): Question<Counts> {
  const { dialect } = options;
  const { concluded } = compiled.planAt(options.now);
  const { parts, last } = layOut([concluded], everybody(options), options);
  const rendering = renderingOf(last, options);
  const counted = (condition: ReturnType<typeof rendering.predicate>) =>
    sql`coalesce(${dialect.sumInt(sql`case when ${condition} then 1 else 0 end`)}, 0)`;
  const columns = {
    evaluated: dialect.countAll(),
    fired: counted(rendering.predicate(concluded)),
    undecided: counted(sql<boolean>`${rendering.value(concluded)} is null`),
  };
  const output = Object.keys(columns).map((name) => ({ name, type: { kind: 'int64' } as const }));
  const query = reading(parts, last.name, 'p').select(
    Object.entries(columns).map(([name, value]) => dialect.output(value, { kind: 'int64' }).as(name)),
  );
  return asked(query, output, options, (row) => ({
    evaluated: Number(row.get('evaluated')),
    fired: Number(row.get('fired')),
    undecided: Number(row.get('undecided')),
  }));
}

/** A row that a rule read for a patient for whom it fires. */
export interface Evidence {
  readonly patientNo: number;
  /** Place of the READ among those of the rule. */
  readonly read: number;
  /** Key of the row in hexadecimal digits. */
  readonly rowKey: string;
  /** Day, or instant in UTC; null where the fact has no primary time. */
  readonly time: string | null;
}

const evidenceOutput: readonly OutputColumn[] = [
  patientNo,
  { name: 'read_no', type: { kind: 'int32' } },
  { name: 'row_key', type: { kind: 'key128' } },
  { name: 'row_day', type: { kind: 'date' } },
  { name: 'row_instant', type: { kind: 'instant' } },
];

/** The rows that the READs of a rule kept of the patients for whom it fires; undefined for a rule without READs. */
export function evidenceQuery(compiled: Compiled, options: QueryOptions): Question<Evidence> | undefined {
  const { concluded, reads } = compiled.planAt(options.now);
  const guards = reads.map(({ guard }) => guard);
  const needs = reads.map(({ pipeline }) => stepTerms(pipeline));
  const layout = layOut([concluded, ...guards], everybody(options), options, importsOf(needs.flat()));
  const rendering = renderingOf(layout.last, options);
  const parts: Part[] = [...layout.parts];
  const kept = reads.map(({ pipeline, guard, reference }, read) => {
    const rows = rowsOf(pipeline, stepTerms(pipeline), layout.last, options);
    const fired = named(layout.last.name, 'p')
      .where(rendering.predicate(concluded))
      .where(rendering.predicate(guard))
      .select('p.patient_no');
    parts.push({ name: `f${read}`, query: fired }, { name: `k${read}`, query: rows.query });
    return keptRows(read, rows, reference.fact, options);
  });
  const [first, ...others] = kept;
  if (!first) return undefined;
  const all = others.reduce((query, each) => query.unionAll(each), first);
  const query = reading([...parts, { name: 'evidence', query: all }], 'evidence', 'e').select(
    evidenceOutput.map(({ name, type }) => options.dialect.output(sql.ref(`e.${name}`), type).as(name)),
  );
  return asked(query, evidenceOutput, options, (row) => ({
    patientNo: Number(row.get('patient_no')),
    read: Number(row.get('read_no')),
    rowKey: Buffer.from(row.get('row_key') as Uint8Array).toString('hex'),
    time: ((row.get('row_day') ?? row.get('row_instant')) as string | null) ?? null,
  }));
}

/** The rows of a READ of those for whom the rule fires and the READ is reached. */
function keptRows(read: number, rows: Rows, { time }: Fact, { dialect }: QueryOptions): DynamicQuery {
  const timeOf = (stored: 'date' | 'instant') =>
    time?.stored === stored
      ? sql.ref('r.primary_time')
      : sql`cast(null as ${sql.raw(dialect.columnType({ kind: stored }))})`;
  const joined = named(`k${read}`, 'r').innerJoin(`f${read}`, `f${read}.patient_no`, 'r.patient_no');
  return rows.conditions.reduce(
    (query, condition) => query.where(condition),
    joined.select([
      sql.ref('r.patient_no').as('patient_no'),
      sql.lit(read).as('read_no'),
      sql.ref('r.row_key').as('row_key'),
      timeOf('date').as('row_day'),
      timeOf('instant').as('row_instant'),
    ]) as unknown as DynamicQuery,
  );
}

function asked<T>(
  query: DynamicQuery,
  output: readonly OutputColumn[],
  { dialect }: QueryOptions,
  read: (row: Row) => T,
): Question<T> {
  return {
    statement: dialect.compile(query),
    output,
    rows: ({ columns, rowCount }) =>
      Array.from({ length: rowCount }, (_, at) =>
        read(new Map(output.map(({ name }, column) => [name, columns[column]?.[at]]))),
      ),
  };
}
