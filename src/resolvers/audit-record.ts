import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { JsonObject } from '../audit/canonical.js';
import type { RequestRecord } from '../audit/record.js';
import { Classed } from '../schema/declare/classed.js';
import { DateTimeScalar } from '../schema/declare/scalars.js';
import { makeEnum } from './inputs.js';

/** The name of a word of the log in GraphQL, which has no hyphens. */
const nameOf = (word: string): string => word.toUpperCase().replaceAll('-', '_');
const enumOf = <W extends string>(
  name: string,
  description: string,
  meanings: Readonly<Record<W, string>>,
) => ({
  type: makeEnum(
    name,
    Object.keys(meanings).map(nameOf),
    description,
    Object.fromEntries(Object.entries<string>(meanings).map(([word, meaning]) => [nameOf(word), meaning])),
  ),
  wordOf: new Map(Object.keys(meanings).map((word) => [nameOf(word), word])),
});

export const auditKind = enumOf<RequestRecord['kind']>('AuditKind', 'What a record of the audit is about.', {
  request: 'A request, whatever came of it.',
  'break-glass': 'Somebody asked to know who a patient is.',
  'identified-read': 'Somebody was shown who a patient is, or was to be.',
  'cds-act':
    'Somebody said what was done about results of decision support. ANSWERED stands for what is about to be kept, FAILED after it for what could not be.',
});

export const auditOutcome = enumOf<RequestRecord['outcome']>('AuditOutcome', 'What came of it.', {
  answered: 'It was answered.',
  partly: 'A field of the answer is an error.',
  refused: 'It may not be asked.',
  failed: 'The server, or what it needs, failed.',
  cancelled: 'The caller went away.',
  granted: 'A glass was broken.',
  shown: 'Who the patient is was shown.',
  none: 'There is no such patient.',
});

@ObjectType({ description: 'A field that was read.' })
class AuditColumn {
  @Classed('O', () => String)
  readonly name!: string;

  @Classed('O', () => String, {
    description: 'D direct identifier, Q quasi-identifier, S sensitive, W about staff, O open.',
  })
  readonly class!: string;
}

@ObjectType({
  description:
    'What is recorded of a request: who, for what, which fields, how much. No value that was sent or shown is among it.',
})
export class AuditRecord {
  @Classed('O', () => Int, { description: 'Place in the log, from 1 without a gap.' })
  readonly seq!: number;

  @Classed('O', () => DateTimeScalar, { description: 'When it was written.' })
  readonly at!: string;

  @Classed('O', () => Int, {
    nullable: true,
    description: 'Milliseconds for which it could not be written; null as a rule.',
  })
  readonly waited!: number | null;

  @Classed('O', () => auditKind.type)
  readonly kind!: string;

  @Classed('O', () => auditOutcome.type)
  readonly outcome!: string;

  @Classed('O', () => String, { nullable: true, description: 'Code of the first error.' })
  readonly code!: string | null;

  @Classed('O', () => Int, {
    description:
      'Requests that it stands for: more than one where several of a caller were turned away within a second, of which it tells the first.',
  })
  readonly requests!: number;

  @Classed('O', () => ID, { description: 'As in `extensions.maplewood` of the answer.' })
  readonly requestId!: string;

  @Classed('O', () => String, { nullable: true, description: 'W3C Trace Context of the caller.' })
  readonly traceparent!: string | null;

