import { setTimeout as pause } from 'node:timers/promises';
import { identifiersFor } from '../../src/access/identifiers.js';
import type { Role } from '../../src/access/role.js';
import { recordsIn } from '../audit/records.js';
import { changeRelease, fromRelease } from '../support/release.js';
import { attacked, type Sent } from './target.js';

/** Whoever counts attendances from the events waits for hours: their table is a view that repeats them without end. */
const endless = [
  'alter table fact_ed_attendance rename to real_attendance',
  'create view fact_ed_attendance as select a.* from real_attendance a, range(10000000) x, range(10000000) y',
];
const target = attacked(
  (settings) => ({
    ...settings,
    limits: { ...settings.limits, deadlineMs: 4_000 },
    overload: { ...settings.overload, running: 2, waiting: 0 },
  }),
  async (config) => {
    for (const sql of endless) await changeRelease(config, sql);
  },
);

/** As in a flood: the server does nothing else for so long, and what was sent meanwhile is there when it goes on. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('a server that is full and late', () => {
  const hours = '{ edWaits(by: [TRIAGE, WEEKDAY]) { nodes { attendances } } }';
  const torn = (headers: Sent['headers'] = {}): Sent => ({
    headers: { authorization: `Bearer ${target().token('bi-reader')}`, ...headers },
    // What is not even read is not found to be no JSON.
    body: '{',
  });
  /** Sent while nothing else is done, so that it has waited when its turn comes. */
  const sentLate = async (sent: Sent) => {
    // The connection is made while the client, which lives in the same process, still can.
    const answers = Array.from({ length: 4 }, () => target().send(sent));
    for (let turn = 0; turn < 12; turn += 1) {
      block(15);
      await new Promise(setImmediate);
    }
    return Promise.all(answers);
  };
  /** While questions run that do not end before their time is over, two of them in the engine. */
  const during = async (questions: readonly [Role, string][], ask: () => Promise<void>): Promise<void> => {
    const { warehouse } = target().served.parts;
    const running = questions.map(([role, query]) => target().ask(role, query));
    for (let turn = 0; warehouse.running() < 2 && turn < 400; turn += 1) await pause(5);
    expect(warehouse.running()).toBe(2);
    await ask();
    for (const { status, text } of await Promise.all(running))
      expect([status, text]).toEqual([422, expect.any(String)]);
  };
  const full = (ask: () => Promise<void>): Promise<void> =>
    during(
      [
        ['operations', hours],
        ['analyst', hours],
      ],
      ask,
    );

  it('turns away whom it knows before a byte of the body is read, and whom it does not know by the long way', async () => {
    const known = await target().ask('bi-reader', '{ me { role } }');
    expect(known.status).toBe(200);
    // Late alone is no reason, …
    for (const { status } of await sentLate(torn())) expect(status).toBe(400);
    await full(async () => {
      // … and full alone neither, once it is not late any more.
      await pause(700);
      expect((await target().send(torn())).status).toBe(400);
      const answers = await sentLate(torn());
      for (const { status, headers, text } of answers) {
        expect([status, JSON.parse(text)]).toEqual([
          503,
          {
            errors: [
              {
                message: expect.stringContaining('Retry-After'),
                extensions: { code: 'OVERLOADED', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
              },
            ],
          },
        ]);
        expect(headers).toMatchObject({
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'retry-after': '1',
        });
      }
      const stranger = torn({ authorization: `Bearer ${target().token('operations', [], ['RXX'])}x` });
      for (const { status } of await sentLate(stranger)) expect(status).toBe(401);
      // Nor does it say so where nothing is asked for.
      const { headers = {} } = torn();
      for (const { status } of await sentLate({ method: 'GET', headers })) expect(status).toBe(405);
      for (const { status } of await sentLate({ path: '/elsewhere', headers, body: '{}' }))
        expect(status).toBe(404);
      const browser = torn({ origin: 'https://dashboard.example' });
      for (const { status } of await sentLate(browser)) expect(status).toBe(400);
    });
  }, 60_000);

  it('counts and records those it has turned away', async () => {
    const { text } = await target().send({
      method: 'GET',
      path: '/metrics',
      headers: { 'content-type': undefined },
    });
    expect(text).toMatch(/maplewood_requests_total\{[^}]*code="OVERLOADED"[^}]*\} 4\n/);
    expect(text).toMatch(/maplewood_refusals_total\{reason="overload"\} 4\n/);
    await pause(1_200);
    await target().served.parts.audit.log.flush();
    const records = recordsIn(target().config.home.audit) as readonly object[];
    expect(records).toContainEqual(
      expect.objectContaining({ kind: 'request', outcome: 'refused', code: 'OVERLOADED', count: 4 }),
    );
  });

  it('refuses calls of CDS Hooks, too, before it reads them', async () => {
    const [patient] = await fromRelease<{ sk: Uint8Array }>(
      target().config,
      'select p.patient_sk as sk from dim_patient p join real_attendance using (patient_no) where not p.is_restricted limit 1',
    );
    const [patientId] = identifiersFor(target().served.parts.keys, 'maplewood-cli')
      .of('patient')
      .encode([Buffer.from(patient?.sk ?? [])]);
    const evaluate = `{ cdsEvaluate(patientId: "${patientId}") { outcome } }`;
    const call: Sent = {
      path: '/cds-services/maplewood-patient-view',
      headers: { authorization: `Bearer ${target().token('clinician')}` },
      body: '{',
    };
    for (const { status } of await sentLate(call)) expect(status).toBe(400);
    // Nobody has more turns at look-ups than three of four.
    await during(
      Array.from({ length: 3 }, (): [Role, string] => ['clinician', evaluate]),
      async () => {
        await pause(700);
        expect((await target().send(call)).status).toBe(400);
        for (const { status, text: refusal } of await sentLate(call))
          expect([status, JSON.parse(refusal)]).toEqual([
            503,
            expect.objectContaining({ code: 'OVERLOADED' }),
          ]);
        const other = {
          ...call,
          headers: { authorization: `Bearer ${target().token('clinician', [], ['RXX'])}x` },
        };
        for (const { status } of await sentLate(other)) expect(status).toBe(401);
      },
    );
  }, 60_000);
});
