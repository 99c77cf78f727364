import { Field, ObjectType } from 'type-graphql';
import type { Role } from '../access/role.js';
import { cdsRule } from '../warehouse/gold/cds.js';
import { countedFor } from './cds-counts.js';
import { CdsRuleTests } from './cds-rule-figures.js';
import { Classed } from './declare/classed.js';
import { Column, RowDataset } from './declare/decorators.js';
import type { RowColumn } from './declare/metadata.js';

const roles: readonly Role[] = [
  'bi-reader',
  'admin',
  'data-steward',
  'operations',
  'finance',
  'analyst',
  'clinician',
];
/** Those who look after the rules. */
const keepers: readonly Role[] = ['data-steward', 'admin'];

const text = (
  length: number,
  column: string,
  description: string,
  more: Partial<RowColumn> = {},
): RowColumn => ({
  type: { kind: 'text', length },
  column,
  sensitivity: 'O',
  description,
  ...more,
});

@ObjectType({ description: 'Where a rule differs from its guideline.' })
export abstract class CdsDeviation {
  @Classed('O', () => String)
  readonly what!: string;

  @Classed('O', () => String)
  readonly why!: string;
}

@ObjectType({ description: 'Whom a rule is about, in words.' })
export abstract class CdsTargetPopulation {
  @Classed('O', () => [String], { description: 'Who is meant.' })
  readonly inclusion!: readonly string[];

  @Classed('O', () => [String], { description: 'Who of them is not.' })
  readonly exclusion!: readonly string[];
}

/** Fields that are made of more than the columns of a rule, and who has them. */
export const ruleDetails: Readonly<Record<string, readonly Role[]>> = {
  deviations: roles,
  targetPopulation: roles,
  sourceText: keepers,
  sql: keepers,
  runs: ['data-steward'],
  backtests: ['data-steward'],
  tests: ['data-steward'],
  stats: countedFor,
};

@RowDataset({
  key: 'cdsRules',
  title: 'Rules of decision support',
  description:
    'Rules of decision support and the guidelines that they come from. How often a rule fires stands in its stats, for roles that have the counts of results. Decision support is for review; not a medical device, not clinically validated.',
  table: cdsRule,
  roles,
  order: ['name', 'sha256'],
})
export abstract class CdsRule {
  @Column(text(80, 'rule', 'Name of the rule.'))
  readonly name!: string;

  @Column(text(64, 'text_sha256', 'SHA-256 of its text, hexadecimal.'))
  readonly sha256!: string;

  @Column(text(80, 'version', 'Version that it gives itself.'))
  readonly version!: string;

  @Column(text(400, 'title', 'Title.'))
  readonly title!: string;

  @Column(text(400, 'purpose', 'What it is for; of a longer text its beginning.'))
  readonly purpose!: string;

  @Column({
    type: { kind: 'int32' },
    column: 'priority',
    sensitivity: 'O',
    description: 'Order among rules of the same urgency, 1 to 99, the highest first.',
  })
  readonly priority!: number;

  @Column(
    text(
      16,
      'validation',
      'production testing research expired: results of other than production are shown to nobody.',
    ),
  )
  readonly status!: string;

  @Column({
    type: { kind: 'boolean' },
    column: 'is_current',
    sensitivity: 'O',
    description: 'It is the text that is run; false for an earlier one that results still speak of.',
  })
  readonly isCurrent!: boolean;

  @Column(
    text(
      16,
      'objectives',
      'Letters separated by commas: B beds, E emergency department, H high cost and prescribing, C coordination, P population, D data quality.',
    ),
  )
  readonly objectives!: string;

  @Column({
    type: { kind: 'int32' },
    column: 'suppress_days',
    sensitivity: 'O',
    description: 'Days for which a result rests after somebody has acted on it.',
  })
  readonly suppressDays!: number;

  @Column(text(60, 'rule_group', 'Rules of one group: the most urgent one is shown.', { nullable: true }))
  readonly group!: string | null;

  @Column(text(400, 'guideline_title', 'Title of the guideline.'))
  readonly guidelineTitle!: string;

  @Column(text(80, 'guideline_identifier', 'Identifier of the guideline, such as NG253.'))
  readonly guidelineIdentifier!: string;

  @Column(text(200, 'guideline_publisher', 'Publisher of the guideline.'))
  readonly guidelinePublisher!: string;

  @Column(text(80, 'guideline_version', 'Version of the guideline.'))
  readonly guidelineVersion!: string;

  @Column(text(400, 'guideline_url', 'Where the guideline is published.'))
  readonly guidelineUrl!: string;

  @Column(text(80, 'recommendation_id', 'Recommendation of the guideline.'))
  readonly recommendationId!: string;

  @Column(text(1000, 'recommendation', 'The recommendation, in our own words.'))
  readonly recommendation!: string;

  @Column(text(24, 'strength', 'Strength of the recommendation.'))
  readonly strength!: string;

  @Column(text(16, 'evidence_system', 'System in which the quality of the evidence is stated.'))
  readonly evidenceSystem!: string;

  @Column(text(16, 'evidence_quality', 'Quality of the evidence.'))
  readonly evidenceQuality!: string;

  @Column({
    type: { kind: 'date' },
    column: 'review_next',
    sensitivity: 'O',
    description: 'Day after which the rule is expired.',
  })
  readonly reviewDue!: string;

  @Column({
    type: { kind: 'boolean' },
    column: 'is_set_based',
    sensitivity: 'O',
    roles: keepers,
    description: 'It is run over all patients at once by a statement.',
  })
  readonly setBased!: boolean;

  @Column(
    text(400, 'reasons', 'Codes of what is left to the interpreter, comma-separated; null if nothing is.', {
      nullable: true,
      roles: keepers,
    }),
  )
  readonly reasonsNotSetBased!: string | null;

  @Field(() => [CdsDeviation], {
    nullable: true,
    description: 'Where the rule differs from the guideline, and why.',
  })
  readonly deviations!: readonly CdsDeviation[] | null;

  @Field(() => CdsTargetPopulation, { nullable: true, description: 'Whom the rule is about.' })
  readonly targetPopulation!: CdsTargetPopulation | null;

  @Classed('O', () => String, { nullable: true, description: 'The text of the rule, in Arden Syntax.' })
  readonly sourceText!: string | null;

  @Field(() => CdsRuleTests, {
    nullable: true,
    description: 'How the last test of this text went (maplewood cds test); null where it was never tested.',
  })
  readonly tests!: CdsRuleTests | null;
}
