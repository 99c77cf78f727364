import type { TrustCode } from '../../src/access/grant.js';
import { identifiersFor } from '../../src/access/identifiers.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import { categoriesOf } from '../../src/access/sensitive.js';
import { patientEvaluator } from '../../src/cds/patient/evaluation.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { addDays } from '../../src/warehouse/grain.js';
import { call, changed, overridden, shippedRules } from '../cds/hooks/builders.js';
import { runRules } from '../cds/results/run-rules.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease } from '../support/release.js';
import { type ServedApp, servedApp } from '../support/served-app.js';
import { allNodes, type Evaluated, everything } from './cds-evaluate.js';

const folder = temporaryFolder();
const service = '/cds-services/maplewood-patient-view';
/** Its results are about the admission, and rest for 30 days. */
const rule = 'readmit_30d';
/** It reads what clinicians see through results alone, and is in production here. */
const guarded = 'honos_no_improvement';
let config: Config;
let served: ServedApp;
let token: string;
let trusts: TrustCode[];
/** Last day with data, and what the server takes for now. */
let day: string;
let clock: number;

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }));
  trusts = (
    await fromRelease<{ trust_code: TrustCode }>(config, 'select distinct trust_code from fact_spell')
  ).map(({ trust_code }) => trust_code);
  token = developmentToken(config, ['clinician'], trusts);
  const rules = changed(await shippedRules(), (one) =>
    one.name === guarded ? { ...one, mlm: { ...one.mlm, validation: 'production' } } : one,
  );
  served = await servedApp(
    config,
    ({ results: parts }) => ({
      results: {
        ...(parts as NonNullable<typeof parts>),
        evaluate: patientEvaluator(rules, new Set(categoriesOf(config.settings.rows.sensitiveDiagnoses))),
      },
    }),
    { now: () => new Date(clock) },
  );
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

