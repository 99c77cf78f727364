import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustCode } from '../../src/access/grant.js';
import { identifiersFor } from '../../src/access/identifiers.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { issueToken, loadDevelopmentIssuer } from '../../src/server/authentication/issuer.js';
import { singleKey } from '../../src/server/authentication/keys.js';
import { fileStateStore } from '../../src/state/file.js';
import { bundle, call, overridden, patient, prescribed, stay } from '../cds/hooks/builders.js';
import { brokenInFeedback } from '../cds/hooks/invariants.js';
import { overriddenCards } from '../cds/hooks/overridden-cards.js';
import { faultsOf } from '../cds/hooks/response.js';
import { ehr, ehrKeys, ehrKid, ehrToken } from '../server/cds-hooks/tokens.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease } from '../support/release.js';
import { type ServedApp, servedApp } from '../support/served-app.js';

const folder = temporaryFolder();
const openFolder = temporaryFolder();
const keys = ehrKeys();
/** Before rules are past their review, whenever the tests are run. */
const at = Date.parse('2026-11-26T12:00:00Z');
const service = '/cds-services/maplewood-patient-view';
const origin = 'https://ehr-app.example';
let config: Config;
let served: ServedApp;
let trusts: string[];
let clock = at;

beforeAll(async () => {
  const home = await loadedHome(folder, { patients: 1_500 });
  trusts = (
    await fromRelease<{ trust_code: string }>(
      home.config,
      'select distinct trust_code from fact_spell order by 1',
    )
  ).map(({ trust_code }) => trust_code);
  const { settings } = home.config;
  config = {
    ...home.config,
    settings: {
      ...settings,
      corsOrigins: [origin],
      cds: { ...settings.cds, clients: [ehr(trusts)] },
    },
  };
  served = await servedApp(
    config,
    ({ cdsHooks }) => ({
      cdsHooks: {
        ...(cdsHooks as NonNullable<typeof cdsHooks>),
        clients: [{ client: ehr(trusts), keys: singleKey(ehrKid, keys.publicKey) }],
      },
    }),
    { now: () => new Date(clock) },
  );
}, 120_000);
afterAll(() => served?.close());
beforeEach(() => {
  clock = at;
});

interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly token?: string | null;
}
// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test asserts
type Answered = { status: number; headers: Headers; body: any };

const clinician = (own: readonly string[] = trusts): string =>
  developmentToken(config, ['clinician'], own as readonly TrustCode[]);
const ofEhr = (path: string): string => ehrToken(keys, `${served.url}${path}`, clock);

