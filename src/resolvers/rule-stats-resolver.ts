import { FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { CdsCounts } from '../schema/cds-counts.js';
import { CdsRule } from '../schema/cds-rules.js';
import type { Dataset } from '../schema/declare/dataset.js';
import { DateScalar } from '../schema/declare/scalars.js';
import { argument, type DatasetTypes, whereArgument } from './dataset-types.js';
import { GrainEnum, type MadeClass, namedClass } from './inputs.js';
import { nestedAnswer } from './nested.js';

/** `stats` of a rule: the cells of `cdsCounts` that are about it, for those who have them and as they have them. */
export function ruleStatsResolver(typesOf: ReadonlyMap<Dataset, DatasetTypes>): MadeClass {
  const types = [...typesOf].find(([{ type }]) => type === CdsCounts)?.[1];
  if (!types) throw new Error('the counts of results have no types');
  const resolver = namedClass(`${CdsRule.name}Stats`);
  const prototype = resolver.prototype as Record<string, unknown>;
  const made = [
    argument('grain', () => GrainEnum, {
      defaultValue: 'MONTH',
      description: 'Calendar bucket of the cells.',
    }),
    whereArgument(types),
    argument('first', () => Int, { defaultValue: 100, description: 'Buckets of each rule, 1 to 10,000.' }),
    argument('after', () => DateScalar, {
      nullable: true,
      description: 'Buckets that begin after this day.',
    }),
  ];
  const answer = nestedAnswer('stats');
  prototype['stats'] = (rule: unknown, ...values: unknown[]): unknown =>
    answer(rule, Object.fromEntries(made.map(({ name }, index) => [name, values[index]])));
  Root()(prototype, 'stats', 0);
  for (const [index, { decorate }] of made.entries()) decorate(prototype, 'stats', index + 1);
  FieldResolver(() => [CdsCounts as unknown as MadeClass], {
    description:
      'How often it fired: its cells of cdsCounts, under every text that it had, by calendar bucket, the earliest first.',
  })(
    prototype,
    'stats',
    Object.getOwnPropertyDescriptor(prototype, 'stats') as TypedPropertyDescriptor<unknown>,
  );
  Resolver(() => CdsRule as unknown as MadeClass)(resolver);
  return resolver;
}
