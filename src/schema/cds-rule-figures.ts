import { Float, Int, ObjectType } from 'type-graphql';
import { Classed } from './declare/classed.js';
import { DateTimeScalar } from './declare/scalars.js';

/** What is known of a rule by its runs and tests: figures of all patients, exact, for those who look after the rules. */

@ObjectType({ description: 'What came of a rule in a run over all patients of a release.' })
export abstract class CdsRuleRun {
  @Classed('O', () => String)
  readonly runId!: string;

  @Classed('O', () => DateTimeScalar, { description: 'Time as of which the rule was run.' })
  readonly asOf!: string;

  @Classed('O', () => String, {
    description: 'statement: over all patients at once; interpreter: patient by patient.',
  })
  readonly engine!: string;

  @Classed('Q', () => Int, { description: 'Patients that were looked at.' })
  readonly evaluated!: number;

  @Classed('Q', () => Int, { description: 'Patients for whom it fires.' })
  readonly fired!: number;

  @Classed('Q', () => Float, {
    nullable: true,
    description: 'Fired of evaluated, in per cent; null where nobody was looked at.',
  })
  readonly sharePct!: number | null;

  @Classed('Q', () => Int, { description: 'Rows that it read of those.' })
  readonly evidenceRows!: number;

  @Classed('Q', () => Int, {
    description:
      'Patients for whom it comes to no decision: something is not known, or its run did not come to an end.',
  })
  readonly undecided!: number;

  @Classed('Q', () => Int, {
    description:
      'Those of the undecided whose run by the interpreter ended before its time: too many steps, too much to reckon, or an error.',
  })
  readonly failed!: number;

  @Classed('O', () => Int)
  readonly milliseconds!: number;

  @Classed('O', () => String, {
    nullable: true,
    description: 'Code of the error with which it ended; it then left nothing behind. Null where it did not.',
  })
  readonly failure!: string | null;
}

@ObjectType({
  description: 'What a rule would have found at one time of the past (maplewood cds test --backtest).',
})
export abstract class CdsBackTest {
  @Classed('O', () => Int, { description: 'Release over which it was run.' })
  readonly release!: number;

  @Classed('O', () => String, { description: 'The time, on the clock of Europe/London.' })
  readonly now!: string;

  @Classed('O', () => String, { description: 'From one time to the next, such as `7 days`.' })
  readonly step!: string;

  @Classed('Q', () => Int, {
    description: 'Results: a row that it is about, or a patient in a window of time.',
  })
  readonly fired!: number;

  @Classed('Q', () => Int)
  readonly patients!: number;

  @Classed('Q', () => Int, {
    description: 'Results that the step before did not have; of the first step all.',
  })
  readonly new!: number;

  @Classed('Q', () => Int, { description: 'Results of the step before that are no more.' })
  readonly resolved!: number;

  @Classed('Q', () => Float, {
    nullable: true,
    description:
      'New results a day since the step before: what a card each would come to. Null at the first step.',
  })
  readonly cardsADay!: number | null;

  @Classed('O', () => DateTimeScalar, { description: 'When it was run.' })
  readonly recordedAt!: string;
}

@ObjectType({ description: 'How a test of a rule went.' })
export abstract class CdsRuleTests {
  @Classed('O', () => Int, { description: 'Test cases that came out as expected.' })
  readonly passed!: number;

  @Classed('O', () => Int, {
    description: 'Those that did not, and one more where the two engines differed over a release.',
  })
  readonly failed!: number;

  @Classed('O', () => Int, {
    nullable: true,
    description: 'Release over which both engines were compared; null: over none.',
  })
  readonly release!: number | null;

  @Classed('O', () => DateTimeScalar, { description: 'When it was tested.' })
  readonly recordedAt!: string;
}
