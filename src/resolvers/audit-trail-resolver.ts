import type { GraphQLResolveInfo } from 'graphql';
import { Args, ArgsType, Ctx, Field, ID, Info, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { openCursor, sealCursor } from '../access/cursor.js';
import type { Role } from '../access/role.js';
import type { ReaderPage } from '../audit/reader.js';
import { MaplewoodError } from '../errors.js';
import { Classed } from '../schema/declare/classed.js';
import { DateTimeScalar } from '../schema/declare/scalars.js';
import { AuditRecord, auditKind, auditOutcome, recordAnswer } from './audit-record.js';
import { Notice, PageInfo } from './connection.js';
import type { RequestContext } from './context.js';
import { selectionOf } from './selection.js';

/** Who may see who saw what. */
export const auditRoles: readonly Role[] = ['auditor'];

@ArgsType()
class AuditTrailArguments {
  @Field(() => DateTimeScalar, { nullable: true, description: 'Without it: 24 hours before `to`.' })
  readonly from?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Up to but not including. Without it: now.' })
  readonly to?: string | null;

  @Field(() => auditKind.type, { nullable: true })
  readonly kind?: string | null;

  @Field(() => auditOutcome.type, { nullable: true })
  readonly outcome?: string | null;

  @Field(() => String, { nullable: true, description: 'Object id of the user or application.' })
  readonly subject?: string | null;

  @Field(() => String, { nullable: true, description: 'Client id of the application.' })
  readonly client?: string | null;

  @Field(() => String, { nullable: true, description: 'The role that was active.' })
  readonly role?: string | null;

  @Field(() => ID, { nullable: true })
  readonly requestId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Who saw this patient: only records of requests that have shown something of one.',
  })
  readonly patientId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'For whom the patientId was made: a client id, or the project that the operator has given it. Without it: your own application.',
  })
  readonly recipient?: string | null;

  @Field(() => Int, { nullable: true, description: 'Records of a page, 100 unless given.' })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: '`endCursor` of the page before.' })
  readonly after?: string | null;
}

@ObjectType()
class AuditTrailEdge {
  @Classed('O', () => String)
  readonly cursor!: string;

  @Field(() => AuditRecord)
  readonly node!: AuditRecord;
}

@ObjectType({ description: 'A page of the audit.' })
class AuditTrail {
  @Field(() => [AuditRecord])
  readonly nodes!: readonly AuditRecord[];

  @Field(() => [AuditTrailEdge])
  readonly edges!: readonly AuditTrailEdge[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  @Field(() => [Notice], { description: 'What to know about the answer.' })
  readonly notices!: readonly Notice[];
}

const nothing: ReaderPage = { records: [], hasMore: false, isDamaged: false, from: 0, to: 0 };
const damaged = {
  code: 'AUDIT_DAMAGED',
  message: 'A part of the audit could not be read. The operator finds out which by maplewood audit verify.',
};

@Resolver()
export class AuditTrailResolver {
  @Query(() => AuditTrail, {
    description:
      'Who saw what: the records of all requests, the newest first, this one not yet. An unknown or malformed patientId, or one of another recipient, gives none.',
  })
  async auditTrail(
    @Args(() => AuditTrailArguments) given: AuditTrailArguments,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object> {
    const { audit, grant, limits, load } = context;
    if (!audit) throw new MaplewoodError('AUDIT_UNAVAILABLE');
    const first = given.first ?? limits.firstDefault;
    if (first < 1 || first > limits.firstMax)
      throw new MaplewoodError('BAD_USER_INPUT', `first must be from 1 to ${limits.firstMax}.`);

    const binding = bindingOf(given, grant.digest);
    const place =
      given.after == null ? windowOf(given) : placeIn(openCursor(load.cursorKey, given.after, binding));
    const patient =
      given.patientId == null
        ? undefined
        : audit.patientOf(given.patientId, given.recipient ?? grant.recipient);
    const question = { ...filterOf(given), ...place, first };
    const page = patient === null ? nothing : await audit.page({ ...question, patient }, load.signal);

    const selection = selectionOf(info);
    const wanted = selection.below('pageInfo');
    const rows = page.records.map((record) => ({ record, node: recordAnswer(record) }));
    const cursorOf = ({ record }: { record: { readonly [name: string]: unknown } }): string =>
      sealCursor(load.cursorKey, [page.from, page.to, record['seq']], binding);
    const cursorAt = (name: string, at: number): string | null => {
      const row = rows.at(at);
      return row && wanted.has(name) ? cursorOf(row) : null;
    };
    return {
      nodes: rows.map(({ node }) => node),
      edges: selection.has('edges') ? rows.map((row) => ({ cursor: cursorOf(row), node: row.node })) : [],
      pageInfo: {
        hasNextPage: page.hasMore,
        hasPreviousPage: given.after != null,
        startCursor: cursorAt('startCursor', 0),
        endCursor: cursorAt('endCursor', -1),
      },
      notices: page.isDamaged ? [damaged] : [],
    };
  }
}

/** The time that is asked for, as far as it is said. Error: `BAD_USER_INPUT`. */
function windowOf({ from, to }: AuditTrailArguments): { from?: number; to?: number } {
  const window = {
    ...(from == null ? {} : { from: Date.parse(from) }),
    ...(to == null ? {} : { to: Date.parse(to) }),
  };
  if (window.from !== undefined && window.from >= (window.to ?? Date.now()))
    throw new MaplewoodError('BAD_USER_INPUT', 'from must be before to.');
  return window;
}

/** A cursor is good for the same question; the size of a page may change. */
function bindingOf(given: AuditTrailArguments, grant: string): string {
  const { first: _first, after: _after, ...asked } = given;
  const members = Object.entries(asked)
    .filter(([, value]) => value != null)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(['auditTrail', members, grant]);
}

/** Pages of one question look at the same time, also where it ends now. Error: `INVALID_CURSOR`. */
function placeIn(payload: unknown): { from: number; to: number; before: number } {
  const [from, to, before] = Array.isArray(payload) ? (payload as unknown[]) : [];
  if (typeof from !== 'number' || typeof to !== 'number' || typeof before !== 'number')
    throw new MaplewoodError('INVALID_CURSOR');
  return { from, to, before };
}

const filterOf = (given: AuditTrailArguments) => ({
  kind: auditKind.wordOf.get(given.kind ?? ''),
  outcome: auditOutcome.wordOf.get(given.outcome ?? ''),
  subject: given.subject ?? undefined,
  client: given.client ?? undefined,
  role: given.role ?? undefined,
  requestId: given.requestId ?? undefined,
});
