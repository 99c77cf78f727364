import { Field, Int, ObjectType } from 'type-graphql';
import { Classed } from '../schema/declare/classed.js';
import type { Dataset } from '../schema/declare/dataset.js';
import { rowType } from '../schema/declare/decorators.js';
import type { RowColumn } from '../schema/declare/metadata.js';
import { type MadeClass, namedClass } from './inputs.js';

@ObjectType({ description: 'Where a page stands in the whole answer.' })
export class PageInfo {
  @Classed('O', () => Boolean, {
    description: 'There are rows after this page: ask again with `after: endCursor`.',
  })
  readonly hasNextPage!: boolean;

  @Classed('O', () => Boolean, { description: 'A cursor was given, so that rows come before this page.' })
  readonly hasPreviousPage!: boolean;

  @Classed('O', () => String, { nullable: true })
  readonly startCursor!: string | null;

  @Classed('O', () => String, { nullable: true })
  readonly endCursor!: string | null;
}

@ObjectType({ description: 'Something to know about an answer that is not an error.' })
export class Notice {
  @Classed('O', () => String)
  readonly code!: string;

  @Classed('O', () => String)
  readonly message!: string;
}

/** Columns that an answer has beside its rows. */
export const besideOf = (dataset: Dataset): (RowColumn & { readonly name: string })[] =>
  dataset.kind === 'row' ? [...dataset.columns.values()].filter(({ beside }) => beside === true) : [];

/** The connection of a dataset, after the GraphQL Cursor Connections Specification. */
export function connectionType(dataset: Dataset): MadeClass {
  const { name } = dataset.type;
  const node = dataset.type as unknown as MadeClass;
  const edge = namedClass(`${name}Edge`);
  Classed('O', () => String)(edge.prototype as object, 'cursor');
  Field(() => node)(edge.prototype as object, 'node');
  ObjectType(`${name}Edge`)(edge);

  const connection = namedClass(`${name}Connection`);
  const prototype = connection.prototype as object;
  Field(() => [node])(prototype, 'nodes');
  Field(() => [edge])(prototype, 'edges');
  Field(() => PageInfo)(prototype, 'pageInfo');
  Classed('Q', () => Int, { description: 'Rows of the whole answer, over all pages.' })(
    prototype,
    'totalCount',
  );
  Field(() => [Notice], { description: 'What to know about the answer.' })(prototype, 'notices');
  for (const column of besideOf(dataset)) {
    const type = rowType(column);
    const { description, sensitivity } = column;
    Classed(sensitivity, () => type, { nullable: true, description })(prototype, column.name);
  }
  ObjectType(`${name}Connection`)(connection);
  return connection;
}
