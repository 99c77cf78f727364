import { FieldResolver, Resolver, Root } from 'type-graphql';
import type { Dataset, RowDataset } from '../schema/declare/dataset.js';
import { type NestedField, nestedFields } from '../schema/people/nested.js';
import { type DatasetTypes, pageArguments, whereArgument } from './dataset-types.js';
import { type MadeClass, namedClass } from './inputs.js';
import { nestedAnswer } from './nested.js';

/** The nested fields of a dataset's row type. Their rows are loaded with those of the page, so that none waits. */
export function nestedResolver(dataset: RowDataset, typesOf: ReadonlyMap<Dataset, DatasetTypes>): MadeClass {
  const resolver = namedClass(`${dataset.type.name}Fields`);
  const prototype = resolver.prototype as Record<string, unknown>;
  for (const field of nestedFields(dataset)) {
    const types = typesOf.get(field.child);
    if (!types) throw new Error(`${field.child.key} has no types`);
    define(prototype, field, types);
  }
  const row = dataset.type as unknown as MadeClass;
  Resolver(() => row)(resolver);
  return resolver;
}

function define(
  prototype: Record<string, unknown>,
  { name, child, many }: NestedField,
  types: DatasetTypes,
): void {
  const made = many ? [whereArgument(types), ...pageArguments(types)] : [];
  const answer = nestedAnswer(name);
  prototype[name] = (row: unknown, ...values: unknown[]): unknown =>
    answer(row, Object.fromEntries(made.map((argument, index) => [argument.name, values[index]])));
  Root()(prototype, name, 0);
  for (const [index, { decorate }] of made.entries()) decorate(prototype, name, index + 1);
  const patient = child.type as unknown as MadeClass;
  FieldResolver(() => (many ? types.connection : patient), {
    description: many
      ? `${child.title} of the patient. One page a patient; \`after\` names a place in the order for all of them.`
      : `The patient of the row. Null where asOf names a day on which the patient was not known.`,
    nullable: !many,
  })(prototype, name, Object.getOwnPropertyDescriptor(prototype, name) as TypedPropertyDescriptor<unknown>);
}
