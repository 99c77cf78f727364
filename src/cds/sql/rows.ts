import { type RawBuilder, sql } from 'kysely';
import { type GoldBuilder, queryOf, subquery } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { factRelation } from '../facts/rows/relation.js';
import { rowKey, rowTime } from './lists.js';
import { type Pipeline, partsOf, type Term } from './term.js';
import { Rendering } from './values.js';

/** What queries of a rule are built with. */
export interface QueryOptions {
  /** Gold of a release: facts are read through it. Names of other parts of the statement are not qualified by it. */
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  readonly now: Time;
  readonly valueSets: Registry['valueSets'];
  /** Patients that are looked at, as `patient_no`: rows of nobody else are read. All by default. */
  readonly patients?: DynamicQuery;
}

/** Builds what stands above the facts: its names are those of the statement itself. */
export const plain: GoldBuilder = goldBuilder();

/** A relation with one row a patient, and the terms that are columns of it. */
export interface Layer {
  readonly name: string;
  readonly columns: ReadonlyMap<number, string>;
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

/** Rows of a fact after some steps. */
export interface Rows {
  /** Body of a subquery; the conditions speak of it as `r`. */
  readonly query: DynamicQuery;
  readonly conditions: readonly RawBuilder<boolean>[];
  readonly rendering: Rendering;
  readonly columns: readonly string[];
}

/** Those for which the conditions are TRUE. */
export const kept = ({ query, conditions }: Rows): DynamicQuery =>
  conditions.reduce((rows, condition) => rows.where(condition), subquery(plain, query, 'r'));

/** The rows of a pipeline, with the columns that some terms of a row need. */
export function rowsOf(
  { source, steps }: Pipeline,
  needs: readonly Term[],
  layer: Layer,
  { gold, dialect, now, valueSets, patients }: QueryOptions,
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
  const relation = factRelation({ ...reference, columns }, gold, dialect, now, valueSets, patients);
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
export function numbered(rows: Rows, order: RawBuilder<unknown>): DynamicQuery {
  return kept(rows)
    .select(rows.columns.map((name) => sql.ref(`r.${name}`).as(name)))
    .select(sql`row_number() over (partition by ${sql.ref('r.patient_no')} order by ${order})`.as('rn'));
}

/** By primary time, then by key: the highest is the last. */
export function orderOf(from: 'first' | 'last', timed: boolean): RawBuilder<unknown> {
  const direction = sql.raw(from === 'last' ? 'desc' : 'asc');
  const key = sql`${sql.ref(`r.${rowKey}`)} ${direction}`;
  return timed ? sql`${sql.ref(`r.${rowTime}`)} ${direction}, ${key}` : key;
}

/** A CTE or table of the statement itself. */
export const named = (name: string, alias: string): DynamicQuery => queryOf(plain, `${name} as ${alias}`);
