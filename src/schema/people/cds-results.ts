import { type RawBuilder, sql } from 'kysely';
import { Field } from 'type-graphql';
import type { Role } from '../../access/role.js';
import { cdsResult } from '../../warehouse/gold/cds.js';
import { TypedValue } from '../../warehouse/value.js';
import { mostExplained, shownOfRun } from '../cds-limits.js';
import { CdsRule } from '../cds-rules.js';
import { Classed } from '../declare/classed.js';
import { Column, RowDataset } from '../declare/decorators.js';
import { TreeOf } from '../declare/lengths.js';
import type { RowColumn, RowOfPerson, ShownTo } from '../declare/metadata.js';
import { resultStatus, statusMeanings } from '../sources/result-status.js';
import { CdsAcknowledgement, CdsSubject, CdsVariable, ExplainNode } from './cds-result-parts.js';
import { patientId, rowId, text, trustJoin, whole } from './columns.js';
import { forRoles, joined, own } from './shown.js';

const resultRoles: readonly Role[] = ['analyst', 'clinician', 'data-steward'];
const roleNames = { kind: 'text', length: 60 } as const;

/** Fields that are made of more than the columns of a result, and who has them: its values those who see them. */
export const detailFields = {
  message: ['clinician'],
  variables: ['clinician'],
  explanation: ['clinician'],
  evidence: ['clinician'],
  subject: ['analyst', 'clinician'],
  acknowledgement: ['analyst', 'clinician'],
  rule: resultRoles,
  // Runs have the time of day.
  runId: ['clinician', 'data-steward'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;
export type DetailField = keyof typeof detailFields;

/** A text of the rule. */
const ofRule = (column: string, description: string, length = 80): RowColumn => ({
  type: text(length),
  nullable: true,
  sensitivity: 'O',
  description,
  shown: forRoles(resultRoles, joined('rule', column)),
});

/** The local day of an as-of time: analysts see the week. */
function asOfDay(column: string): ShownTo {
  const dayOf = (row: RowOfPerson): RawBuilder<unknown> =>
    sql`cast(${row.dialect.localTime(row.own(column))} as date)`;
  return {
    analyst: { value: (row) => row.dialect.bucket('WEEK', dayOf(row)), as: 'The Monday of its ISO week.' },
    clinician: { value: dayOf },
  };
}

const isIn = ({ joined: of, dialect }: RowOfPerson, role: Role): RawBuilder<boolean> =>
  dialect.contains(
    sql`concat(${sql.lit(',')}, ${of('rule', 'seen_by')}, ${sql.lit(',')})`,
    new TypedValue(roleNames, `,${role},`),
  );

@RowDataset({
  key: 'cdsResults',
  title: 'Decision support',
  description:
    'What rules of decision support say of patients: for review; not a medical device, not clinically validated. A result is there as long as it was ever true; its status says whether it still is, and what was done about it.',
  table: cdsResult,
  roles: resultRoles,
  order: ['ruleName', 'id'],
  people: {
    key: 'result_key',
    joins: {
      rule: { table: 'cds_rule', key: 'text_sha256', from: 'text_sha256' },
      trust: trustJoin,
    },
    listedFor: resultRoles,
    sees: isIn,
    acts: 'result_key',
    scopeOfPatient: true,
    careOnly: 'rule.needs_care',
  },
})
export abstract class CdsResult {
  @Column(rowId('result_key', resultRoles, 'result'))
  readonly id!: string;

  @Column(patientId(resultRoles))
  readonly patientId!: string;

  @Column({
    type: text(80),
    sensitivity: 'O',
    description: 'Name of the rule.',
    shown: forRoles(resultRoles, own('rule')),
  })
  readonly ruleName!: string;

  @Column(ofRule('title', 'Title of the rule.', 400))
  readonly ruleTitle!: string | null;

  @Column({
    type: text(80),
    sensitivity: 'O',
    description: 'Version of the rule with which it last fired.',
    shown: forRoles(resultRoles, own('version')),
  })
  readonly ruleVersion!: string;

  @Column({
    type: text(64),
    sensitivity: 'O',
    description: 'SHA-256 of the text with which it last fired, hexadecimal.',
    shown: forRoles(resultRoles, own('text_sha256')),
  })
  readonly ruleSha256!: string;

  @Column(
    ofRule(
      'objectives',
      'Objectives of the rule, letters separated by commas: B beds, E emergency department, H high cost and prescribing, C coordination, P population, D data quality.',
      16,
    ),
  )
  readonly objectives!: string | null;

  @Column({
    type: text(5),
    nullable: true,
    sensitivity: 'O',
    description:
      'ODS code of the trust of the event that it is about, else of the latest event of the patient in the 12 months before; null if none, or if it is not one of the trusts of your token.',
    shown: forRoles(resultRoles, { value: (row) => row.atOwnTrust('trust_code', row.own('trust_code')) }),
  })
  readonly trustCode!: string | null;

  @Column({
    type: text(200),
    nullable: true,
    sensitivity: 'O',
    description: 'Name of the trust, as supplied.',
    shown: forRoles(resultRoles, {
      value: (row) => row.atOwnTrust('trust_code', row.joined('trust', 'trust_name')),
    }),
  })
  readonly trustName!: string | null;

  @Column({
    type: whole,
    sensitivity: 'Q',
    description: 'Importance of the message, 1 to 99.',
    shown: forRoles(resultRoles, own('urgency')),
  })
  readonly urgency!: number;

  @Column({
    type: text(8),
    sensitivity: 'Q',
    description: 'critical from an urgency of 80 on, warning from 50 on, else info.',
    shown: forRoles(resultRoles, {
      value: (row) =>
        sql`(case when ${row.own('urgency')} >= 80 then ${sql.lit('critical')} when ${row.own('urgency')} >= 50 then ${sql.lit('warning')} else ${sql.lit('info')} end)`,
    }),
  })
  readonly indicator!: string;

  @Column({
    type: text(16),
    sensitivity: 'Q',
    description: statusMeanings,
    shown: forRoles(resultRoles, { value: resultStatus }),
  })
  readonly status!: string;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Day as of which it first fired.',
    shown: asOfDay('first_fired_at'),
  })
  readonly firstFiredAt!: string;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Day as of which it last fired.',
    shown: asOfDay('last_fired_at'),
  })
  readonly lastFiredAt!: string;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'Day as of which its values, message and evidence are: that as of which it last fired.',
    shown: asOfDay('last_fired_at'),
  })
  readonly asOf!: string;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Day as of which it was no longer true; null while it is.',
    shown: asOfDay('resolved_at'),
  })
  readonly resolvedAt!: string | null;

  @Column({
    type: whole,
    sensitivity: 'Q',
    description: 'As-of times at which it fired.',
    shown: forRoles(resultRoles, own('occurrences')),
  })
  readonly occurrences!: number;

  @Classed('S', () => String, { nullable: true, description: 'What the rule says of the patient.' })
  readonly message!: string | null;

  @Field(() => [CdsVariable], {
    nullable: true,
    description:
      'The variables of the rule when it last fired, but for those that tell more than datasets show.',
  })
  readonly variables!: readonly CdsVariable[] | null;

  @TreeOf(shownOfRun.nodes)
  @Field(() => [ExplainNode], {
    nullable: true,
    description: `How the rule came to it: run again as of the day on which it last fired, with the text with which it did, on what is known of that day now. At most ${shownOfRun.nodes} nodes, of more the first and a last one with the text \`…\`; of at most ${mostExplained} results at once. Null for a rule that reads what you see through results alone or asks for a listed diagnosis, and for one that reads what is known of the last day with data alone if it last fired earlier.`,
  })
  readonly explanation!: readonly ExplainNode[] | null;

  @Field(() => CdsSubject, {
    nullable: true,
    description:
      'The row that it is about; null where it is about the patient, or about a row that you do not see.',
  })
  readonly subject!: CdsSubject | null;

  @Field(() => CdsAcknowledgement, {
    nullable: true,
    description: 'What was last done about it; null if nothing was.',
  })
  readonly acknowledgement!: CdsAcknowledgement | null;

  @Field(() => CdsRule, {
    nullable: true,
    description:
      'The rule, as the text with which it last fired; where, order and filters take ruleName and objectives.',
  })
  readonly rule!: CdsRule | null;

  @Classed('O', () => String, {
    nullable: true,
    description:
      'The run in which it last fired; null where that was before results were last taken over from an earlier release.',
  })
  readonly runId!: string | null;
}
