import { type RawBuilder, sql } from 'kysely';
import { type GoldBuilder, queryOf, subquery } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { factRelation } from '../facts/rows/relation.js';
import { rowKey, rowTime } from './lists.js';
import { type Pipeline, partsOf, pipelineKey, type Step, stepKey, type Term } from './term.js';
import { Rendering } from './values.js';

/** What queries of a rule are built with. */
export interface Warehouse {
  /** Gold of a release: facts are read through it. Names of other parts of the statement are not qualified by it. */
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  readonly now: Time;
  readonly valueSets: Registry['valueSets'];
}

/** Builds what stands above the facts: its names are those of the statement itself. */
export const plain: GoldBuilder = goldBuilder();

/** A relation with one row a patient, and the terms that are columns of it. */
export interface Layer {
  readonly name: string;
  readonly columns: ReadonlyMap<number, string>;
}

type Member = Extract<Term, { kind: 'aggregate' | 'pick' }>;

/** Terms that one pass over the rows of a fact computes. */
export interface Scan {
  readonly members: readonly Member[];
  /** Terms a patient that the rows are compared or computed with. */
  readonly imports: readonly Term[];
}

/** True for what needs no row: it stands in the statement as a parameter. */
export const isConstant = (term: Term): boolean =>
  term.kind === 'literal' || (term.kind === 'apply' && term.operands.every(isConstant));

/** Terms a patient that terms of a row hold. */
export function importsOf(terms: readonly Term[]): readonly Term[] {
  const found = new Set<Term>();
  const visit = (term: Term): void => {
    if (isConstant(term)) return;
    if (!term.source) found.add(term);
    else for (const part of partsOf(term)) visit(part);
  };
  for (const term of terms) visit(term);
  return [...found];
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
export function scanQuery(scan: Scan, layer: Layer, warehouse: Warehouse): DynamicQuery {
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

export const columnOf = ({ id }: Term): string => `a${id}`;

/** Rows of a fact after some steps. */
export interface Rows {
  /** Body of a subquery; the conditions speak of it as `r`. */
  readonly query: DynamicQuery;
  readonly conditions: readonly RawBuilder<boolean>[];
  readonly rendering: Rendering;
  readonly columns: readonly string[];
}

const kept = ({ query, conditions }: Rows): DynamicQuery =>
  conditions.reduce((rows, condition) => rows.where(condition), subquery(plain, query, 'r'));

/** The rows of a pipeline, with the columns that some terms of a row need. */
export function rowsOf(
  { source, steps }: Pipeline,
  needs: readonly Term[],
  layer: Layer,
  { gold, dialect, now, valueSets }: Warehouse,
): Rows {
  const { reference } = source;
  const columns = columnsOf(needs).filter((name) => name !== rowKey && name !== rowTime);
  const imports = importsOf(needs);
  const brought = new Map(imports.map((term) => [term.id, columnIn(layer, term)]));
  const names = ['patient_no', rowKey, rowTime, ...columns, ...brought.values()];
  const rendering = new Rendering(dialect, (term) => {
    const name = term.kind === 'column' ? term.column : brought.get(term.id);
    return name === undefined ? undefined : sql.ref(`r.${name}`);
  });
  const relation = factRelation({ ...reference, columns }, gold, dialect, now, valueSets);
  let rows: Rows = {
    query: brought.size === 0 ? relation : joined(relation, columns, [...brought.values()], layer),
    conditions: [],
    rendering,
    columns: names,
  };
  const timed = reference.fact.time !== undefined;
  for (const step of steps)
    rows =
      step.kind === 'where'
        ? { ...rows, conditions: [...rows.conditions, rendering.predicate(step.condition)] }
        : {
            ...rows,
            query: numbered(rows, orderOf(step.kind, timed)),
            conditions: [sql<boolean>`${sql.ref('r.rn')} <= ${sql.lit(step.n)}`],
          };
  return rows;
}

/** Columns of rows that terms read. */
function columnsOf(terms: readonly Term[]): string[] {
  const found = new Set<string>();
  const visit = (term: Term): void => {
    if (term.kind === 'column') found.add(term.column);
    else if (term.source) for (const part of partsOf(term)) visit(part);
  };
  for (const term of terms) visit(term);
  return [...found];
}

function columnIn({ columns }: Layer, { id }: Term): string {
  const name = columns.get(id);
  if (name === undefined) throw new Error(`term ${id} is not computed yet`);
  return name;
}

/** The rows with columns of their patients. */
function joined(
  relation: DynamicQuery,
  columns: readonly string[],
  brought: readonly string[],
  layer: Layer,
): DynamicQuery {
  return subquery(plain, relation, 'f')
    .innerJoin(`${layer.name} as p`, 'p.patient_no', 'f.patient_no')
    .select(['patient_no', rowKey, rowTime, ...columns].map((name) => sql.ref(`f.${name}`).as(name)))
    .select(brought.map((name) => sql.ref(`p.${name}`).as(name))) as DynamicQuery;
}

/** The rows left with their number `rn` in an order within the patient. */
function numbered(rows: Rows, order: RawBuilder<unknown>): DynamicQuery {
  return kept(rows)
    .select(rows.columns.map((name) => sql.ref(`r.${name}`).as(name)))
    .select(sql`row_number() over (partition by ${sql.ref('r.patient_no')} order by ${order})`.as('rn'));
}

/** By primary time, then by key: the highest is the last. */
function orderOf(from: 'first' | 'last', timed: boolean): RawBuilder<unknown> {
  const direction = sql.raw(from === 'last' ? 'desc' : 'asc');
  const key = sql`${sql.ref(`r.${rowKey}`)} ${direction}`;
  return timed ? sql`${sql.ref(`r.${rowTime}`)} ${direction}, ${key}` : key;
}

function picked(
  { order, pipeline }: Extract<Member, { kind: 'pick' }>,
  { members }: Scan,
  layer: Layer,
  warehouse: Warehouse,
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
  warehouse: Warehouse,
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

/** A CTE or table of the statement itself. */
export const named = (name: string, alias: string): DynamicQuery => queryOf(plain, `${name} as ${alias}`);
