import type { Aggregate, Count, Persons, Sum } from './aggregate.js';
import { contributors } from './aggregate.js';
import { type PartList, personsOf, topOf } from './parts.js';

/** How figures of cells relate: events add up over any split, patients may be in several parts. */
export type FigureKind = 'events' | 'patients';

/** A whole number that is released, by itself or within a share: its column, and what decides whether it is hidden. */
export interface Figure {
  readonly column: string;
  /** Column of the patients behind it. */
  readonly persons: string;
  /** Column of the largest part of one patient, of a sum. */
  readonly top?: string;
  readonly kind: FigureKind;
  /**
   * Column of the figure of the events, of a number of patients that is released beside it: where every patient has one
   * event the numbers are the same, so that this one is withheld where that one is.
   */
  readonly beside?: string;
}

/** Column that marks the cells in which a figure is withheld, for others' sake. Null: it is not. */
export const withheldOf = (column: string): string => `${column}__withheld`;

/** The figures behind measures, each once, and before them one that is told without being a measure. */
export function figuresOf(parts: PartList, aggregates: readonly Aggregate[], told?: Count): Figure[] {
  const found = new Map<string, Figure>();
  const counts = new Set(
    aggregates.flatMap((aggregate) => (aggregate.kind === 'count' ? [parts.idOf(aggregate)] : [])),
  );
  const add = (operand: Count | Sum | Persons): void => {
    const figure = figureOf(parts, operand);
    const beside = operand.kind === 'persons' ? parts.idOf(operand.of) : '';
    found.set(figure.column, counts.has(beside) ? { ...figure, beside } : figure);
  };
  if (told) add(told);
  for (const aggregate of aggregates)
    switch (aggregate.kind) {
      case 'count':
      case 'sum':
      case 'persons':
        add(aggregate);
        break;
      case 'ratio':
        add(aggregate.above);
        add(aggregate.below);
        break;
      case 'percentage':
      case 'wilson':
        add(aggregate.numerator);
        add(aggregate.denominator);
        break;
      case 'rate':
      case 'standardised':
      case 'slope':
        add(aggregate.events);
        add(aggregate.population);
        break;
      case 'perSample':
      case 'utilisation':
        add(aggregate.of);
        break;
      // They are null where they have no value, which tells that the number of values is zero.
      case 'mean':
      case 'percentile':
        add(contributors(aggregate));
        break;
      // They are no numbers of people.
      case 'peak':
      case 'capacity':
      case 'isPartial':
        break;
    }
  return [...found.values()];
}

function figureOf(parts: PartList, operand: Count | Sum | Persons): Figure {
  switch (operand.kind) {
    case 'count': {
      const column = parts.idOf(operand);
      return { column, persons: personsOf(column), kind: 'events' };
    }
    case 'persons': {
      const column = personsOf(parts.idOf(operand.of));
      return { column, persons: column, kind: 'patients' };
    }
    case 'sum': {
      // Money is released to two digits, which hide a single patient; that nobody has any is told by zero.
      if (operand.money) return figureOf(parts, contributors(operand));
      const column = parts.valueId(operand);
      return {
        column,
        persons: personsOf(parts.idOf(contributors(operand))),
        top: topOf(column),
        kind: 'events',
      };
    }
  }
}
