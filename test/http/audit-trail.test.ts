import { rmSync, writeFileSync } from 'node:fs';
import type { Config } from '../../src/config/environment.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { type GlassServer, glassServer, type Known, strangersOf, tokenOf } from './glass.js';

const folder = temporaryFolder();
let config: Config;
let server: GlassServer;
let patients: readonly Known[];
const auditor = { roles: ['auditor'] as const, client: 'audit-app' };

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }));
  patients = await strangersOf(config, 'RAA', 3);
  server = await glassServer(config);
  const id = (at: number): string => tokenOf(config, patients[at]!);
  const who = 'query Who($id: ID!) { identifiedPatient(patientId: $id) { localId } }';
  await server.glass({}, id(0));
  await server.ask({}, who, { id: id(0) });
  await server.ask({ oid: 'user-2' }, who, { id: id(0) });
  await server.glass({}, id(1));
}, 240_000);
// The last test takes the audit away, so that what waits cannot be written.
afterAll(() => server?.close().catch(() => undefined));

const fields = 'seq at kind outcome code requestId subject client role patients source document rows';
async function trail(
  args = '',
  below = `nodes { ${fields} } pageInfo { hasNextPage endCursor } notices { code }`,
) {
  const { body } = await server.ask(auditor, `{ auditTrail${args} { ${below} } }`);
  expect(body.errors).toBeUndefined();
  return body.data.auditTrail;
}
interface Shown {
  readonly kind: string;
  readonly outcome: string;
}
const allOf = ({ nodes }: { nodes: readonly Shown[] }): string[] =>
  nodes.map(({ kind, outcome }) => `${kind} ${outcome}`);
/** Records that stand beside those of the requests. */
const besideRequests = ({ nodes }: { nodes: readonly Shown[] }) => ({
  nodes: nodes.filter(({ kind }) => kind !== 'REQUEST'),
});
const kindsOf = (page: { nodes: readonly Shown[] }): string[] => allOf(besideRequests(page));

