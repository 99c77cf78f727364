import type { Config } from '../../src/config/environment.js';
import { addDays } from '../../src/warehouse/grain.js';
import { runRules } from '../cds/results/run-rules.js';
import { type CountingServer, countingServer } from '../support/counting-server.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease, served as releaseOf } from '../support/release.js';
import { callerOf } from './client.js';

const folder = temporaryFolder();
let config: Config;
let server: CountingServer;
/** The trust with the most open results of production. */
let trust: string;

const served = () => server;
const own = () => [trust];
const analyst = callerOf(served, 'analyst');
const clinician = callerOf(served, 'clinician', own);
const elsewhere = callerOf(served, 'clinician', () => ['ZZZ']);
const steward = callerOf(served, 'data-steward');
const finance = callerOf(served, 'finance');
const operations = callerOf(served, 'operations', own);
const biReader = callerOf(served, 'bi-reader');
const auditor = callerOf(served, 'auditor');

const columns = 'id patientId ruleName ruleTitle objectives trustCode urgency indicator status firstFiredAt';
const counts = async (sql: string): Promise<number> =>
  Number((await fromRelease<{ n: number }>(config, sql))[0]?.n);

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 1_500 }));
  server = await countingServer(config);
  const [first] = await fromRelease<{ trust: string }>(
    config,
    "select r.trust_code as trust from cds_result r join cds_rule u using (text_sha256) where u.seen_by like '%clinician%' group by 1 order by count(*) desc, 1",
  );
  trust = first?.trust ?? '';
}, 180_000);
afterAll(() => server?.close());

