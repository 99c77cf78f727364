import { type RawBuilder, sql } from 'kysely';
import { controlled, exact, percent, type Released } from '../../access/disclosure.js';
import type { Aggregate, Count, Slope, Standardised, Sum } from '../../measures/aggregate.js';
import type { PartList } from '../../measures/parts.js';
import { foldGroups, slopeIndex } from '../../measures/slope.js';
import { dimensionOf, type EventSource, splitBy } from '../../measures/source.js';
import { foldBands, standardisedRate } from '../../measures/standardised.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import type { PlanContext } from './plan.js';
import { controlOf } from './released.js';

/** A measure that is computed from finer cells than those of the answer. */
export type Folded = Standardised | Slope;

export const isFolded = (aggregate: Aggregate): aggregate is Folded =>
  aggregate.kind === 'standardised' || aggregate.kind === 'slope';

/** What a fold is made from. */
interface FoldInputs {
  readonly source: EventSource;
  readonly parts: PartList;
  /** Dimensions of the answer. */
  readonly by: readonly string[];
  /** Cells by these dimensions, with the parts of the aggregates. */
  readonly cellsBy: (by: readonly string[], aggregates: readonly Aggregate[]) => DynamicQuery;
  /** Columns that tell the cells of the answer, `c`, apart. */
  readonly keys: readonly string[];
  readonly context: PlanContext;
}

/**
 * Joins what folded measures need to the cells `c` of an answer, once for all measures over the same cells. Under
 * disclosure control they are computed from the finer cells as these would be released: hidden where one of them is.
 */
export class Folds {
  private readonly aliases = new Map<string, string>();

  constructor(private readonly inputs: FoldInputs) {}

  /** The rows with the join that the measure needs, and the measure. */
  add(rows: DynamicQuery, aggregate: Folded): { rows: DynamicQuery; released: Released } {
    const { kind, over, events, population } = aggregate;
    const key = JSON.stringify([kind, over, events, population]);
    const known = this.aliases.get(key);
    const alias = known ?? `x${this.aliases.size + 1}`;
    this.aliases.set(key, alias);
    const joined = known
      ? rows
      : rows.leftJoin(this.fold(aggregate).as(alias), (join) =>
          this.inputs.keys.reduce(
            (on, column) => on.onRef(`c.${column}`, '=', `${alias}.${column}`),
            join.on(sql<boolean>`1 = 1`),
          ),
        );
    return { rows: joined, released: this.released(aggregate, alias) };
  }

  private released(aggregate: Folded, alias: string): Released {
    const { dialect, grant } = this.inputs.context;
    const value =
      aggregate.kind === 'slope'
        ? slopeIndex(alias, aggregate.groups)
        : standardisedRate(alias, aggregate.value);
    if (grant.profile === 'exact') return { value, hidden: undefined };
    const people = sql.ref(`${alias}.people`) as unknown as RawBuilder<unknown>;
    const finerHidden = sql<boolean>`(${sql.ref(`${alias}.hidden`)} = 1)`;
    return {
      value: percent(dialect, value, people),
      // That there are too few events for a rate would tell that there are none, where few are hidden.
      hidden:
        grant.profile === 'published' ? sql<boolean>`(${finerHidden} or ${value} is null)` : finerHidden,
    };
  }

  private fold(aggregate: Folded): DynamicQuery {
    const { keys, context } = this.inputs;
    const bands = this.bands(aggregate);
    return aggregate.kind === 'slope'
      ? foldGroups(context.gold, context.dialect, bands, keys, aggregate.groups)
      : foldBands(context.gold, context.dialect, bands, keys, aggregate.weights);
  }

  /** The finer cells as they may be released. */
  private bands({ over, events, population }: Folded): DynamicQuery {
    const { source, parts, by, cellsBy, keys, context } = this.inputs;
    const { dialect, gold, grant, rule } = context;
    const release = (one: Count | Sum): Released =>
      grant.profile === 'exact'
        ? exact(dialect, parts, one)
        : controlled(dialect, parts, one, rule, controlOf(grant));
    const [observed, people] = [release(events), release(population)];
    const hidden = [observed, people].flatMap((one) => (one.hidden ? [one.hidden] : []));
    const finer = cellsBy(splitBy(source, [...by, over]), [events, population]);
    return (gold.selectFrom(finer.as('c')) as unknown as DynamicQuery)
      .select(keys.map((key) => sql.ref(`c.${key}`).as(key)))
      .select([
        sql.ref(`c.${dimensionOf(source, over).column}`).as('member'),
        observed.value.as('observed'),
        people.value.as('people'),
        (hidden.length === 0
          ? sql.lit(0)
          : sql`(case when ${sql.join(hidden, sql` or `)} then 1 else 0 end)`
        ).as('hidden'),
      ]);
  }
}