  @Classed('W', () => String, {
    nullable: true,
    description: 'Object id of the user or application; null where no token was accepted.',
  })
  readonly subject!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'user or app.' })
  readonly subjectType!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'Client id of the application.' })
  readonly client!: string | null;

  @Classed('O', () => String, { nullable: true })
  readonly tenant!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'The role that was active.' })
  readonly role!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'HL7 v3 ActReason.' })
  readonly purpose!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'For what a glass was broken.' })
  readonly glassPurpose!: string | null;

  @Classed('W', () => String, {
    description: 'Digest of the caller’s address: the same for an address on one day, another on the next.',
  })
  readonly source!: string;

  @Classed('O', () => String, { nullable: true, description: 'query or mutation.' })
  readonly operationKind!: string | null;

  @Classed('O', () => String, { nullable: true })
  readonly operationName!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'The document without literals and aliases.' })
  readonly document!: string | null;

  @Classed('O', () => String, {
    nullable: true,
    description: 'SHA-256 of the document: equal for questions of one form.',
  })
  readonly documentSha256!: string | null;

  @Classed('O', () => String, {
    nullable: true,
    description: 'Digest of the variables: equal for equal ones.',
  })
  readonly variablesDigest!: string | null;

  @Field(() => [AuditColumn], { description: 'Fields that were read.' })
  readonly columns!: readonly AuditColumn[];

  @Classed('O', () => [String], { description: 'Tables that were read.' })
  readonly tables!: readonly string[];

  @Classed('O', () => String, {
    nullable: true,
    description: 'all, trusts (own ones) or grant (one patient, by a broken glass).',
  })
  readonly rowScope!: string | null;

  @Classed('O', () => String, { nullable: true, description: 'Disclosure profile of the role.' })
  readonly profile!: string | null;

  @Classed('O', () => Int, { nullable: true, description: 'Cells of aggregates that were returned.' })
  readonly cells!: number | null;

  @Classed('O', () => Int, { nullable: true, description: 'Cells that were withheld.' })
  readonly suppressed!: number | null;

  @Classed('O', () => Int, { nullable: true, description: 'Rows that were returned.' })
  readonly rows!: number | null;

  @Classed('O', () => Int, { nullable: true, description: 'Patients of whom rows were shown.' })
  readonly patients!: number | null;

  @Classed('O', () => String, { nullable: true, description: 'Digest of the set of these patients.' })
  readonly patientsDigest!: string | null;

  @Classed('O', () => Int, { nullable: true, description: 'The release that answered.' })
  readonly release!: number | null;

  @Classed('O', () => String, { nullable: true, description: 'Digest of what the request might read.' })
  readonly grantHash!: string | null;

  @Classed('O', () => ID, { nullable: true, description: 'The grant by which a patient was identified.' })
  readonly breakGlassId!: string | null;

  @Classed('O', () => Boolean, { description: 'The answer was made for an earlier request.' })
  readonly cached!: boolean;

  @Classed('O', () => Int, { nullable: true, description: 'Milliseconds until the answer.' })
  readonly ms!: number | null;
}

/** Members that have the same name in the log and in the API. */
const same = [
  'code',
  'traceparent',
  'purpose',
  'glassPurpose',
  'rowScope',
  'profile',
  'rows',
  'release',
  'grantHash',
  'breakGlassId',
  'waited',
  'ms',
] as const;

/** A record of the log as the API shows it. */
export function recordAnswer(record: JsonObject): object {
  const within = (name: string, member: string): unknown =>
    ((record[name] ?? {}) as JsonObject)[member] ?? null;
  return {
    ...Object.fromEntries(same.map((name) => [name, record[name] ?? null])),
    seq: record['seq'],
    at: record['ts'],
    kind: nameOf(String(record['kind'])),
    outcome: nameOf(String(record['outcome'])),
    requests: record['count'] ?? 1,
    requestId: record['requestId'],
    subject: within('principal', 'oid'),
    subjectType: within('principal', 'idtyp'),
    client: within('principal', 'azp'),
    tenant: within('principal', 'tid'),
    role: within('principal', 'role'),
    source: record['sourceIp'],
    operationKind: within('op', 'kind'),
    operationName: within('op', 'name'),
    document: within('op', 'document'),
    documentSha256: within('op', 'docSha256'),
    variablesDigest: within('op', 'variablesHmac'),
    columns: record['columns'] ?? [],
    tables: record['tables'] ?? [],
    cells: within('sdc', 'cells'),
    suppressed: within('sdc', 'suppressed'),
    patients: within('patients', 'count'),
    patientsDigest: within('patients', 'digest'),
    cached: record['cached'] === true,
  };
}
