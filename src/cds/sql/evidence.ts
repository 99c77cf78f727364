import { sql } from 'kysely';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import type { Fact } from '../facts/fact.js';
import type { Compiled } from './compile.js';
import { layOut, type Part, reading, renderingOf } from './layers.js';
import { asked, everybody, patientNo, type Question } from './question.js';
import { importsOf, named, type QueryOptions, type Rows, rowsOf } from './rows.js';
import { stepTerms } from './term.js';

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
  const query = evidenceParts(compiled, options)?.select(
    evidenceOutput.map(({ name, type }) => options.dialect.output(sql.ref(`e.${name}`), type).as(name)),
  );
  if (!query) return undefined;
  return asked(query, evidenceOutput, options, (row) => ({
    patientNo: Number(row.get('patient_no')),
    read: Number(row.get('read_no')),
    rowKey: Buffer.from(row.get('row_key') as Uint8Array).toString('hex'),
    time: ((row.get('row_day') ?? row.get('row_instant')) as string | null) ?? null,
  }));
}

/** The same rows as a relation: `patient_no`, `read_no`, `row_key`, `row_day`, `row_instant`. */
export const evidenceRelation = (compiled: Compiled, options: QueryOptions): DynamicQuery | undefined =>
  evidenceParts(compiled, options)?.select(evidenceOutput.map(({ name }) => sql.ref(`e.${name}`).as(name)));

function evidenceParts(compiled: Compiled, options: QueryOptions): DynamicQuery | undefined {
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
  return reading([...parts, { name: 'evidence', query: all }], 'evidence', 'e');
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