describe('auditTrail', () => {
  it('shows who did what, the newest first', async () => {
    const page = await trail();
    expect(kindsOf(page)).toEqual([
      'BREAK_GLASS GRANTED',
      'IDENTIFIED_READ REFUSED',
      'IDENTIFIED_READ SHOWN',
      'BREAK_GLASS GRANTED',
    ]);
    const beside = besideRequests(page).nodes;
    expect(beside[1]).toMatchObject({
      code: 'FORBIDDEN',
      subject: 'user-2',
      client: 'ward-app',
      role: 'clinician',
      patients: 0,
    });
    expect(beside[2]).toMatchObject({
      document: expect.stringContaining('identifiedPatient(patientId: $id)'),
    });
    expect(allOf(page).filter((one) => one.startsWith('REQUEST'))).toHaveLength(4);
    expect([page.pageInfo.hasNextPage, page.notices]).toEqual([false, []]);
    const seqs = page.nodes.map(({ seq }: { seq: number }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
  });

  it('is narrowed by each of its arguments', async () => {
    expect(kindsOf(await trail('(kind: BREAK_GLASS)'))).toHaveLength(2);
    expect(kindsOf(await trail('(outcome: SHOWN)'))).toEqual(['IDENTIFIED_READ SHOWN']);
    expect(kindsOf(await trail('(subject: "user-2")'))).toEqual(['IDENTIFIED_READ REFUSED']);
    expect(allOf(await trail('(client: "other-app")'))).toEqual([]);
    expect(kindsOf(await trail('(role: "clinician")'))).toHaveLength(4);
    const { requestId } = (await trail('(outcome: SHOWN)')).nodes[0];
    expect(allOf(await trail(`(requestId: "${requestId}")`))).toEqual([
      'REQUEST ANSWERED',
      'IDENTIFIED_READ SHOWN',
    ]);
    expect(allOf(await trail('(to: "2020-01-01T00:00:00Z")'))).toEqual([]);
    expect(kindsOf(await trail('(from: "2020-01-01T00:00:00Z")'))).toHaveLength(4);
  });

  it('tells who saw a patient, whoever the token was made for', async () => {
    const of = (at: number, client: string): string => tokenOf(config, patients[at]!, client);
    const seen = ['IDENTIFIED_READ SHOWN', 'BREAK_GLASS GRANTED'];
    expect(kindsOf(await trail(`(patientId: "${of(0, 'ward-app')}", recipient: "ward-app")`))).toEqual(seen);
    expect(kindsOf(await trail(`(patientId: "${of(0, 'audit-app')}")`))).toEqual(seen);
    expect(kindsOf(await trail(`(patientId: "${of(1, 'audit-app')}")`))).toEqual(['BREAK_GLASS GRANTED']);
    // Of a patient whom nobody saw, of another recipient, and of nobody: one answer.
    const none = await trail(`(patientId: "${of(2, 'audit-app')}")`);
    expect(none.nodes).toEqual([]);
    for (const text of [of(0, 'ward-app'), 'm1.x', 'PAT_000001', ''])
      expect(await trail(`(patientId: "${text}")`)).toEqual(none);
  });

  it('tells who was shown rows of a patient', async () => {
    const { body } = await server.ask(
      { roles: ['clinician'] },
      '{ episodes(first: 3) { nodes { patientId } } }',
    );
    const [{ patientId }] = body.data.episodes.nodes;
    const { nodes } = await trail(`(patientId: "${patientId}", recipient: "ward-app")`);
    expect(nodes).toEqual([
      expect.objectContaining({
        kind: 'REQUEST',
        outcome: 'ANSWERED',
        requestId: body.extensions.maplewood.requestId,
        subject: 'user-1',
        client: 'ward-app',
        rows: 3,
      }),
    ]);
    expect(nodes[0].patients).toBe(
      new Set(body.data.episodes.nodes.map((row: { patientId: string }) => row.patientId)).size,
    );
  });

  it('holds the requests that read it', async () => {
    await trail('(subject: "nobody")');
    const [last] = (await trail('(role: "auditor", first: 1)')).nodes;
    expect(last).toMatchObject({ kind: 'REQUEST', outcome: 'ANSWERED', client: 'audit-app' });
    expect(last.document).toContain('auditTrail(subject: "")');
  });

  it('goes page by page, and refuses a cursor of another question', async () => {
    const seen: string[] = [];
    for (let after = '', more = true; more; ) {
      const page = await trail(`(client: "ward-app", first: 1${after})`);
      seen.push(...allOf(page));
      after = `, after: "${page.pageInfo.endCursor}"`;
      more = page.pageInfo.hasNextPage;
    }
    expect(seen).toEqual(allOf(await trail('(client: "ward-app")')));
    const { edges, pageInfo } = await trail(
      '(first: 2)',
      'edges { cursor node { seq } } pageInfo { endCursor }',
    );
    expect(edges).toHaveLength(2);
    for (const args of [
      `subject: "user-1", after: "${pageInfo.endCursor}"`,
      'after: "never-was-one"',
      `after: "${pageInfo.endCursor.slice(0, -2)}"`,
    ]) {
      const { body } = await server.ask(auditor, `{ auditTrail(${args}) { nodes { seq } } }`);
      expect(body.errors[0].extensions.code).toBe('INVALID_CURSOR');
    }
  });

  it.each([
    ['first: 0', 'BAD_USER_INPUT'],
    ['first: 10001', 'BAD_USER_INPUT'],
    ['from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z"', 'BAD_USER_INPUT'],
    ['from: "yesterday"', 'GRAPHQL_VALIDATION_FAILED'],
    ['from: "2999-01-01T00:00:00Z"', 'BAD_USER_INPUT'],
  ])('refuses %s', async (args, code) => {
    const { body } = await server.ask(auditor, `{ auditTrail(${args}) { nodes { seq } } }`);
    expect(body.errors[0].extensions.code).toBe(code);
  });

  it('is for auditors: for everybody else it is a name like any other', async () => {
    const anonymous = (text: string): string => text.replaceAll(/"requestId":"[0-9a-f-]{36}"/g, '');
    for (const roles of [
      ['clinician'],
      ['clinician', 'reidentifier'],
      ['admin'],
      ['analyst'],
      ['data-steward'],
    ] as const) {
      const [hidden, unknown] = await Promise.all(
        ['auditTrail', 'auditTraix'].map((name) => server.ask({ roles }, `{ ${name} { nodes { seq } } }`)),
      );
      expect(hidden!.status).toBe(400);
      expect(anonymous(hidden!.text)).toBe(anonymous(unknown!.text.replaceAll('auditTraix', 'auditTrail')));
    }
  });

  it('says nothing while the audit cannot be written', async () => {
    rmSync(config.home.audit, { recursive: true });
    writeFileSync(config.home.audit, '');
    const { status, body } = await server.ask(auditor, '{ auditTrail { nodes { seq } } }');
    expect([status, body.errors[0].extensions.code]).toEqual([503, 'AUDIT_UNAVAILABLE']);
  });
});
