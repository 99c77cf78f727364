import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { GlassGrant } from '../break-glass/grants.js';
import { type GlassPurpose, glassPurposes, reasonLength } from '../break-glass/rules.js';
import { MaplewoodError } from '../errors.js';
import { Classed } from '../schema/declare/classed.js';
import { DateTimeScalar } from '../schema/declare/scalars.js';
import type { RequestContext } from './context.js';
import { makeEnum } from './inputs.js';

const PurposeEnum = makeEnum(
  'BreakGlassPurpose',
  Object.keys(glassPurposes),
  'For what somebody must know who a patient is.',
  glassPurposes,
);

@InputType({ description: 'Whose identity is needed, and why.' })
class BreakGlassInput {
  @Field(() => ID, { description: 'The patientId that you see.' })
  readonly patientId!: string;

  @Field(() => PurposeEnum)
  readonly purpose!: GlassPurpose;

  @Field(() => String, {
    description: `Why, in your own words: ${reasonLength.least} to ${reasonLength.most} characters, one line. It is kept and reviewed.`,
  })
  readonly reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'How long you need it. Without it the time that the operator has set, 30 as a rule.',
  })
  readonly minutes?: number | null;
}

@ObjectType({ description: 'An open glass: one patient, for you in this application, until it expires.' })
class BreakGlassGrant {
  @Classed('O', () => ID, { description: 'Names the grant in the audit.' })
  readonly id!: string;

  @Classed('D', () => ID, { description: 'The patientId that was asked for.' })
  readonly patientId!: string;

  @Classed('O', () => DateTimeScalar, { description: 'From when it shows the patient.' })
  readonly grantedAt!: string;

  @Classed('O', () => DateTimeScalar, { description: 'From when it shows nothing any more.' })
  readonly expiresAt!: string;
}

@Resolver()
export class BreakGlassResolver {
  @Mutation(() => BreakGlassGrant, {
    nullable: true,
    description:
      'Lets you see who one patient is, and all that happened to them, for a while: see identifiedPatient. You, the patient, the purpose and all that you then look at are recorded and reviewed. Null for a patientId that is unknown, malformed or of another recipient.',
  })
  async breakGlass(
    @Arg('input', () => BreakGlassInput) input: BreakGlassInput,
    @Ctx() { glass }: RequestContext,
  ): Promise<BreakGlassGrant | null> {
    if (!glass) throw new MaplewoodError('POLICY_VIOLATION');
    const granted = await glass.service.grant(input, glass.context);
    return granted && answerOf(granted, input.patientId);
  }
}

const answerOf = ({ id, grantedAt, expiresAt }: GlassGrant, patientId: string): BreakGlassGrant => ({
  id,
  patientId,
  grantedAt,
  expiresAt,
});
