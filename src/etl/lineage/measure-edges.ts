import { withheldOf } from '../../measures/figures.js';
import type { MartPlan } from '../../measures/mart.js';
import { events as allEvents, type Part, partColumns, personsOf, topOf } from '../../measures/parts.js';
import type { EventSource, GoldBuilder } from '../../measures/source.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { type GoldColumn, lineageOf } from '../../warehouse/query-lineage.js';
import { type Edge, edge, end } from './edge.js';

export type GoldColumns = (table: string) => readonly string[];

const goldEnd = ({ table, column }: GoldColumn) => end('gold', table, column);

/** From facts and dimensions to the events that are counted, by the query of the source. */
export function eventEdges(source: EventSource, gold: GoldBuilder, columnsOf: GoldColumns): Edge[] {
  const { columns, rows, filters } = lineageOf(source.relation(gold, duckdbDialect), columnsOf);
  const toRows = end('events', source.name);
  return [
    ...rows.map((table) => edge(end('gold', table), toRows, 'direct', 'one row an event')),
    ...[...columns].flatMap(([column, { from, direct }]) =>
      from.map((one) =>
        edge(goldEnd(one), end('events', source.name, column), direct ? 'direct' : 'derived'),
      ),
    ),
    ...filters.map((one) => edge(goldEnd(one), toRows, 'filter')),
  ];
}

/** From events to the cells of a mart, by the parts of the declared measures. */
export function martEdges(plan: MartPlan, gold: GoldBuilder, columnsOf: GoldColumns): Edge[] {
  const { name, source, parts } = plan;
  const to = (column: string) => end('mart', name, column);
  const of = (column: string) => end('events', source.name, column);
  const own = ['by_set', 'grain'].map((column) =>
    edge(end('made', 'declaration'), to(column), 'derived', 'dimensions and grain that the mart keeps'),
  );
  return [
    edge(end('events', source.name), end('mart', name), 'count', 'events of each cell'),
    ...own,
    edge(of('day'), to('period'), 'derived', 'first day of the calendar bucket'),
    ...Object.values(source.dimensions).map(({ column }) => edge(of(column), to(column), 'direct')),
    ...parts.flatMap((part) => partEdges(part, plan, gold, columnsOf)),
    ...(plan.published?.figures ?? []).flatMap(({ column, persons, top, beside }) =>
      [...new Set([column, persons, top ?? column, beside ?? column])].map((behind) =>
        edge(
          to(behind),
          to(withheldOf(column)),
          'derived',
          'what is withheld, so that no hidden one is told',
        ),
      ),
    ),
  ];
}

function partEdges(
  part: Part,
  { name, source }: MartPlan,
  gold: GoldBuilder,
  columnsOf: GoldColumns,
): Edge[] {
  const rows = end('events', source.name);
  const of = (column: string) => end('events', source.name, column);
  const to = end('mart', name, part.id);
  const conditions = (target: Edge['to'], where: object): Edge[] =>
    Object.keys(where).map((column) => edge(of(column), target, 'filter', 'which events count'));
  switch (part.kind) {
    case 'count': {
      const persons = end('mart', name, personsOf(part.id));
      return [
        edge(rows, to, 'count', part.id === allEvents ? 'all events' : 'events that meet the condition'),
        ...conditions(to, part.where),
        edge(of('patient_no'), persons, 'count', 'distinct patients behind the events'),
        ...conditions(persons, part.where),
      ];
    }
    case 'sum': {
      const top = end('mart', name, topOf(part.id));
      return [
        edge(of(part.column), to, 'derived', 'sum'),
        edge(rows, to, 'filter', 'all events'),
        ...conditions(to, part.where),
        edge(of(part.column), top, 'derived', 'largest sum of one patient'),
        edge(of('patient_no'), top, 'derived', 'largest sum of one patient'),
        ...conditions(top, part.where),
      ];
    }
    case 'mean':
      return [
        edge(of(part.column), to, 'derived', 'mean'),
        edge(rows, to, 'filter', 'all events'),
        ...conditions(to, part.where),
      ];
    case 'percentile':
      return [
        edge(of(part.column), to, 'derived', 'percentile, interpolated'),
        edge(rows, to, 'filter', 'all events'),
        ...conditions(to, part.where),
      ];
    case 'peak':
      return [
        edge(rows, to, 'count', 'largest number at one sample'),
        ...(source.samples ? [edge(of(source.samples.key), to, 'derived', 'the sample')] : []),
      ];
    case 'samples': {
      if (!source.samples) return [];
      const samples = lineageOf(source.samples.relation(gold), columnsOf);
      return [
        ...samples.rows.map((table) => edge(end('gold', table), to, 'count', 'samples of the bucket')),
        ...[...samples.columns.values()].flatMap(({ from }) =>
          from.map((one) => edge(goldEnd(one), to, 'derived', 'the bucket of a sample')),
        ),
        ...samples.filters.map((one) => edge(goldEnd(one), to, 'filter', 'which samples count')),
      ];
    }
    case 'capacity':
      return [
        edge(end('gold', 'dim_trust', 'beds'), to, 'derived', 'sum over the trusts of the cell'),
        edge(end('gold', 'dim_trust'), to, 'filter', 'null where the beds of one trust are not known'),
      ];
  }
}

/** Columns in which a mart keeps a part, the persons of a count among them. */
export const columnsOfPart = (part: Part): string[] => Object.keys(partColumns(part));