describe('what exists of results', () => {
  const rootsOf = async (caller: typeof analyst, type: string): Promise<string[]> => {
    const { body } = await caller.query(`{ __type(name: "${type}") { fields { name } } }`);
    return (body.data.__type?.fields ?? [])
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name.toLowerCase().includes('cds'));
  };

  it('results for analysts, clinicians and stewards; acts for clinicians', async () => {
    for (const caller of [analyst, clinician, steward])
      expect(await rootsOf(caller, 'Query')).toContain('cdsResults');
    for (const caller of [finance, operations, biReader, auditor])
      expect(await rootsOf(caller, 'Query')).not.toContain('cdsResults');
    expect((await rootsOf(clinician, 'Mutation')).sort()).toEqual([
      'acknowledgeCdsResult',
      'overrideCdsResult',
    ]);
    for (const caller of [analyst, steward, finance, operations, biReader, auditor])
      expect(await rootsOf(caller, 'Mutation')).toEqual([]);
  });

  it('weeks for analysts, days for clinicians', async () => {
    const page = await analyst.page(`cdsResults(first: 500) { nodes { ${columns} lastFiredAt } totalCount }`);
    expect(page.nodes.length).toBeGreaterThan(0);
    for (const { lastFiredAt } of page.nodes)
      expect(new Date(`${String(lastFiredAt)}T00:00:00Z`).getUTCDay()).toBe(1);
    const { manifest } = await releaseOf(config);
    const days = await clinician.page('cdsResults { nodes { lastFiredAt } }');
    expect(new Set(days.nodes.map(({ lastFiredAt }) => lastFiredAt))).toEqual(new Set([manifest?.dataAsOf]));
  });

  it('of rules in production, and for stewards those about the quality of data', async () => {
    const names = async (caller: typeof analyst): Promise<Set<string>> => {
      const { nodes } = await caller.page('cdsResults(first: 10000) { nodes { ruleName } }');
      return new Set(nodes.map(({ ruleName }) => String(ruleName)));
    };
    const shadow = new Set(
      (
        await fromRelease<{ rule: string }>(
          config,
          "select rule from cds_rule where validation <> 'production'",
        )
      ).map(({ rule }) => rule),
    );
    expect(shadow.size).toBeGreaterThan(0);
    for (const caller of [analyst, clinician])
      for (const name of await names(caller)) expect(shadow).not.toContain(name);
    const ofSteward = await names(steward);
    expect(ofSteward.size).toBeGreaterThan(0);
    for (const name of ofSteward) expect(name).toMatch(/^dq_/);
  });

  it('of a rule that reads what a role does not have there is nothing for it', async () => {
    const seen = await fromRelease<{ rule: string; roles: string; care: boolean }>(
      config,
      'select rule, seen_by as roles, needs_care as care from cds_rule order by rule',
    );
    const of = (rule: string) => seen.find((one) => one.rule === rule);
    for (const rule of ['honos_no_improvement', 'mh_highrisk_dna', 'safeguarding_repeat']) {
      expect(of(rule)?.roles).not.toContain('analyst');
      expect(of(rule)?.care).toBe(true);
    }
    expect(of('high_cost_top5')?.roles).not.toContain('clinician');
  });

  it('of patients with an event at an own trust', async () => {
    const all = await clinician.page('cdsResults(first: 10000) { totalCount nodes { patientId } }');
    const expected = await counts(
      `select cast(count(*) as integer) as n from cds_result r join cds_rule u using (text_sha256) join dim_patient p using (patient_no)
       where u.seen_by like '%clinician%' and not u.needs_care and not p.is_restricted and (patient_no in (select patient_no from fact_spell where trust_code = '${trust}')
         or patient_no in (select patient_no from fact_ed_attendance where trust_code = '${trust}'))`,
    );
    expect(all.totalCount).toBeGreaterThanOrEqual(expected);
    expect(expected).toBeGreaterThan(0);
    expect((await elsewhere.page('cdsResults { totalCount }')).totalCount).toBe(0);
  });

  it('with message and variables for clinicians, made of what was kept', async () => {
    const { nodes } = await clinician.page(
      'cdsResults(where: { ruleName: { eq: "ed_frequent_no_contact" } }, first: 20) { nodes { message variables { name value primaryTime } } }',
    );
    const all = await clinician.page(
      'cdsResults(first: 1000) { nodes { ruleName message variables { name } } }',
    );
    expect(all.nodes.length).toBeGreaterThan(0);
    for (const { message } of all.nodes) expect(String(message).length).toBeGreaterThan(10);
    for (const { message, variables } of nodes) {
      const n = (variables as { name: string; value: string }[]).find(({ name }) => name === 'n');
      expect(String(message)).toContain(String(n?.value));
    }
    for (const caller of [analyst, steward]) {
      const refused = await caller.refusal('{ cdsResults(first: 1) { nodes { message } } }');
      expect(refused.code).toBe('GRAPHQL_VALIDATION_FAILED');
      const misspelt = await caller.refusal('{ cdsResults(first: 1) { nodes { massage } } }');
      expect(misspelt.message).toBe(refused.message.replaceAll('message', 'massage'));
    }
  });

  it('and the rules that they come from, with their guidelines', async () => {
    const { nodes, totalCount } = await biReader.page(
      'cdsRules(first: 100) { totalCount nodes { name status guidelineTitle guidelinePublisher strength reviewDue } }',
    );
    expect(totalCount).toBe(await counts('select cast(count(*) as integer) as n from cds_rule'));
    expect(nodes.find(({ name }) => name === 'ed_frequent_attender')).toMatchObject({
      guidelinePublisher: 'Royal College of Emergency Medicine',
      strength: 'should',
    });
    expect((await biReader.refusal('{ cdsRules { nodes { setBased } } }')).code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    expect(
      (await steward.page('cdsRules { nodes { setBased } }')).nodes.every(({ setBased }) => setBased),
    ).toBe(true);
    expect(await rootsOf(auditor, 'Query')).not.toContain('cdsRules');
  });

  it('keeps no answer: they hang on what people do', async () => {
    const document = '{ cdsResults(first: 1) { nodes { status } } }';
    await clinician.query(document);
    const { body } = await clinician.query(document);
    expect(body.extensions.maplewood.cached).toBe(false);
  });
});

