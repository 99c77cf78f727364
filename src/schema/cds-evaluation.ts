import { Field, Int, ObjectType } from 'type-graphql';
import { shownOfRun } from './cds-limits.js';
import { Classed } from './declare/classed.js';
import { AtMost, TreeOf } from './declare/lengths.js';
import { DateScalar } from './declare/scalars.js';
import { CdsVariable, ExplainNode } from './people/cds-result-parts.js';

@ObjectType({
  description:
    'What one rule of decision support says of a patient as of a day: for review; not a medical device, not clinically validated.',
})
export abstract class CdsEvaluation {
  @Classed('O', () => String, { description: 'Name of the rule.' })
  readonly ruleName!: string;

  @Classed('O', () => String, { description: 'Title of the rule.' })
  readonly ruleTitle!: string;

  @Classed('O', () => String, { description: 'Version of the rule.' })
  readonly ruleVersion!: string;

  @Classed('O', () => DateScalar, { description: 'The day as of the end of which it was run.' })
  readonly asOf!: string;

  @Classed('S', () => String, {
    description:
      'FIRED · NOT_FIRED · UNDECIDED: something that it needs is not known · FAILED: it was not run to its end, see failure.',
  })
  readonly outcome!: string;

  @Classed('O', () => String, {
    nullable: true,
    description:
      'Why it failed. STEPS, WORK, DEPTH: it takes too much · UNBOUND, CALL, TYPE: it names what there is not · KNOWS_ONLY_NOW: it reads what is known of the last day with data alone, and was asked of an earlier one.',
  })
  readonly failure!: string | null;

  @Classed('S', () => String, { nullable: true, description: 'What it says of the patient, if it fires.' })
  readonly message!: string | null;

  @Classed('Q', () => Int, { nullable: true, description: 'Importance of the message, 1 to 99.' })
  readonly urgency!: number | null;

  @Classed('Q', () => String, {
    nullable: true,
    description: 'critical from an urgency of 80 on, warning from 50 on, else info.',
  })
  readonly indicator!: string | null;

  @AtMost(shownOfRun.variables)
  @Field(() => [CdsVariable], {
    nullable: true,
    description:
      'Its variables that have a single value. Null, like all below, for a rule that reads what you see through results alone or asks for a listed diagnosis.',
  })
  readonly variables!: readonly CdsVariable[] | null;

  @TreeOf(shownOfRun.nodes)
  @Field(() => [ExplainNode], {
    nullable: true,
    description: `What was evaluated, in order. At most ${shownOfRun.nodes} nodes; of more the first, and a last one with the text \`…\`.`,
  })
  readonly trace!: readonly ExplainNode[] | null;

  @Classed('O', () => Boolean, {
    nullable: true,
    description: 'The trace has all that was evaluated; else it lacks what came last.',
  })
  readonly isTraceComplete!: boolean | null;

  @TreeOf(shownOfRun.blockers * (1 + shownOfRun.operands))
  @Field(() => [ExplainNode], {
    nullable: true,
    description:
      'Why it did not fire: the fewest conditions whose values decided it, with the values that they compare.',
  })
  readonly blockers!: readonly ExplainNode[] | null;

  @AtMost(shownOfRun.blockers)
  @Classed('S', () => [String], {
    nullable: true,
    description: 'What the blockers look for and the patient has no row of, as the rule names it.',
  })
  readonly missing!: readonly string[] | null;
}
