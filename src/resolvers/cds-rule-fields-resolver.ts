import { Arg, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { sqlDialects } from '../cds/results/rule-sql.js';
import { CdsBackTest, CdsRuleRun } from '../schema/cds-rule-figures.js';
import { CdsRule } from '../schema/cds-rules.js';
import { classed } from '../schema/declare/classed.js';
import { makeEnum } from './inputs.js';
import { nestedAnswer } from './nested.js';

const DialectEnum = makeEnum('SqlDialect', sqlDialects, 'An engine for which statements are written.', {
  DUCKDB: 'The embedded engine.',
  TSQL: 'Azure Synapse and SQL Server.',
});

const first = () =>
  Arg('first', () => Int, { defaultValue: 20, description: 'Entries of the list, 1 to 1,000.' });

/** Fields of a rule with arguments. What they answer is loaded with the page of rules. */
@Resolver(() => CdsRule as unknown as new () => CdsRule)
export class CdsRuleFieldsResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The statement that finds the patients for whom it fires, as of the end of the data of the release, with the values of its parameters below it; null where it is left to the interpreter.',
  })
  @classed('O')
  sql(@Root() rule: unknown, @Arg('dialect', () => DialectEnum) dialect: string): unknown {
    return nestedAnswer('sql')(rule, { dialect });
  }

  @FieldResolver(() => [CdsRuleRun as unknown as new () => CdsRuleRun], {
    description:
      'Runs of this text since results were last taken over from an earlier release: the latest as-of time first.',
  })
  runs(@Root() rule: unknown, @first() count: number): unknown {
    return nestedAnswer('runs')(rule, { first: count });
  }

  @FieldResolver(() => [CdsBackTest as unknown as new () => CdsBackTest], {
    description: 'Steps of back-tests of this text, the one that was run last first.',
  })
  backtests(@Root() rule: unknown, @first() count: number): unknown {
    return nestedAnswer('backtests')(rule, { first: count });
  }
}
