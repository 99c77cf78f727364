import { type Expression, type RawBuilder, sql } from 'kysely';
import type { DisclosureRule } from '../../access/disclosure.js';
import { MaplewoodError } from '../../errors.js';
import type { Aggregate } from '../../measures/aggregate.js';
import { cellsQuery } from '../../measures/cells.js';
import { figuresOf, withheldOf } from '../../measures/figures.js';
import { keptSets, martCells } from '../../measures/mart.js';
import { narrowed } from '../../measures/narrowed.js';
import { events, type Part, type PartList, partColumns, partsOf, personsOf } from '../../measures/parts.js';
import { dimensionOf } from '../../measures/source.js';
import { argumentsOf, sameCondition } from '../../schema/declare/arguments.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';
import { martPlan } from '../../schema/mart-plan.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { columnsOf, type Filter, filterSql } from '../filter.js';
import type { MeasureQuestion } from '../question.js';
import type { PlanContext } from './plan.js';
import { ofRole } from './reserved.js';
import { atTrusts } from './scope.js';
import type { Split } from './split.js';

/** Cells from the mart where it keeps the question, else from the events. */
export function chooseCells(
  dataset: MeasureDataset,
  question: MeasureQuestion,
  split: Split,
  { aggregates, parts: list }: { readonly aggregates: readonly Aggregate[]; readonly parts: PartList },
  asOf: string | undefined,
  context: PlanContext,
): DynamicQuery {
  const { gold, dialect, grant } = context;
  const exactFigures = grant.profile === 'exact';
  const published = grant.profile === 'published';
  if (published && !isProtectedBy(context)) throw notProtected();
  const parts = uniqueParts(list, aggregates, !exactFigures);
  const { counted } = dataset;
  const condition = counted?.(question.args) ?? {};
  const { trusts } = grant;
  const byTrust = split.by.includes('TRUST');
  const scoped = trusts !== null;
  const hasTrust = Object.hasOwn(dataset.source.dimensions, 'TRUST');
  const own = ofRole(dataset, grant.role);

  // A mart holds the beds of today.
  const dated = asOf !== undefined && parts.some(({ kind }) => kind === 'capacity');
  const usual =
    list === dataset.parts && sameCondition(condition, counted?.(argumentsOf(dataset.arguments)) ?? {});
  if (split.events.length === 0 && !dated && usual) {
    // Cells of the only trust in scope are those of the whole scope.
    const martBy = scoped && hasTrust && !byTrust && trusts.length === 1 ? [...split.by, 'TRUST'] : split.by;
    // Of no trust at all, and of events that have none, nothing is in scope.
    if (!scoped || !hasTrust || trusts.length === 0 || martBy.includes('TRUST')) {
      const plan = martPlan(dataset);
      const held = context.release.tables.get(plan.name);
      const marks = published
        ? [events, ...figuresOf(list, aggregates).map(({ column }) => column)].map(withheldOf)
        : [];
      const complete = [...parts.flatMap((part) => Object.keys(partColumns(part))), ...marks].every(
        (column) => held?.has(column),
      );
      const kept =
        held?.has(events) && complete
          ? martCells(gold, plan, keptSets(plan), martBy, question.grain)
          : undefined;
      const known = kept && own ? kept.where(own) : kept;
      const released = known && published ? known.where(notPartOfHidden(context.rule)) : known;
      if (released)
        return scoped ? released.where(atTrusts(hasTrust ? 'trust_code' : undefined, trusts)) : released;
    }
  }

  // Which figures are withheld is known of the cells of the mart only.
  if (published) throw notProtected();
  // What is of no trust is in the scope of none.
  const scope = scoped ? [atTrusts(hasTrust ? 'trust_code' : undefined, trusts)] : [];
  const trustOnly = split.events.filter((filter) =>
    columnsOf(filter).every((name) => dataset.dimensions.get(name)?.by === 'TRUST'),
  );
  const eventColumn = (name: string) => {
    if (name === 'period')
      return { expression: sql.ref('day'), type: { kind: 'date' } as const, nullable: false };
    const dimension = dataset.dimensions.get(name);
    if (!dimension) throw new MaplewoodError('POLICY_VIOLATION');
    if (dimension.value.from !== 'key') {
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `A filter on ${name} needs ${dimension.by} in by; filter by the code instead.`,
      );
    }
    const { column, type } = dimensionOf(dataset.source, dimension.by);
    return { expression: sql.ref(column), type, nullable: false };
  };
  const toSql = (filters: readonly Filter[]): Expression<boolean>[] =>
    filters.map((filter) => filterSql(dialect, filter, eventColumn));
  return cellsQuery(gold, dialect, {
    source: narrowed(dataset.source, condition),
    by: split.by,
    grain: question.grain,
    parts,
    ...(asOf === undefined ? {} : { asOf }),
    ...(context.acts ? { acts: context.acts.json } : {}),
    persons: !exactFigures || aggregates.some(countsPersons),
    eventFilter: [...scope, ...(own ? [own] : []), ...toSql(split.events)],
    trustFilter: [...scope, ...toSql(trustOnly)],
    dayFilter: toSql(split.events.filter((filter) => columnsOf(filter).includes('period'))),
    finerThanTrust: split.eventDimensions.some((name) => name !== 'TRUST' && name !== 'period'),
  });
}

/** The parts that the mart keeps, or those of the aggregates alone where it lacks one: for other arguments than it was made for. */
export function partsFor(dataset: MeasureDataset, aggregates: readonly Aggregate[]): PartList {
  if (aggregates.every((aggregate) => dataset.parts.has(aggregate))) return dataset.parts;
  return partsOf(Object.fromEntries(aggregates.map((aggregate, index) => [`m${index}`, aggregate])));
}

function uniqueParts(list: PartList, aggregates: readonly Aggregate[], controlled: boolean): Part[] {
  const parts = new Map<string, Part>();
  for (const aggregate of aggregates)
    for (const part of list.neededBy(aggregate, controlled)) parts.set(part.id, part);
  return [...parts.values()];
}

const countsPersons = (aggregate: Aggregate): boolean =>
  aggregate.kind === 'persons' || (aggregate.kind === 'ratio' && aggregate.below.kind === 'persons');

/** The release withholds figures by the rule that the server hides and rounds by. */
const isProtectedBy = ({ release: { disclosure }, rule }: PlanContext): boolean =>
  disclosure?.threshold === rule.threshold && disclosure.base === rule.base;

const notProtected = (): MaplewoodError =>
  new MaplewoodError(
    'WAREHOUSE_UNAVAILABLE',
    'The release does not tell which published figures are withheld by the rule of disclosure control in use. Run: maplewood etl run',
  );

/** A total of few events is not split: cells that are part of one do not exist for roles with published figures. */
const notPartOfHidden = ({ threshold }: DisclosureRule): RawBuilder<boolean> =>
  sql<boolean>`(${sql.ref(withheldOf(events))} is null or (${sql.ref(events)} >= ${sql.lit(threshold)} and ${sql.ref(personsOf(events))} >= ${sql.lit(threshold)}))`;
