import { type RawBuilder, sql } from 'kysely';
import { subquery } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { importsOf, kept, type Layer, numbered, orderOf, plain, type QueryOptions, rowsOf } from './rows.js';
import { type Pipeline, partsOf, pipelineKey, type Step, stepKey, type Term } from './term.js';
import type { Rendering } from './values.js';

type Member = Extract<Term, { kind: 'aggregate' | 'pick' }>;

/** Terms that one pass over the rows of a fact computes. */
export interface Scan {
  readonly members: readonly Member[];
  /** Terms a patient that the rows are compared or computed with. */
  readonly imports: readonly Term[];
}

/** Groups what the same rows give: a scan has the conditions of the READ, its members have their own. */
export function scansOf(members: readonly Member[]): Scan[] {
  const groups = new Map<string, { members: Member[]; imports: Set<Term> }>();
  for (const member of members) {
    const imports = importsOf(partsOf(member));
    const key = `${scanKey(member)} | ${imports.map(({ id }) => id).join(' ')}`;
    const group = groups.get(key) ?? { members: [], imports: new Set(imports) };
    group.members.push(member);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ members: ofScan, imports }) => ({
    members: ofScan,
    imports: [...imports],
  }));
}

function scanKey(member: Member): string {
  const { pipeline } = member;
  if (member.kind === 'pick') {
    const { from, by } = member.order;
    return `pick ${from} ${by ? `${by.term.id} ${by.descending}` : ''} ${pipelineKey(pipeline)}`;
  }
  if (member.function === 'median') return `median ${member.id}`;
  return [pipeline.source.id, ...scanned(pipeline).map(stepKey)].join(' ');
}

/** Steps of the scan: up to the last FIRST n or LAST n, and the conditions of the READ. */
function scanned({ steps }: Pipeline): readonly Step[] {
  const taken = steps.findLastIndex(({ kind }) => kind !== 'where') + 1;
  const own = steps.slice(taken).findIndex((step) => step.kind === 'where' && !step.scanned);
  return own < 0 ? steps : steps.slice(0, taken + own);
}

/** The query of a scan: one row a patient that has rows, `patient_no` and a column `a<id>` for each member. */
export function scanQuery(scan: Scan, layer: Layer, warehouse: QueryOptions): DynamicQuery {
  const [first] = scan.members;
  if (!first) throw new Error('a scan has no members');
  if (first.kind === 'pick') return picked(first, scan, layer, warehouse);
  if (first.function === 'median') return median(first, layer, warehouse);
  const pipeline = { ...first.pipeline, steps: scanned(first.pipeline) };
  const rows = rowsOf(pipeline, scan.members.flatMap(partsOf), layer, warehouse);
  return kept(rows)
    .groupBy('r.patient_no')
    .select('r.patient_no')
    .select(
      scan.members.map((member) =>
        aggregated(member, rows.rendering, warehouse.dialect).as(columnOf(member)),
      ),
    );
}

/** Column of a term in a part of the statement. */
export const columnOf = ({ id }: Term): string => `a${id}`;

function picked(
  { order, pipeline }: Extract<Member, { kind: 'pick' }>,
  { members }: Scan,
  layer: Layer,
  warehouse: QueryOptions,
): DynamicQuery {
  const rows = rowsOf(pipeline, members.flatMap(partsOf), layer, warehouse);
  const byTime = orderOf(order.from, pipeline.source.reference.fact.time !== undefined);
  const by =
    order.by &&
    sql`${rows.rendering.value(order.by.term)} ${sql.raw(order.by.descending ? 'desc' : 'asc')}, ${byTime}`;
  return subquery(plain, numbered(rows, by ?? byTime), 'r')
    .where(sql<boolean>`${sql.ref('r.rn')} = 1`)
    .select('r.patient_no')
    .select(
      members.flatMap((member) =>
        member.kind === 'pick' ? [rows.rendering.value(member.value).as(columnOf(member))] : [],
      ),
    );
}

function aggregated(member: Member, rendering: Rendering, dialect: Dialect): RawBuilder<unknown> {
  if (member.kind !== 'aggregate') throw new Error('a pick is no aggregate');
  const own = member.pipeline.steps
    .slice(scanned(member.pipeline).length)
    .flatMap((step) => (step.kind === 'where' ? [rendering.predicate(step.condition)] : []));
  const condition = own.length === 0 ? undefined : sql`${sql.join(own, sql` and `)}`;
  if (member.function === 'tally')
    return condition
      ? dialect.toDouble(dialect.sumInt(sql`case when ${condition} then 1 else 0 end`))
      : dialect.toDouble(dialect.countAll());
  if (!member.value) throw new Error(`${member.function} of nothing`);
  const value = rendering.value(member.value);
  const given = condition ? sql`case when ${condition} then ${value} end` : value;
  switch (member.function) {
    case 'total':
      return sql`sum(${given})`;
    case 'minimum':
      return sql`min(${given})`;
    case 'maximum':
      return sql`max(${given})`;
    case 'variance':
      return dialect.variance(given);
    case 'stddev':
      return sql`sqrt(${dialect.variance(given)})`;
    case 'median':
      throw new Error('a median has a scan of its own');
  }
}

function median(
  member: Extract<Member, { kind: 'aggregate' }>,
  layer: Layer,
  warehouse: QueryOptions,
): DynamicQuery {
  const { value, pipeline } = member;
  if (!value) throw new Error('median of nothing');
  const rows = rowsOf(pipeline, partsOf(member), layer, warehouse);
  const column = columnOf(member);
  const ranked = { column, partitionBy: ['patient_no'] };
  const values = kept(rows).select('r.patient_no').select(rows.rendering.value(value).as(column));
  return subquery(plain, warehouse.dialect.rank(values, [ranked]), 'm')
    .groupBy('m.patient_no')
    .select('m.patient_no')
    .select(warehouse.dialect.percentile(ranked, 0.5).as(column));
}