async function ask(
  path: string,
  { method = 'POST', body, headers = {}, token = clinician() }: Sent = {},
): Promise<Answered> {
  const answer = await fetch(`${served.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** Patients who were readmitted as an emergency within the last 30 days of the release: rule `readmit_30d` fires for them. */
async function readmitted(recipient: string): Promise<{ token: string; trust: string }[]> {
  const rows = await fromRelease<{ key: { bytes?: Uint8Array }; trust: string }>(
    config,
    `with last as (select s.patient_no, s.trust_code, s.admission_date, i.days_since_discharge,
        row_number() over (partition by s.patient_no order by s.admission_date desc, s.spell_sk desc) as place
      from fact_spell s join fact_spell_interval i using (spell_sk)
      where s.admission_method like '2%' and s.admission_date <= (select max(admission_date) from fact_spell))
    select p.patient_sk as key, l.trust_code as trust from last l join dim_patient p using (patient_no)
    where l.place = 1 and l.days_since_discharge between 0 and 29 and p.is_restricted = 0
      and l.admission_date >= (select max(admission_date) from fact_spell) - 20
    order by p.patient_sk`,
  );
  const tokens = identifiersFor(loadServiceKeys(config.home, { create: false, dev: true }), recipient)
    .of('patient')
    .encode(rows.map(({ key }) => Buffer.from(key.bytes ?? (key as Uint8Array))));
  return rows.map(({ trust }, place) => ({ token: String(tokens[place]), trust }));
}
const viewOf = (patientId: string, more: object = {}): object =>
  call({ context: { userId: 'Practitioner/1', patientId }, ...more });
const rulesOf = (answer: Answered): string[] =>
  answer.body.cards.map(({ detail }: { detail: string }) =>
    /Rule: (\S+)/.exec(detail)?.[1]?.replaceAll('\\', ''),
  );
const events = () =>
  config.state.kind === 'folder' ? fileStateStore(config.state.path).events('cds') : Promise.resolve([]);

const stays = [
  stay('2026-11-01T09:00:00Z', '2026-11-10T10:00:00Z'),
  stay('2026-11-20T09:00:00Z', undefined, {
    extension: [
      {
        url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod',
        valueCodeableConcept: { coding: [{ code: '21' }] },
      },
    ],
  }),
];
const prefetch = { spell: bundle(...stays), patient: patient() };

describe('GET /cds-services', () => {
  it('lists the services, with a token', async () => {
    const { status, headers, body } = await ask('/cds-services', { method: 'GET' });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(Object.keys(body)).toEqual(['services']);
    expect(body.services.map(({ id }: { id: string }) => id)).toEqual([
      'maplewood-patient-view',
      'maplewood-encounter-start',
      'maplewood-encounter-discharge',
      'maplewood-order-sign',
    ]);
    for (const one of body.services)
      expect(Object.keys(one).sort()).toEqual(
        ['hook', 'id', 'title', 'description', 'prefetch', 'usageRequirements'].sort(),
      );
    expect((await ask('/cds-services', { method: 'GET', token: ofEhr('/cds-services') })).status).toBe(200);
  });

  it('shows nothing without one', async () => {
    const { status, body } = await ask('/cds-services', { method: 'GET', token: null });
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('with open discovery', () => {
  it('the list of services is shown to everybody, and nothing else is', async () => {
    const home = await loadedHome(openFolder, { patients: 1_500 });
    const { settings } = home.config;
    const open = { ...home.config, settings: { ...settings, cds: { ...settings.cds, openDiscovery: true } } };
    const other = await servedApp(open, () => ({}), { now: () => new Date(at) });
    try {
      const list = await fetch(`${other.url}/cds-services`);
      const { services } = (await list.json()) as { services: unknown[] };
      expect([list.status, services.length]).toEqual([200, 4]);
      expect((await fetch(`${other.url}${service}`, { method: 'POST' })).status).toBe(401);
    } finally {
      await other.close();
    }
  });
});

describe('patient-view', () => {
  it('card, feedback, and no card again until the rule has rested', async () => {
    const [first] = await readmitted('ehr-client');
    if (!first) throw new Error('nobody was readmitted');
    const view = () => ask(service, { body: viewOf(first.token), token: ofEhr(service) });
    const shown = await view();
    expect([shown.status, faultsOf(shown.body)]).toEqual([200, []]);
    expect(rulesOf(shown)).toContain('readmit_30d');
    const card = shown.body.cards[rulesOf(shown).indexOf('readmit_30d')];
    expect(card.summary).toMatch(/^Emergency readmission \d+ days after the last discharge\.$/);
    expect([card.indicator, card.source.label.length > 0]).toEqual(['warning', true]);
    expect(card.overrideReasons.map(({ code }: { code: string }) => code)).toContain('will-monitor');

    // The same card for the same result, and on one day one event.
    expect((await view()).body.cards.map(({ uuid }: { uuid: string }) => uuid)).toContain(card.uuid);

    const told = (await events()).filter(({ body }) => body['cardUuid'] === card.uuid);
    expect(told.map(({ body }) => body['outcome'])).toEqual(['shown']);

    const path = `${service}/feedback`;
    const feedback = {
      feedback: [
        overridden(card.uuid, {
          overrideReason: { reason: { code: 'will-monitor' }, userComment: 'seen tomorrow' },
        }),
      ],
    };
    expect(brokenInFeedback(feedback)).toEqual([]);
    for (const _twice of [1, 2]) {
      const told = await ask(path, { body: feedback, token: ofEhr(path) });
      expect([told.status, told.body]).toEqual([200, {}]);
    }
    const kept = (await events()).filter(({ body }) => body['outcome'] === 'overridden');
    expect(kept.map(({ actor, body }) => [actor, body])).toEqual([
      [
        'cds-client/ehr-client',
        {
          resultKey: expect.stringMatching(/^[0-9a-f]{32}$/),
          cardUuid: card.uuid,
          rule: 'readmit_30d',
          outcome: 'overridden',
          urgency: 70,
          reasonCode: 'will-monitor',
          comment: 'seen tomorrow',
          at: '2026-11-26T12:05:00Z',
          by: 'cds-client/ehr-client',
          client: 'ehr-client',
        },
      ],
    ]);

    expect(rulesOf(await view())).not.toContain('readmit_30d');
  });

  it('shows a card again once the days for which its rule rests are over', async () => {
    const [, second] = await readmitted('ehr-client');
    const opened = served.parts.warehouse.open();
    const end = Date.parse(`${opened.info.dataAsOf}T23:59:59Z`);
    opened.close();
    const path = `${service}/feedback`;
    const view = () => ask(service, { body: viewOf(String(second?.token)), token: ofEhr(service) });
    const shown = await view();
    const card = shown.body.cards[rulesOf(shown).indexOf('readmit_30d')];
    for (const [days, isShown] of [
      [29, false],
      [30, true],
    ] as const) {
      clock = end - days * 86_400_000;
      const outcomeTimestamp = new Date(clock).toISOString();
      const body = { feedback: [overridden(card.uuid, { outcomeTimestamp })] };
      expect((await ask(path, { body, token: ofEhr(path) })).status).toBe(200);
      expect(rulesOf(await view()).includes('readmit_30d')).toBe(isShown);
    }
  });

  it('knows a patient by the pseudonym that the client itself sees, and nobody else', async () => {
    const [ofEhrs] = await readmitted('ehr-client');
    const [ofClinicians] = await readmitted('maplewood-cli');
    if (!ofEhrs || !ofClinicians) throw new Error('nobody was readmitted');
    expect((await ask(service, { body: viewOf(ofClinicians.token) })).status).toBe(200);
    const answers = await Promise.all(
      [ofEhrs.token, 'm1.demo.AAAAAAAAAAAAAAAAAAAAAA', 'PAT_000001', "' or 1=1 --"].map((token) =>
        ask(service, { body: viewOf(token) }),
      ),
    );
    const told = answers.map(({ status, body: { instance: _id, ...body } }) => ({ status, body }));
    for (const one of told) expect(one).toEqual(told[0]);
    expect([told[0]?.status, told[0]?.body.code]).toEqual([412, 'PREFETCH_MISSING']);
  });

  it('shows a clinician the patients of the own trusts alone', async () => {
    const patients = await readmitted('maplewood-cli');
    const seenAt = await fromRelease<{ key: { bytes?: Uint8Array }; trust: string }>(
      config,
      `select distinct p.patient_sk as key, e.trust_code as trust from dim_patient p join
        (select patient_no, trust_code from fact_spell union select patient_no, trust_code from fact_ed_attendance) e using (patient_no)`,
    );
    const tokens = identifiersFor(loadServiceKeys(config.home, { create: false, dev: true }), 'maplewood-cli')
      .of('patient')
      .encode(seenAt.map(({ key }) => Buffer.from(key.bytes ?? (key as Uint8Array))));
    const trustsOf = (token: string): string[] =>
      seenAt.filter((_row, place) => tokens[place] === token).map(({ trust }) => trust);
    const found = patients
      .map(({ token, trust }) => ({
        token,
        trust,
        foreign: trusts.filter((one) => !trustsOf(token).includes(one)),
      }))
      .find(({ foreign }) => foreign.length > 0);
    if (!found) throw new Error('every patient was everywhere');
    expect((await ask(service, { body: viewOf(found.token), token: clinician([found.trust]) })).status).toBe(
      200,
    );
    expect((await ask(service, { body: viewOf(found.token), token: clinician(found.foreign) })).status).toBe(
      412,
    );
  });

  it('of a patient who is not known here uses the prefetch, and keeps nothing of it', async () => {
    const answer = await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    expect([answer.status, faultsOf(answer.body)]).toEqual([200, []]);
    expect(rulesOf(answer)).toEqual(['readmit_30d']);
    const [card] = answer.body.cards;
    const [event] = (await events()).filter(({ body }) => body['cardUuid'] === card.uuid);
    expect(event?.body).toEqual({
      cardUuid: card.uuid,
      rule: 'readmit_30d',
      outcome: 'shown',
      urgency: 70,
      reasonCode: null,
      comment: null,
      at: new Date(at).toISOString(),
      by: expect.stringMatching(/^cds-client\/ehr-client#[0-9a-f]{32}$/),
      client: 'ehr-client',
    });
    const path = `${service}/feedback`;
    const told = await ask(path, { body: { feedback: [overridden(card.uuid)] }, token: ofEhr(path) });
    expect(told.status).toBe(200);
    const again = await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    expect(again.body.cards[0].uuid).not.toBe(card.uuid);
  });

  it('gives an empty list where no rule fires', async () => {
    const answer = await ask(service, { body: viewOf('p1', { prefetch: { spell: null } }) });
    expect([answer.status, answer.body]).toEqual([200, { cards: [] }]);
  });

  it('shows no more cards a day than it may, and says how many it holds back', async () => {
    const body = viewOf('p1', { prefetch, context: { userId: 'Practitioner/busy', patientId: 'p1' } });
    const answers: Answered[] = [];
    for (let turn = 0; turn < 21; turn += 1)
      answers.push(await ask(service, { body, token: ofEhr(service) }));
    expect(answers.slice(0, 20).every(({ body: { cards } }) => cards.length === 1)).toBe(true);
    expect(answers[20]?.body).toEqual({ cards: [], extension: { 'maplewood.heldBack': 1 } });
    expect(faultsOf(answers[20]?.body)).toEqual([]);
    clock = at + 86_400_000;
    expect((await ask(service, { body, token: ofEhr(service) })).body.cards).toHaveLength(1);
  });

  it('is recorded: who, which service, which patient, and no value', async () => {
    const [first] = await readmitted('ehr-client');
    await ask(service, { body: viewOf(String(first?.token)), token: ofEhr(service) });
    await served.parts.audit.log.flush();
    const text = JSON.stringify(lastRecords());
    expect(text).toContain('"name":"maplewood-patient-view"');
    expect(text).toContain('"azp":"ehr-client"');
    expect(text).toContain('"role":"clinician"');
    expect(text).toMatch(/"patients":\{"count":1,/);
    expect(text).not.toContain('Practitioner');
    expect(text).not.toContain(String(first?.token));
  });
});

function lastRecords(): unknown[] {
  const files = readdirSync(config.home.audit, { recursive: true, withFileTypes: true }).filter(
    (one) => one.isFile() && one.name.endsWith('.ndjson'),
  );
  return files.flatMap((file) =>
    readFileSync(join(file.parentPath, file.name), 'utf8')
      .split('\n')
      .filter((line) => line.includes('cds-hooks'))
      .map((line) => JSON.parse(line) as unknown),
  );
}

describe('encounter-start', () => {
  const path = '/cds-services/maplewood-encounter-start';
  it('needs an encounter, and runs the rules of its hook', async () => {
    const body = (encounterId?: string): object =>
      call({
        hook: 'encounter-start',
        context: { userId: 'Practitioner/2', patientId: 'p1', encounterId },
        prefetch,
      });
    expect((await ask(path, { body: body() })).status).toBe(400);
    const answer = await ask(path, { body: body('e1') });
    expect([answer.status, rulesOf(answer)]).toEqual([200, ['readmit_30d']]);
  });
});

describe('order-sign', () => {
  const path = '/cds-services/maplewood-order-sign';
  it('says what the orders would lead to once they are signed', async () => {
    const nsaid = prescribed('1001010J0AAADAD', '2026-11-26', { status: 'draft' });
    const sign = (...orders: readonly object[]) =>
      ask(path, {
        body: call({
          hook: 'order-sign',
          context: { userId: 'Practitioner/3', patientId: 'p1', draftOrders: bundle(...orders) },
          prefetch: { prescription: bundle(prescribed('0208020Z0AAABAB', '2026-11-01')) },
        }),
      });
    expect(rulesOf(await sign())).toEqual([]);
    const answer = await sign(nsaid);
    expect([answer.status, faultsOf(answer.body), rulesOf(answer)]).toEqual([
      200,
      [],
      ['pincer_nsaid_anticoag'],
    ]);
  });
});

describe('the status', () => {
  const good = (): object => viewOf('p1', { prefetch });
  const card = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
  it.each<[number, string, string, () => Sent]>([
    [400, 'BAD_USER_INPUT', service, () => ({ body: '{' })],
    [400, 'BAD_USER_INPUT', service, () => ({ body: [] })],
    [400, 'BAD_USER_INPUT', service, () => ({ body: viewOf('p1', { hook: 'encounter-start' }) })],
    [400, 'BAD_USER_INPUT', service, () => ({ body: viewOf('p1', { hookInstance: undefined }) })],
    [400, 'BAD_USER_INPUT', service, () => ({ body: viewOf('p1', { fhirAuthorization: {} }) })],
    [400, 'BAD_USER_INPUT', `${service}/feedback`, () => ({ body: { feedback: [overridden(card)] } })],
    [401, 'UNAUTHENTICATED', service, () => ({ body: good(), token: null })],
    [401, 'UNAUTHENTICATED', service, () => ({ body: good(), token: 'a.b.c' })],
    [401, 'UNAUTHENTICATED', service, () => ({ body: good(), token: ofEhr('/cds-services') })],
    [
      403,
      'NO_ROLE',
      service,
      () => ({ body: good(), token: developmentToken(config, ['analyst'], undefined) }),
    ],
    [
      403,
      'NO_ROLE',
      service,
      () => ({ body: good(), token: developmentToken(config, ['admin'], undefined) }),
    ],
    [403, 'NO_ROLE', service, () => ({ body: good(), headers: { 'x-maplewood-role': 'analyst' } })],
    [404, 'NOT_FOUND', '/cds-services/maplewood-order-select', () => ({ body: good() })],
    [404, 'NOT_FOUND', '/cds-services/__proto__', () => ({ body: good() })],
    [404, 'NOT_FOUND', '/cds-services/other/feedback', () => ({ body: { feedback: [] } })],
    [405, 'METHOD_NOT_ALLOWED', '/cds-services', () => ({ body: good() })],
    [405, 'METHOD_NOT_ALLOWED', service, () => ({ method: 'GET' })],
    [405, 'METHOD_NOT_ALLOWED', service, () => ({ method: 'PUT', body: good() })],
    [405, 'METHOD_NOT_ALLOWED', `${service}/feedback`, () => ({ method: 'DELETE' })],
    [412, 'PREFETCH_MISSING', service, () => ({ body: viewOf('p1') })],
    [412, 'PREFETCH_MISSING', service, () => ({ body: viewOf('p1', { prefetch: {} }) })],
    [
      412,
      'PREFETCH_MISSING',
      service,
      () => ({ body: viewOf('p1', { prefetch: { spell: { resourceType: 'OperationOutcome' } } }) }),
    ],
    [413, 'PAYLOAD_TOO_LARGE', service, () => ({ body: viewOf('p1', { pad: 'x'.repeat(2 * 1024 * 1024) }) })],
    [413, 'PAYLOAD_TOO_LARGE', `${service}/feedback`, () => ({ body: { pad: 'x'.repeat(300_000) } })],
    [
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      service,
      () => ({ body: good(), headers: { 'content-type': 'text/plain' } }),
    ],
    [
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      service,
      () => ({ body: good(), headers: { 'content-encoding': 'gzip' } }),
    ],
  ])('is %i with %s at %s', async (status, code, path, sent) => {
    const answer = await ask(path, sent());
    expect([answer.status, answer.body]).toEqual([
      status,
      {
        type: 'about:blank',
        title: expect.any(String),
        status,
        detail: expect.any(String),
        instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
        code,
      },
    ]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^(GET|POST)$/);
  });

  it('takes a body of almost two megabytes', async () => {
    const body = viewOf('p1', { prefetch, pad: 'x'.repeat(2 * 1024 * 1024 - 10_000) });
    expect((await ask(service, { body })).status).toBe(200);
  });
});

describe('feedback', () => {
  const path = `${service}/feedback`;
  it('has a record of its own, before that of its request', async () => {
    const shown = await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    const body = { feedback: [overridden(shown.body.cards[0].uuid)] };
    expect((await ask(path, { body, token: ofEhr(path) })).status).toBe(200);
    await served.parts.audit.log.flush();
    const [act, request] = (lastRecords() as { r: { kind: string; outcome: string; requestId: string } }[])
      .map(({ r }) => r)
      .slice(-2);
    expect([act?.kind, act?.outcome, request?.kind]).toEqual(['cds-act', 'answered', 'request']);
    expect(act?.requestId).toBe(request?.requestId);
  });

  it('comes with tokens that are remembered beyond the process', async () => {
    if (config.state.kind !== 'folder') throw new Error('the state is no folder');
    const names = () => readdirSync(join((config.state as { path: string }).path, 'spent-tokens'));
    const before = names().length;
    await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    expect(names().length).toBe(before + 1);
  });

  it('on an unknown card among others is refused, and nothing is kept of it', async () => {
    const shown = await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    const [card] = shown.body.cards;
    const before = (await events()).length;
    const unknown = overridden('00000000-0000-4000-8000-000000000000');
    const told = await ask(path, {
      body: { feedback: [overridden(card.uuid), unknown] },
      token: ofEhr(path),
    });
    expect([told.status, (await events()).length]).toEqual([400, before]);
  });

  it('is taken from those to whom the card was shown alone', async () => {
    const shown = await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    const body = { feedback: [overridden(shown.body.cards[0].uuid)] };
    expect((await ask(path, { body })).status).toBe(400);
    expect((await ask(path, { body, token: ofEhr(path) })).status).toBe(200);
  });

  it('of a user is on cards that were shown to that user, not to a colleague', async () => {
    const issuer = loadDevelopmentIssuer(config.home, { create: false });
    const [mine, another] = ['user-1', 'user-2'].map((oid) =>
      issueToken(issuer, { roles: ['clinician'], trusts: trusts as TrustCode[], oid }),
    );
    const shown = await ask(service, { body: viewOf('p1', { prefetch }), token: String(mine) });
    const body = { feedback: [overridden(shown.body.cards[0].uuid)] };
    expect((await ask(path, { body, token: String(another) })).status).toBe(400);
    expect((await ask(path, { body, token: String(mine) })).status).toBe(200);
  });

  it('with a reason of the client keeps that there was one', async () => {
    const shown = await ask(service, { body: viewOf('p1', { prefetch }), token: ofEhr(service) });
    const [{ uuid }] = shown.body.cards;
    const reason = { overrideReason: { reason: { code: 'their-own', display: 'x' } } };
    await ask(path, { body: { feedback: [overridden(uuid, reason)] }, token: ofEhr(path) });
    const kept = (await events()).find(
      ({ body }) => body['cardUuid'] === uuid && body['outcome'] !== 'shown',
    );
    expect(kept?.body['reasonCode']).toBe('other');
  });
});

describe('browsers', () => {
  const preflight = (from: string) =>
    ask(service, {
      method: 'OPTIONS',
      token: null,
      headers: { origin: from, 'access-control-request-method': 'POST' },
    });
  it('may call from configured origins, and from no other', async () => {
    const allowed = await preflight(origin);
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const refused = await preflight('https://attacker.example');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null]);
    const answer = await ask(service, { body: viewOf('p1', { prefetch }), headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('a rule whose cards nobody follows', () => {
  it('has cards that are information alone', async () => {
    if (config.state.kind !== 'folder') throw new Error('the state is no folder');
    const body = call({ context: { userId: 'Practitioner/9', patientId: 'p1' }, prefetch });
    const indicators = async (): Promise<string[]> =>
      (await ask(service, { body, token: ofEhr(service) })).body.cards.map(
        ({ indicator }: { indicator: string }) => indicator,
      );
    expect(await indicators()).toEqual(['warning']);
    // Those of the tests above count as well.
    await overriddenCards(fileStateStore(config.state.path), 'readmit_30d', 150);
    expect(await indicators()).toEqual(['info']);
    const { feedback } = served.parts.cdsHooks ?? {};
    expect([...(feedback?.demoted().keys() ?? [])]).toEqual(['readmit_30d']);
  }, 60_000);
});
