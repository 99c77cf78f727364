import { Field, Int, ObjectType } from 'type-graphql';
import { Classed } from '../declare/classed.js';
import { DateTimeScalar } from '../declare/scalars.js';

/** What stands beside the columns of a result of decision support, and of an evaluation. */

@ObjectType({ description: 'A variable of a rule as it was when the rule fired.' })
export abstract class CdsVariable {
  @Classed('S', () => String)
  readonly name!: string;

  @Classed('S', () => String, { description: 'As Arden Syntax writes it.' })
  readonly value!: string;

  @Classed('Q', () => DateTimeScalar, {
    nullable: true,
    description: 'When what it tells of happened: the hour.',
  })
  readonly primaryTime!: string | null;
}

@ObjectType({
  description:
    'A statement or an expression of a rule, and what came of it for the patient. Constants have no node. What is made of a row that you do not see, such as one of another trust, or of what datasets show in less detail, such as an age or a diagnosis, has no value but TRUE, FALSE and NULL; times are those of the hour.',
})
export abstract class ExplainNode {
  @Classed('O', () => Int, { description: 'Line in the text of the rule, from 1.' })
  readonly line!: number;

  @Classed('O', () => Int, { description: 'Column in the line, from 1.' })
  readonly column!: number;

  @Classed('O', () => String, { description: 'What stands there; of a longer text its beginning.' })
  readonly text!: string;

  @Classed('S', () => String, {
    nullable: true,
    description: 'As Arden Syntax writes it; of a longer one its beginning. Null where there is none.',
  })
  readonly value!: string | null;

  @Classed('Q', () => DateTimeScalar, {
    nullable: true,
    description: 'When what it tells of happened: the hour.',
  })
  readonly primaryTime!: string | null;

  @Classed('S', () => String, {
    nullable: true,
    description:
      'Of a blocker. FALSE: the condition is not met · UNKNOWN: it is NULL · NOT_REACHED: it held, and ended the logic before a conclusion that could have fired.',
  })
  readonly blockerKind!: string | null;

  @Field(() => [ExplainNode], {
    description: 'What it is made of, or what was done in it; of a blocker the values that it compares.',
  })
  readonly children!: readonly ExplainNode[];
}

@ObjectType({ description: 'A row that a rule has read of a patient for whom it fired.' })
export abstract class CdsEvidence {
  @Classed('S', () => String, { description: 'Fact of decision support that it is a row of.' })
  readonly fact!: string;

  @Classed('D', () => String, {
    nullable: true,
    description:
      'The id of the row in its dataset: episodes, edAttendances, referrals, contacts, prescriptions or carePackages. Null for rows that no dataset has.',
  })
  readonly rowId!: string | null;

  @Classed('Q', () => DateTimeScalar, {
    nullable: true,
    description: 'When it happened: the hour, or of a day its beginning. Null for what has no time.',
  })
  readonly time!: string | null;
}

@ObjectType({ description: 'Rows that a rule has read, the latest first.' })
export abstract class CdsEvidencePage {
  @Field(() => [CdsEvidence])
  readonly nodes!: readonly CdsEvidence[];

  @Classed('S', () => Int, { description: 'Of all rows that you see.' })
  readonly totalCount!: number;
}

@ObjectType({ description: 'What was last done about a result.' })
export abstract class CdsAcknowledgement {
  @Classed('W', () => String, {
    nullable: true,
    description: 'Who did it: a pseudonym, stable for you, unrelated to what others see.',
  })
  readonly by!: string | null;

  @Classed('Q', () => DateTimeScalar, {
    description: 'When. For analysts the beginning of its ISO week.',
  })
  readonly at!: string;

  @Classed('Q', () => String, { description: 'ACKNOWLEDGED, ACTIONED, OVERRIDDEN or SUPPRESSED.' })
  readonly outcome!: string;

  @Classed('S', () => String, {
    nullable: true,
    description: 'Why, a code of the list override_reason; null where none was given.',
  })
  readonly reasonCode!: string | null;

  @Classed('S', () => String, { nullable: true, description: 'In the words of who did it.' })
  readonly comment!: string | null;
}

@ObjectType({ description: 'The row that a result is about.' })
export abstract class CdsSubject {
  @Classed('S', () => String, { description: 'Fact of decision support that it is a row of.' })
  readonly fact!: string;

  @Classed('D', () => String, { description: 'The id of the row in its dataset.' })
  readonly rowId!: string;
}
