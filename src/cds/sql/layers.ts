import { sql } from 'kysely';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { importsOf, isConstant, type Layer, named, plain, type QueryOptions } from './rows.js';
import { columnOf, type Scan, scanQuery, scansOf } from './scans.js';
import { partsOf, type Term } from './term.js';
import { Rendering } from './values.js';

/** A part of a statement that other parts read by its name. */
export interface Part {
  readonly name: string;
  readonly query: DynamicQuery;
}

/** Parts in the order in which they stand, and the last one with a row for every patient. */
export interface Layout {
  readonly parts: readonly Part[];
  readonly last: Layer;
}

type Member = Scan['members'][number];

/**
 * Lays a rule out: patients, then in turn the scans of which everything is known that their rows are compared with, and
 * the terms that can be computed from what is there. What is used twice, or `brought` to rows, is a column.
 */
export function layOut(
  roots: readonly Term[],
  patients: DynamicQuery,
  warehouse: QueryOptions,
  brought: readonly Term[] = [],
): Layout {
  const { members, columns } = needed(roots, brought);
  const parts: Part[] = [{ name: 'p0', query: patients }];
  let layer: Layer = { name: 'p0', columns: new Map() };
  let scans = scansOf(members);
  let terms = columns;
  const add = (query: DynamicQuery, computed: ReadonlyMap<number, string>): void => {
    const name = `p${parts.length}`;
    parts.push({ name, query });
    layer = { name, columns: new Map([...layer.columns, ...computed]) };
  };
  while (scans.length + terms.length > 0) {
    const isThere = (term: Term): boolean => layer.columns.has(term.id);
    const ready = scans.filter(({ imports }) => imports.every(isThere));
    if (ready.length > 0) {
      scans = scans.filter((scan) => !ready.includes(scan));
      const names = ready.map((scan) => {
        const name = `s${parts.length}`;
        parts.push({ name, query: scanQuery(scan, layer, warehouse) });
        return name;
      });
      add(withScans(layer, ready, names, warehouse), columnsOf(ready.flatMap((scan) => scan.members)));
      continue;
    }
    const pending = new Set(terms);
    const now = terms.filter((term) => isReady(term, isThere, pending, true));
    if (now.length === 0) throw new Error('a rule depends on itself');
    terms = terms.filter((term) => !now.includes(term));
    add(withTerms(layer, now, warehouse), columnsOf(now));
  }
  return { parts, last: layer };
}

const columnsOf = (terms: readonly Term[]): Map<number, string> =>
  new Map(terms.map((term) => [term.id, columnOf(term)]));

/** True where a term can be computed from the columns that are there. */
function isReady(
  term: Term,
  isThere: (term: Term) => boolean,
  pending: ReadonlySet<Term>,
  itself: boolean,
): boolean {
  if (isConstant(term) || isThere(term)) return true;
  if (term.kind !== 'apply' || (!itself && pending.has(term))) return false;
  return term.operands.every((operand) => isReady(operand, isThere, pending, false));
}

/** Everything that the roots are made of: functions of rows, and the other terms that get a column. */
function needed(
  roots: readonly Term[],
  brought: readonly Term[],
): { readonly members: Member[]; readonly columns: Term[] } {
  const uses = new Map<Term, number>();
  const imported = new Set<Term>(brought);
  const asValues = new Set<Term>();
  const visit = (term: Term): void => {
    if (isConstant(term) || term.kind === 'unavailable') return;
    const before = uses.get(term) ?? 0;
    uses.set(term, before + 1);
    if (before > 0) return;
    if (term.kind === 'aggregate' || term.kind === 'pick')
      for (const part of importsOf(partsOf(term))) {
        imported.add(part);
        visit(part);
      }
    else if (term.kind === 'apply' || term.kind === 'late')
      for (const part of term.operands) {
        if (isWrittenTwice(part, term)) asValues.add(part);
        visit(part);
      }
  };
  for (const root of [...roots, ...brought]) visit(root);
  const members: Member[] = [];
  const columns: Term[] = [];
  for (const [term, count] of uses) {
    if (term.kind === 'aggregate' || term.kind === 'pick') members.push(term);
    else if (term.kind === 'apply' && !term.late && (count > 1 || imported.has(term) || asValues.has(term)))
      columns.push(term);
  }
  return { members, columns };
}

/** A condition of some size where its value is needed: its text would stand there twice, and so on in each of them. */
function isWrittenTwice(part: Term, whole: Term): boolean {
  if (part.kind !== 'apply' || part.type !== 'boolean' || part.op === 'choose' || part.op === 'is null')
    return false;
  if (whole.kind === 'apply' && (whole.op === 'and' || whole.op === 'or' || whole.op === 'not')) return false;
  if (whole.kind === 'apply' && whole.op === 'choose' && whole.operands[0] === part) return false;
  return part.operands.some(({ kind }) => kind === 'apply');
}

export const renderingOf = ({ columns }: Layer, { dialect }: QueryOptions): Rendering =>
  new Rendering(dialect, ({ id }) => {
    const name = columns.get(id);
    return name === undefined ? undefined : sql.ref(`p.${name}`);
  });

const carried = ({ name, columns }: Layer): DynamicQuery =>
  named(name, 'p')
    .select('p.patient_no')
    .select([...columns.values()].map((column) => sql.ref(`p.${column}`).as(column)));

/** The patients with what the scans found of them: no row is a count and a sum of 0, and null otherwise. */
function withScans(
  layer: Layer,
  scans: readonly Scan[],
  names: readonly string[],
  { dialect }: QueryOptions,
): DynamicQuery {
  return scans.reduce((query, { members }, at) => {
    const name = names[at] ?? '';
    const found = members.map((member) => {
      const column = sql.ref(`${name}.${columnOf(member)}`);
      const counted =
        member.kind === 'aggregate' && (member.function === 'tally' || member.function === 'total');
      return (counted ? sql`coalesce(${column}, ${dialect.toDouble(sql.lit(0))})` : column).as(
        columnOf(member),
      );
    });
    return query
      .leftJoin(name, `${name}.patient_no`, 'p.patient_no')
      .select(found) as unknown as DynamicQuery;
  }, carried(layer));
}

function withTerms(layer: Layer, terms: readonly Term[], warehouse: QueryOptions): DynamicQuery {
  const rendering = renderingOf(layer, warehouse);
  return carried(layer).select(terms.map((term) => rendering.value(term).as(columnOf(term))));
}

/** A query that reads the parts by their names. */
export function reading(parts: readonly Part[], from: string, alias: string): DynamicQuery {
  const [first, ...others] = parts;
  if (!first) return named(from, alias);
  const start = plain.with(first.name, () => first.query as never);
  const all = others.reduce(
    (query, { name, query: body }) => query.with(name, () => body as never) as never,
    start,
  );
  return all.selectFrom(`${from} as ${alias}` as never) as unknown as DynamicQuery;
}
