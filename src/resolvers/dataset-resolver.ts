import type { GraphQLResolveInfo } from 'graphql';
import { Ctx, Info, Int, Query, Resolver } from 'type-graphql';
import { MaplewoodError } from '../errors.js';
import { type LoadedPage, load } from '../loaders/load.js';
import { isGuarded } from '../loaders/plan/people.js';
import type { Question } from '../loaders/question.js';
import { argumentsOf } from '../schema/declare/arguments.js';
import type { Dataset, MeasureDataset, RowDataset } from '../schema/declare/dataset.js';
import type { Arguments, DatasetArgument } from '../schema/declare/metadata.js';
import type { Grain } from '../warehouse/grain.js';
import { besideOf } from './connection.js';
import type { RequestContext } from './context.js';
import {
  type Argument,
  argument,
  asOfArgument,
  type DatasetTypes,
  pageArguments,
  whereArgument,
} from './dataset-types.js';
import { detailsOf } from './details.js';
import { atMost, GrainEnum, type MadeClass, makeEnum, namedClass, toFilter, toOrder } from './inputs.js';
import { columnsIn, loadNested } from './nested.js';
import { type NoticeAnswer, pageAnswer } from './page-answer.js';
import { rowSelection, type Selection, selectionOf } from './selection.js';

type Args = Readonly<Record<string, unknown>>;

/** The resolver class of a dataset: one root field, with the arguments that its declaration means. */
export function datasetResolver(dataset: Dataset, types: DatasetTypes): MadeClass {
  const resolver = namedClass(`${dataset.type.name}Resolver`);
  const prototype = resolver.prototype as Record<string, unknown>;
  const made = [
    ...ownArguments(dataset),
    ...(dataset.kind === 'measure' ? cellArguments(dataset) : []),
    whereArgument(types),
    ...asOfArguments(dataset),
    ...pageArguments(types),
  ];
  prototype[dataset.key] = (...values: unknown[]): Promise<object> => {
    const args = Object.fromEntries(made.map(({ name }, index) => [name, values[index]]));
    const [context, info] = values.slice(made.length) as [RequestContext, GraphQLResolveInfo];
    return resolve(dataset, args, context, info);
  };
  for (const [index, { decorate }] of made.entries()) decorate(prototype, dataset.key, index);
  Ctx()(prototype, dataset.key, made.length);
  Info()(prototype, dataset.key, made.length + 1);
  Query(() => types.connection, { description: `${dataset.title}. ${dataset.description}` })(
    prototype,
    dataset.key,
    Object.getOwnPropertyDescriptor(prototype, dataset.key) as TypedPropertyDescriptor<unknown>,
  );
  Resolver()(resolver);
  return resolver;
}

function asOfArguments(dataset: Dataset): Argument[] {
  if (dataset.kind === 'measure')
    return [
      asOfArgument(
        'Names, beds and other attributes as they were known at the end of this day; events are those of the release.',
      ),
    ];
  return dataset.people
    ? [
        asOfArgument(
          'Attributes of patients, trusts and practices as they were known at the end of this day, in nested rows as well; events are those of the release.',
        ),
      ]
    : [];
}

const ownArguments = (dataset: Dataset): Argument[] =>
  Object.entries(dataset.arguments ?? {}).map(([name, declared]): Argument => {
    const type = argumentType(declared);
    return argument(name, () => type, {
      ...(declared.default === null ? { nullable: true } : { defaultValue: declared.default }),
      description: declared.description,
    });
  });

function cellArguments(dataset: MeasureDataset): Argument[] {
  const dimension = makeEnum(`${dataset.type.name}Dimension`, dataset.by, `Dimensions of ${dataset.key}.`);
  return [
    argument('by', () => [dimension], { defaultValue: [], description: 'Dimensions that split the cells.' }),
    argument('grain', () => GrainEnum, { defaultValue: 'ALL', description: 'Calendar bucket of the cells.' }),
  ];
}

function argumentType({ type, description }: DatasetArgument) {
  switch (type.kind) {
    case 'boolean':
      return Boolean;
    case 'int':
      return Int;
    case 'enum':
      return makeEnum(type.name, type.values, description);
  }
}