describe('cdsEvaluate', () => {
  const evaluate = (
    patientId: string,
    { args = '', fields = everything, as = token }: { args?: string; fields?: string; as?: string } = {},
  ): Promise<Response> =>
    fetch(`${served.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${as}` },
      body: JSON.stringify({ query: `{ cdsEvaluate(patientId: "${patientId}"${args}) { ${fields} } }` }),
    });
  const evaluated = async (...given: Parameters<typeof evaluate>): Promise<Evaluated[]> => {
    const { data, errors } = (await (await evaluate(...given)).json()) as {
      data: { cdsEvaluate: Evaluated[] };
      errors?: unknown;
    };
    expect(errors).toBeUndefined();
    return data.cdsEvaluate;
  };
  const refusal = async (...given: Parameters<typeof evaluate>): Promise<[string, string]> => {
    const { errors } = (await (await evaluate(...given)).json()) as {
      errors: { message: string; extensions: { code: string } }[];
    };
    return [errors[0]!.extensions.code, errors[0]!.message];
  };
  const one = (name: string): string => `, rules: ["${name}"]`;
  /** Rules and patients of the results that still hold. */
  const holding = async (): Promise<Map<string, Map<string, string>>> => {
    const { data } = await send('/graphql', {
      query:
        '{ cdsResults(where: { resolvedAt: { isNull: true } }, first: 10000) { nodes { patientId ruleName message } } }',
    });
    const found = new Map<string, Map<string, string>>();
    for (const { patientId, ruleName, message } of data.cdsResults.nodes)
      found.set(patientId, (found.get(patientId) ?? new Map<string, string>()).set(ruleName, message));
    return found;
  };
  const withResults = async (): Promise<[string, Map<string, string>][]> =>
    [...(await holding())].filter(([, rules]) => rules.has(rule)).slice(0, 15);

  it('says what the results of the release say, for whoever it is asked', async () => {
    for (const [patientId, rules] of await withResults()) {
      const fired = (await evaluated(patientId, { fields: 'ruleName outcome message asOf' })).filter(
        ({ outcome }) => outcome === 'FIRED',
      );
      expect(new Map(fired.map(({ ruleName, message }) => [ruleName, message]))).toEqual(rules);
      for (const { asOf } of fired) expect(asOf).toBe(day);
    }
  });

  it('says how it came to it', async () => {
    const [[patientId, rules]] = (await withResults()) as [[string, Map<string, string>]];
    const [said] = await evaluated(patientId, { args: one(rule) });
    expect(said).toMatchObject({
      outcome: 'FIRED',
      failure: null,
      message: rules.get(rule),
      urgency: 70,
      indicator: 'warning',
      isTraceComplete: true,
      blockers: [],
      missing: [],
    });
    const gap = said?.variables?.find(({ name }) => name === 'gap')?.value;
    expect(said?.message).toContain(`${gap} days`);
    const nodes = allNodes(said?.trace ?? []);
    expect(nodes.find(({ text }) => text === 'gap IS PRESENT')?.value).toBe('TRUE');
    expect(nodes.some(({ text, value }) => text.startsWith('gap := READ LAST') && value === gap)).toBe(true);
    expect(nodes.some(({ primaryTime }) => primaryTime !== null)).toBe(true);
    for (const { line } of nodes) expect(line).toBeGreaterThan(20);
  });

  it('says why it does not fire, and what it lacks', async () => {
    const known = await holding();
    const [patientId] = [...known].find(([, rules]) => !rules.has(rule)) ?? [''];
    const [said] = await evaluated(patientId, { args: one(rule) });
    expect(said).toMatchObject({ outcome: 'NOT_FIRED', message: null, urgency: null, indicator: null });
    expect(said?.blockers?.map(({ blockerKind, text, value }) => [blockerKind, text, value])).toEqual([
      ['FALSE', 'gap IS PRESENT', 'FALSE'],
    ]);
    expect(said?.blockers?.[0]?.children).toMatchObject([{ text: 'gap', value: 'NULL' }]);
    expect(said?.missing).toEqual([expect.stringContaining('spell: days_since_discharge')]);
  });

  it('tells what is unknown from what is not met', async () => {
    const kinds = new Set<string | null>();
    for (const [patientId] of await withResults())
      for (const { outcome, blockers } of await evaluated(patientId)) {
        expect([outcome, (blockers ?? []).length > 0]).toEqual([
          outcome,
          blockers !== null && outcome !== 'FIRED',
        ]);
        for (const { blockerKind, value } of blockers ?? []) {
          kinds.add(blockerKind);
          if (blockerKind === 'UNKNOWN') expect(['NULL', null]).toContain(value);
        }
      }
    expect(kinds).toContain('UNKNOWN');
  });

  it('makes a trace where it is asked for alone', async () => {
    const [[patientId]] = (await withResults()) as [[string, unknown]];
    const [said] = await evaluated(patientId, {
      args: one(rule),
      fields: 'ruleName trace { text } blockers { text }',
    });
    expect(said?.trace?.length).toBeGreaterThan(3);
    expect(said?.blockers).toEqual([]);
  });

  it('runs as of an earlier day, without what happened later', async () => {
    const [[patientId]] = (await withResults()) as [[string, unknown]];
    const [earlier] = await evaluated(patientId, {
      args: `${one(rule)}, asOf: "${addDays(day, -200)}"`,
      fields: 'asOf outcome',
    });
    expect(earlier).toEqual({ asOf: addDays(day, -200), outcome: 'NOT_FIRED' });
    for (const asOf of [addDays(day, 1), '1899-12-31', '2023-02-30', 'soon']) {
      const answer = await fetch(`${served.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({
          query: 'query ($p: ID!, $d: Date) { cdsEvaluate(patientId: $p, asOf: $d) { outcome } }',
          variables: { p: patientId, d: asOf },
        }),
      });
      const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
      expect([asOf, errors[0]?.extensions.code]).toEqual([asOf, 'BAD_USER_INPUT']);
    }
    const [now] = await evaluated(patientId, { args: `, rules: ["dq_los_mismatch"], asOf: "${day}"` });
    const [then] = await evaluated(patientId, {
      args: `, rules: ["dq_los_mismatch"], asOf: "${addDays(day, -1)}"`,
    });
    expect(now?.failure).toBeNull();
    expect(then).toMatchObject({ outcome: 'FAILED', failure: 'KNOWS_ONLY_NOW', message: null, trace: null });
  });

  it('has one answer to every patient whom the caller may not see', async () => {
    const [[patientId]] = (await withResults()) as [[string, unknown]];
    const elsewhere = developmentToken(config, ['clinician'], ['ZZZ' as TrustCode]);
    const stranger = developmentToken(config, ['clinician'], trusts, 'another-application');
    const answers = await Promise.all(
      [
        evaluate('nonsense'),
        evaluate(`${patientId.slice(0, -1)}${patientId.endsWith('A') ? 'Q' : 'A'}`),
        evaluate(patientId, { as: elsewhere }),
        evaluate(patientId, { as: stranger }),
      ].map(async (answer) => {
        const { data, errors } = (await (await answer).json()) as { data: unknown; errors?: unknown };
        return JSON.stringify([data, errors]);
      }),
    );
    expect(new Set(answers)).toEqual(new Set([JSON.stringify([{ cdsEvaluate: [] }, undefined])]));
  });

  it('has one answer to every rule that the caller has not', async () => {
    const [[patientId]] = (await withResults()) as [[string, unknown]];
    const answers = await Promise.all(
      ['polypharmacy_10', 'high_cost_top5', 'no_such_rule', 'READMIT_30D', ''].map((name) =>
        refusal(patientId, { args: one(name) }),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.[0]).toBe('BAD_USER_INPUT');
    expect(await refusal('nonsense', { args: one('no_such_rule') })).toEqual(answers[0]);
  });

  it('tells of rows at other trusts whether conditions hold, and nothing else', async () => {
    const split = await fromRelease<{ key: { bytes?: Uint8Array }; own: TrustCode }>(
      config,
      `select p.patient_sk as key, min(s.trust_code) as own from fact_spell s join dim_patient p using (patient_no)
       where not p.is_restricted and s.admission_method like '2%' group by 1 having count(distinct s.trust_code) > 1 order by 1 limit 5`,
    );
    const tokens = identifiersFor(
      loadServiceKeys(config.home, { create: false, dev: true }),
      (await send('/graphql', { query: '{ me { client } }' })).data.me.client,
    ).of('patient');
    expect(split.length).toBeGreaterThan(0);
    let values = 0;
    for (const { key, own } of split) {
      const [patientId = ''] = tokens.encode([Buffer.from(key.bytes ?? (key as Uint8Array))]);
      const as = developmentToken(config, ['clinician'], [own]);
      const [all] = await evaluated(String(patientId), { args: one(rule) });
      const [some] = await evaluated(String(patientId), { args: one(rule), as });
      expect(some?.outcome).toBe(all?.outcome);
      values += allNodes(all?.trace ?? []).filter(({ value }) => /\d/.test(value ?? '')).length;
      const shown = [...allNodes(some?.trace ?? []), ...allNodes(some?.blockers ?? [])];
      expect(shown.length).toBeGreaterThan(10);
      for (const { value, primaryTime } of shown) {
        expect(['TRUE', 'FALSE', 'NULL', null]).toContain(value);
        expect(primaryTime).toBeNull();
      }
      for (const { value } of some?.variables ?? []) expect(['TRUE', 'FALSE']).toContain(value);
    }
    expect(values).toBeGreaterThan(10);
  });

  it('runs rules that read risk and the like for patients in care alone, and tells how of none', async () => {
    const rows = await fromRelease<{ key: { bytes?: Uint8Array }; care: boolean }>(
      config,
      `with since as (select data_as_of - 30 as day from release_day)
       select p.patient_sk as key, bool_or(p.patient_no in (select patient_no from fact_spell, since where discharge_date is null or discharge_date >= day)
           or p.patient_no in (select patient_no from fact_ed_attendance, since where departed_at >= day)) as care
       from fact_referral r join dim_patient p using (patient_no)
       where not p.is_restricted and (p.patient_no in (select patient_no from fact_spell) or p.patient_no in (select patient_no from fact_ed_attendance))
       group by 1 order by 1`,
    );
    const tokens = identifiersFor(
      loadServiceKeys(config.home, { create: false, dev: true }),
      (await send('/graphql', { query: '{ me { client } }' })).data.me.client,
    ).of('patient');
    for (const care of [true, false]) {
      const found = rows.find((row) => row.care === care);
      const key = found?.key ?? new Uint8Array();
      const [patientId = ''] = tokens.encode([
        Buffer.from((key as { bytes?: Uint8Array }).bytes ?? (key as Uint8Array)),
      ]);
      const said = await evaluated(String(patientId), { args: one(guarded) });
      expect([care, said.length]).toEqual([care, care ? 1 : 0]);
      for (const { outcome, trace, blockers, missing, variables } of said) {
        expect(['FIRED', 'NOT_FIRED', 'UNDECIDED']).toContain(outcome);
        expect([trace, blockers, missing, variables]).toEqual([null, null, null, null]);
      }
      expect(
        (await evaluated(String(patientId), { fields: 'ruleName' })).some(
          ({ ruleName }) => ruleName === guarded,
        ),
      ).toBe(care);
    }
  });

  it('tells nothing of how it went with a rule that asks for a listed diagnosis', async () => {
    const [[patientId]] = (await withResults()) as [[string, unknown]];
    const [said] = await evaluated(patientId, { args: one('lace_high') });
    expect(['FIRED', 'NOT_FIRED', 'UNDECIDED']).toContain(said?.outcome);
    expect([said?.trace, said?.blockers, said?.missing, said?.variables]).toEqual([null, null, null, null]);
  });

  it('is refused where the answer could be too large, and recorded where it is given', async () => {
    const [[patientId]] = (await withResults()) as [[string, unknown]];
    const wide = Array.from({ length: 14 }, (_none, at) => `n${at}: text`).join(' ');
    expect((await refusal(patientId, { fields: `trace { ${wide} }` }))[0]).toBe('QUERY_TOO_COMPLEX');
    await evaluated(patientId, { args: one(rule), fields: 'outcome' });
    const auditor = developmentToken(config, ['auditor'], undefined);
    const answer = await fetch(`${served.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${auditor}` },
      body: JSON.stringify({
        query: '{ auditTrail(first: 50) { nodes { role patients columns { name } } } }',
      }),
    });
    const { data } = (await answer.json()) as {
      data: { auditTrail: { nodes: { patients: number; columns: { name: string }[] }[] } };
    };
    const record = data.auditTrail.nodes.find(({ columns }) =>
      columns.some(({ name }) => name === `CdsEvaluation.${rule}`),
    );
    expect(record?.patients).toBe(1);
    expect(record?.columns.map(({ name }) => name)).toContain('spell.days_since_discharge');
  });
});

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
