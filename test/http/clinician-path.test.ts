import type { TrustCode } from '../../src/access/grant.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { addDays } from '../../src/warehouse/grain.js';
import { call, overridden } from '../cds/hooks/builders.js';
import { runRules } from '../cds/results/run-rules.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease } from '../support/release.js';
import { type ServedApp, servedApp } from '../support/served-app.js';

const folder = temporaryFolder();
const service = '/cds-services/maplewood-patient-view';
/** Its results are about the admission, and rest for 30 days. */
const rule = 'readmit_30d';
let config: Config;
let served: ServedApp;
let token: string;
/** Last day with data, and what the server takes for now. */
let day: string;
let clock: number;

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }));
  const trusts = await fromRelease<{ trust_code: TrustCode }>(
    config,
    'select distinct trust_code from fact_spell',
  );
  token = developmentToken(
    config,
    ['clinician'],
    trusts.map(({ trust_code }) => trust_code),
  );
  served = await servedApp(config, () => ({}), { now: () => new Date(clock) });
  const opened = served.parts.warehouse.open();
  day = opened.info.dataAsOf;
  opened.close();
  clock = Date.parse(`${day}T23:59:59Z`);
}, 120_000);
afterAll(() => served?.close());

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test asserts
async function send(path: string, body: object): Promise<any> {
  const answer = await fetch(`${served.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  expect([path, answer.status]).toEqual([path, 200]);
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

interface Result {
  readonly id: string;
  readonly patientId: string;
  readonly status: string;
  readonly lastFiredAt: string;
}
const results = async (where: string): Promise<Result[]> =>
  (
    await send('/graphql', {
      query: `{ cdsResults(where: { ruleName: { eq: "${rule}" }, ${where} }, first: 500) { nodes { id patientId status lastFiredAt } } }`,
    })
  ).data.cdsResults.nodes;

/** The card of the rule that a patient's view shows. */
async function cardOf(
  patientId: string,
): Promise<{ uuid: string; overrideReasons: { code: string }[] } | undefined> {
  const { cards } = await send(service, call({ context: { userId: 'Practitioner/1', patientId } }));
  return cards.find(({ detail }: { detail: string }) =>
    detail.replaceAll('\\', '').includes(`Rule: ${rule}`),
  );
}

/** Runs the rules again as of so many days after the data, until the server answers from it. */
async function runAgain(days: number): Promise<void> {
  const { release } = await runRules(config, '--as-of', addDays(day, days));
  for (let tries = 0; tries < 100; tries += 1) {
    const { data } = await send('/graphql', { query: '{ release { id } }' });
    if (data.release.id >= release) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the new release was not served');
}

it("a clinician sees a card, overrides it with a reason, and is left alone within the rule's window", async () => {
  const open = await results('status: { eq: "OPEN" }');
  const some = open.filter(({ lastFiredAt }) => lastFiredAt === day).slice(1);
  expect(some.length).toBeGreaterThan(1);
  const states = async (): Promise<(string | undefined)[]> =>
    Promise.all(some.map(async ({ id }) => (await results(`id: { eq: "${id}" }`))[0]?.status));
  const cards = () => Promise.all(some.map(({ patientId }) => cardOf(patientId)));

  const outcomeTimestamp = new Date(clock).toISOString();
  for (const card of await cards()) {
    expect(card?.overrideReasons.map(({ code }) => code)).toContain('will-monitor');
    await send(`${service}/feedback`, { feedback: [overridden(card?.uuid ?? '', { outcomeTimestamp })] });
  }
  expect(new Set(await states())).toEqual(new Set(['OVERRIDDEN']));
  expect(await results('status: { eq: "OPEN" }')).toHaveLength(open.length - some.length);
  expect(await cards()).toEqual(some.map(() => undefined));

  await runAgain(1);
  clock += 86_400_000;
  // Of some the admission is 31 days ago by now.
  const after = await states();
  expect(after).toContain('SUPPRESSED');
  for (const state of after) expect(['SUPPRESSED', 'RESOLVED']).toContain(state);
  // The server goes by the data, which end a day earlier.
  expect(await cards()).toEqual(some.map(() => undefined));
}, 120_000);