describe('acts about a result', () => {
  const status = async (id: string): Promise<unknown> =>
    (await clinician.page(`cdsResults(where: { id: { eq: "${id}" } }) { nodes { status } }`)).nodes[0]?.[
      'status'
    ];
  const openIds = async (): Promise<string[]> =>
    (
      await clinician.page(
        'cdsResults(where: { status: { eq: "OPEN" } }, first: 20) { nodes { id ruleName } }',
      )
    ).nodes.map(({ id }) => String(id));

  it('acknowledges, and the list says so', async () => {
    const [id = ''] = await openIds();
    const { body } = await clinician.query(
      `mutation { acknowledgeCdsResult(id: "${id}", outcome: ACKNOWLEDGED, comment: "seen on the round") { id status } }`,
    );
    expect(body.errors).toBeUndefined();
    expect(body.data.acknowledgeCdsResult).toEqual({ id, status: 'ACKNOWLEDGED' });
    expect(await status(id)).toBe('ACKNOWLEDGED');
    expect(await openIds()).not.toContain(id);
  });

  it('overrides with a reason of the list, and with no other', async () => {
    const [id = ''] = await openIds();
    const none = await clinician.refusal(
      `mutation { overrideCdsResult(id: "${id}", reasonCode: "because") { id } }`,
    );
    expect(none.code).toBe('BAD_USER_INPUT');
    expect(await status(id)).toBe('OPEN');
    const { body } = await clinician.query(
      `mutation { overrideCdsResult(id: "${id}", reasonCode: "will-monitor") { status } }`,
    );
    expect(body.data.overrideCdsResult).toEqual({ status: 'OVERRIDDEN' });
  });

  it('cannot be told of what one may not see: unknown, malformed, and of another trust are the same', async () => {
    const [id = ''] = await openIds();
    const answer = async (caller: typeof analyst, text: string): Promise<string> => {
      const { body } = await caller.query(
        `mutation { acknowledgeCdsResult(id: "${text}", outcome: ACTIONED) { id } }`,
      );
      return JSON.stringify([body.data, body.errors]);
    };
    const answers = [
      await answer(elsewhere, id),
      await answer(clinician, `${id.slice(0, -1)}${id.endsWith('A') ? 'Q' : 'A'}`),
      await answer(clinician, 'nonsense'),
    ];
    expect(new Set(answers)).toEqual(new Set([JSON.stringify([{ acknowledgeCdsResult: null }, undefined])]));
    expect(await status(id)).toBe('OPEN');
  });

  it('outlast a release: a later run does not open what rests', async () => {
    const [id = ''] = await openIds();
    await clinician.query(
      `mutation { overrideCdsResult(id: "${id}", reasonCode: "tolerated-before") { id } }`,
    );
    const { manifest } = await releaseOf(config);
    const release = manifest?.id ?? 0;
    await runRules(config, '--as-of', addDays(manifest?.dataAsOf ?? '', 1));
    for (let tries = 0; tries < 100; tries += 1) {
      const { body } = await clinician.query('{ release { id } }');
      if (body.data.release.id > release) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(['OVERRIDDEN', 'SUPPRESSED', 'RESOLVED']).toContain(await status(id));
  });

  it('are in the audit', async () => {
    const { body } = await auditor.query(
      '{ auditTrail(first: 1000) { nodes { role operationKind columns { name } patients } } }',
    );
    expect(body.errors).toBeUndefined();
    const acts = body.data.auditTrail.nodes.filter(
      (node: { role: string; operationKind: string }) =>
        node.role === 'clinician' && node.operationKind === 'mutation',
    );
    expect(acts.length).toBeGreaterThanOrEqual(3);
    expect(acts.some(({ patients }: { patients: number }) => patients === 1)).toBe(true);
  });
});
