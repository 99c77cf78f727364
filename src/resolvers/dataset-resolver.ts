import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, Int, Query, Resolver } from 'type-graphql';
import { MaplewoodError } from '../errors.js';
import { type LoadedPage, load } from '../loaders/load.js';
import type { Question } from '../loaders/question.js';
import { argumentsOf } from '../schema/declare/arguments.js';
import type { Dataset, MeasureDataset } from '../schema/declare/dataset.js';
import type { Arguments, DatasetArgument } from '../schema/declare/metadata.js';
import { DateScalar } from '../schema/declare/scalars.js';
import type { Grain } from '../warehouse/grain.js';
import { connectionType } from './connection.js';
import type { RequestContext } from './context.js';
import {
  datasetInputs,
  GrainEnum,
  type MadeClass,
  makeEnum,
  namedClass,
  toFilter,
  toOrder,
} from './inputs.js';
import { type Selection, selectionOf } from './selection.js';

type Args = Readonly<Record<string, unknown>>;

/** The resolver class of a dataset: one root field, with the arguments that its declaration means. */
export function datasetResolver(dataset: Dataset): MadeClass {
  const connection = connectionType(dataset);
  const { where, orderBy } = datasetInputs(dataset);
  const resolver = namedClass(`${dataset.type.name}Resolver`);
  const prototype = resolver.prototype as Record<string, unknown>;

  const names: string[] = [];
  const decorate: ((index: number) => void)[] = [];
  const argument = (name: string, make: (index: number) => void): void => {
    names.push(name);
    decorate.push(make);
  };
  if (dataset.kind === 'measure') measureArguments(dataset, prototype, argument);
  argument('where', (index) => Arg('where', () => where, { nullable: true })(prototype, dataset.key, index));
  if (dataset.kind === 'measure')
    argument('asOf', (index) =>
      Arg('asOf', () => DateScalar, {
        nullable: true,
        description:
          'Names, beds and other attributes as they were known at the end of this day; events are those of the release.',
      })(prototype, dataset.key, index),
    );
  argument('orderBy', (index) =>
    Arg('orderBy', () => [orderBy], { nullable: true })(prototype, dataset.key, index),
  );
  argument('first', (index) =>
    Arg('first', () => Int, { defaultValue: 100, description: 'Rows of the page, 1 to 10,000.' })(
      prototype,
      dataset.key,
      index,
    ),
  );
  argument('after', (index) =>
    Arg('after', () => String, { nullable: true, description: 'Cursor of the last row seen.' })(
      prototype,
      dataset.key,
      index,
    ),
  );

  prototype[dataset.key] = (...values: unknown[]): Promise<object> => {
    const args = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    const [context, info] = values.slice(names.length) as [RequestContext, GraphQLResolveInfo];
    return resolve(dataset, args, context, info);
  };
  for (const [index, make] of decorate.entries()) make(index);
  Ctx()(prototype, dataset.key, names.length);
  Info()(prototype, dataset.key, names.length + 1);
  Query(() => connection, { description: `${dataset.title}. ${dataset.description}` })(
    prototype,
    dataset.key,
    Object.getOwnPropertyDescriptor(prototype, dataset.key) as TypedPropertyDescriptor<unknown>,
  );
  Resolver()(resolver);
  return resolver;
}

function measureArguments(
  dataset: MeasureDataset,
  prototype: object,
  argument: (name: string, make: (index: number) => void) => void,
): void {
  for (const [name, declared] of Object.entries(dataset.arguments ?? {})) {
    const type = argumentType(declared);
    argument(name, (index) =>
      Arg(name, () => type, {
        ...(declared.default === null ? { nullable: true } : { defaultValue: declared.default }),
        description: declared.description,
      })(prototype, dataset.key, index),
    );
  }
  const dimension = makeEnum(`${dataset.type.name}Dimension`, dataset.by, `Dimensions of ${dataset.key}.`);
  argument('by', (index) =>
    Arg('by', () => [dimension], { defaultValue: [], description: 'Dimensions that split the cells.' })(
      prototype,
      dataset.key,
      index,
    ),
  );
  argument('grain', (index) =>
    Arg('grain', () => GrainEnum, { defaultValue: 'ALL', description: 'Calendar bucket of the cells.' })(
      prototype,
      dataset.key,
      index,
    ),
  );
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
  const page = await load(
    dataset,
    questionOf(dataset, args, selection, context),
    after ?? undefined,
    context.load,
  );
  context.provenance.hiddenCells += page.hiddenCells;
  return {
    nodes: page.rows,
    edges: selection.has('edges') ? page.rows.map((node) => ({ cursor: page.cursor(node), node })) : [],
    pageInfo: pageInfo(page, selection, after != null),
    totalCount: page.total ?? 0,
    notices: notices(dataset, args),
  };
}

/** What is asked, in canonical form: the order of fields, fragments and aliases makes no difference. */
function questionOf(
  dataset: Dataset,
  args: Args,
  selection: Selection,
  { limits }: RequestContext,
): Question {
  const first = args['first'] as number;
  if (first < 1 || first > limits.firstMax) {
    throw new MaplewoodError('BAD_USER_INPUT', `first must be from 1 to ${limits.firstMax}.`);
  }
  const where = toFilter(args['where'] as Args | undefined, limits);
  const asOf = args['asOf'] as string | null | undefined;
  const page = {
    dataset: dataset.key,
    ...(asOf == null ? {} : { asOf }),
    ...(where ? { where } : {}),
    orderBy: toOrder(args['orderBy'] as { column: string; direction?: string }[] | undefined),
    first,
    select: [
      ...new Set([...selection.below('nodes').names(), ...selection.below('edges').below('node').names()]),
    ].sort(),
    total: selection.has('totalCount'),
  };
  if (dataset.kind === 'row') return { kind: 'row', ...page };
  const by = new Set(args['by'] as readonly string[]);
  return {
    kind: 'measure',
    ...page,
    by: dataset.by.filter((name) => by.has(name)),
    grain: args['grain'] as Grain,
    args: checkedArguments(dataset, args),
  };
}

/** Error: `BAD_USER_INPUT` for a number outside the limits of its argument. */
function checkedArguments(dataset: MeasureDataset, given: Args): Arguments {
  const args = argumentsOf(dataset.arguments, given as Arguments);
  for (const [name, { type }] of Object.entries(dataset.arguments ?? {})) {
    const value = args[name];
    if (type.kind === 'int' && typeof value === 'number' && (value < type.least || value > type.most))
      throw new MaplewoodError('BAD_USER_INPUT', `${name} must be from ${type.least} to ${type.most}.`);
  }
  return args;
}

function pageInfo(page: LoadedPage, selection: Selection, hasPreviousPage: boolean): object {
  const wanted = selection.below('pageInfo');
  const cursorOf = (name: string, row: LoadedPage['rows'][number] | undefined): string | null =>
    wanted.has(name) && row ? page.cursor(row) : null;
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage,
    startCursor: cursorOf('startCursor', page.rows[0]),
    endCursor: cursorOf('endCursor', page.rows.at(-1)),
  };
}

function notices(dataset: Dataset, args: Args): { code: string; message: string }[] {
  if (dataset.kind !== 'measure' || !dataset.unavailable) return [];
  const { argument, value, reason } = dataset.unavailable;
  return args[argument] === value ? [{ code: 'NOT_IN_SOURCES', message: reason }] : [];
}