async function resolve(
  dataset: Dataset,
  args: Args,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<object> {
  const selection = selectionOf(info);
  const after = args['after'] as string | null | undefined;
  const question = questionOf(dataset, args, selection, context);
  const rows = rowSelection(selection);
  const withMore =
    dataset.kind === 'row' && (dataset.people || detailsOf(dataset).length > 0) ? dataset : undefined;
  const page = await load(dataset, question, after ?? undefined, context.load);
  if (withMore) await loadNested(withMore, page.rows, page.patients, rows, question.asOf, context, info);
  context.provenance.hiddenCells += page.hiddenCells;
  const [row] = page.rows;
  const beside = besideOf(dataset).map(({ name }) => [name, row?.[name] ?? null]);
  return {
    ...pageAnswer(page, selection, after != null, notices(dataset, args, question, page, context)),
    ...Object.fromEntries(beside),
  };
}

/** What is asked, in canonical form: the order of fields, fragments and aliases makes no difference. */
function questionOf(
  dataset: Dataset,
  args: Args,
  selection: Selection,
  { limits }: RequestContext,
): Question {
  for (const name of ['by', 'orderBy']) atMost(name, (args[name] ?? []) as readonly unknown[], limits);
  const where = toFilter(args['where'] as Args | undefined, limits);
  const asOf = args['asOf'] as string | null | undefined;
  const rows = rowSelection(selection);
  const page = {
    dataset: dataset.key,
    ...(asOf == null ? {} : { asOf }),
    ...(where ? { where } : {}),
    orderBy: toOrder(args['orderBy'] as { column: string; direction?: string }[] | undefined),
    first: args['first'] as number,
    select: dataset.kind === 'row' ? selectedIn(dataset, rows, selection) : rows.names().sort(),
    total: selection.has('totalCount'),
  };
  if (dataset.kind === 'row')
    return {
      kind: 'row',
      ...page,
      ...(dataset.arguments ? { args: checkedArguments(dataset, args) } : {}),
    };
  const by = new Set(args['by'] as readonly string[]);
  return {
    kind: 'measure',
    ...page,
    by: dataset.by.filter((name) => by.has(name)),
    grain: args['grain'] as Grain,
    args: checkedArguments(dataset, args),
  };
}

/** Columns of the rows, and those beside them. */
const selectedIn = (dataset: RowDataset, rows: Selection, connection: Selection): string[] =>
  [
    ...columnsIn(dataset, rows),
    ...besideOf(dataset)
      .map(({ name }) => name)
      .filter((name) => connection.has(name)),
  ].sort();

/** Error: `BAD_USER_INPUT` for a number outside the limits of its argument. */
function checkedArguments(dataset: Dataset, given: Args): Arguments {
  const args = argumentsOf(dataset.arguments, given as Arguments);
  for (const [name, { type }] of Object.entries(dataset.arguments ?? {})) {
    const value = args[name];
    if (type.kind === 'int' && typeof value === 'number' && (value < type.least || value > type.most))
      throw new MaplewoodError('BAD_USER_INPUT', `${name} must be from ${type.least} to ${type.most}.`);
  }
  return args;
}

function notices(
  dataset: Dataset,
  args: Args,
  question: Question,
  page: LoadedPage,
  { load: { plan } }: RequestContext,
): NoticeAnswer[] {
  if (dataset.kind === 'row') {
    const guarded = isGuarded(dataset, question, plan.grant);
    if (!guarded || page.rows.length > 0 || args['after'] != null) return [];
    return [
      {
        code: 'COHORT_TOO_SMALL',
        message: `The filter leaves fewer than ${plan.rule.threshold} patients, or none: no row is shown. Ask for more, or for patients by their patientId.`,
      },
    ];
  }
  if (!dataset.unavailable) return [];
  const { argument, value, reason } = dataset.unavailable;
  return args[argument] === value ? [{ code: 'NOT_IN_SOURCES', message: reason }] : [];
}
