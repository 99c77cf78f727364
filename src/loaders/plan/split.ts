import type { Role } from '../../access/role.js';
import { roleDeclarations } from '../../access/role.js';
import { MaplewoodError } from '../../errors.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';
import { columnsOf, conjuncts, type Filter } from '../filter.js';
import type { MeasureQuestion } from '../question.js';

/** Where each condition of a question acts. */
export interface Split {
  /** Dimensions by which cells are made: those asked for, and under disclosure control those filtered. */
  readonly by: readonly string[];
  /** Conditions on single events; they change what a cell counts. Roles with exact figures only. */
  readonly events: readonly Filter[];
  /** Conditions on finished cells. */
  readonly cells: readonly Filter[];
  /** Dimensions that the event conditions name. */
  readonly eventDimensions: readonly string[];
}

/**
 * Under disclosure control a filter picks finished cells: a filtered dimension splits the cells as if it stood in
 * `by`, so that no combination of members can be made that was not offered. With exact figures a filter on a
 * dimension outside `by`, or on the days of the one bucket ALL, narrows the events.
 */
export function splitFilter(dataset: MeasureDataset, role: Role, question: MeasureQuestion): Split {
  const fixed = new Set(dataset.source.fixed);
  const asked = new Set(question.by);
  const outside = (column: string): string | undefined => {
    if (column === 'period') return question.grain === 'ALL' ? 'period' : undefined;
    const dimension = dataset.dimensions.get(column)?.by;
    return dimension !== undefined && !asked.has(dimension) && !fixed.has(dimension) ? dimension : undefined;
  };
  const all = conjuncts(question.where);
  const ordered = (names: ReadonlySet<string>): string[] => dataset.by.filter((name) => names.has(name));

  if (roleDeclarations[role].profile !== 'exact') {
    const by = new Set(asked);
    for (const filter of all) {
      for (const column of columnsOf(filter)) {
        const dimension = outside(column);
        if (dimension === 'period') {
          throw new MaplewoodError(
            'BAD_USER_INPUT',
            'A filter on period needs a calendar grain: period is null for grain ALL.',
          );
        }
        if (dimension) by.add(dimension);
      }
    }
    for (const order of question.orderBy) {
      const dimension = outside(order.column);
      if (dimension && dimension !== 'period') by.add(dimension);
    }
    return { by: ordered(by), events: [], cells: all, eventDimensions: [] };
  }

  const events: Filter[] = [];
  const cells: Filter[] = [];
  const eventDimensions = new Set<string>();
  for (const filter of all) {
    const columns = columnsOf(filter);
    const narrowing = columns.filter((column) => outside(column) !== undefined);
    if (narrowing.length === 0) cells.push(filter);
    else if (narrowing.includes('period') && columns.length > 1) {
      // The days of a mean are those of the period: they cannot depend on a member.
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        'One condition mixes period with other columns. Separate the conditions with "and".',
      );
    } else if (narrowing.length === columns.length) {
      events.push(filter);
      for (const column of columns) eventDimensions.add(outside(column) ?? '');
    } else {
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `One condition mixes ${narrowing.join(', ')}, which narrows the events, with columns of the answer. Ask by that dimension, or separate the conditions with "and".`,
      );
    }
  }
  return { by: ordered(asked), events, cells, eventDimensions: [...eventDimensions] };
}
