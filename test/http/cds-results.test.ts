import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cds } from '../../src/commands/cds.js';
import type { Config } from '../../src/config/environment.js';
import { londonDay } from '../../src/server/london-day.js';
import { addDays } from '../../src/warehouse/grain.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import { rulesWithLoop } from '../cds/results/loop-rule.js';
import { runRules, runRulesOf } from '../cds/results/run-rules.js';
import { type CountingServer, countingServer } from '../support/counting-server.js';
import { configAt, loadedHome, quiet } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { fromRelease, served as releaseOf } from '../support/release.js';
import { factsByToken } from './by-token.js';
import { allNodes, levels, type Node } from './cds-evaluate.js';
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
const admin = callerOf(served, 'admin');
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
      'suppressCdsResult',
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
      'cdsResults(where: { ruleName: { eq: "readmit_30d" } }, first: 20) { nodes { message variables { name value primaryTime } } }',
    );
    const all = await clinician.page(
      'cdsResults(first: 1000) { nodes { ruleName message variables { name } } }',
    );
    expect(all.nodes.length).toBeGreaterThan(0);
    for (const { message } of all.nodes) expect(String(message).length).toBeGreaterThan(10);
    expect(nodes.length).toBeGreaterThan(0);
    for (const { message, variables } of nodes) {
      const gap = (variables as { name: string; value: string }[]).find(({ name }) => name === 'gap');
      expect(String(message)).toContain(`${gap?.value} days`);
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

  it('what rules say of themselves, for everybody who has them', async () => {
    const { nodes } = await biReader.page(
      'cdsRules(where: { name: { eq: "ed_frequent_no_contact" } }) { nodes { purpose priority deviations { what why } targetPopulation { inclusion exclusion } } }',
    );
    expect(nodes).toEqual([
      {
        purpose:
          'Find people with 5 or more ED attendances in 12 months and no contact of a community service.',
        priority: 60,
        deviations: [
          {
            what: 'Contacts of GPs are not seen.',
            why: 'The warehouse has contacts of community services only.',
          },
          {
            what: 'Five attendances are to be checked.',
            why: 'The figure is that of the first screening here, not of the source.',
          },
        ],
        targetPopulation: {
          inclusion: ['people with attendances in the last 12 months'],
          exclusion: ['people with a community contact in the last 12 months'],
        },
      },
    ]);
  });

  it('text and statements of rules for those who look after them', async () => {
    const one = 'cdsRules(where: { name: { eq: "ed_frequent_no_contact" } })';
    const { nodes } = await admin.page(
      `${one} { nodes { sourceText duckdb: sql(dialect: DUCKDB) tsql: sql(dialect: TSQL) } }`,
    );
    const [{ sourceText, duckdb, tsql } = {}] = nodes;
    expect(sourceText).toBe(readFileSync(join(root, 'rules', 'ed_frequent_no_contact.mlm'), 'utf8'));
    const bound = [...String(duckdb).matchAll(/^-- (\d+): (.*)$/gm)].map(([, , value]) => value);
    const text = String(duckdb).replace(/\$(\d+)/g, (_found, at: string) => `'${bound[Number(at) - 1]}'`);
    const found = await fromRelease(config, text);
    expect(found.length).toBe(
      await counts("select cast(fired as integer) as n from cds_run where rule = 'ed_frequent_no_contact'"),
    );
    expect(found.length).toBeGreaterThan(0);
    expect(lintTsql(String(tsql).split('\n--')[0] ?? '')).toEqual([]);
    expect(tsql).toContain('[gold_r1]');
    for (const caller of [analyst, clinician, finance, operations, biReader])
      for (const field of ['sourceText', 'sql(dialect: TSQL)'])
        expect((await caller.refusal(`{ ${one} { nodes { ${field} } } }`)).code).toBe(
          'GRAPHQL_VALIDATION_FAILED',
        );
  });

  it('runs and tests of rules for stewards alone', async () => {
    const one = 'cdsRules(where: { name: { eq: "los_stranded_7" } })';
    const figures = `${one} { nodes { name runs(first: 5) { runId asOf engine evaluated fired undecided failed milliseconds failure }
      tests { passed failed release } last: backtests(first: 1) { now fired new resolved cardsADay step release } backtests { now } } }`;
    const { nodes: before } = await steward.page(figures);
    const [run] = await fromRelease<Record<string, unknown>>(
      config,
      `select cast(evaluated as integer) as evaluated, cast(fired as integer) as fired, cast(undecided as integer) as undecided
       from cds_run where rule = 'los_stranded_7'`,
    );
    expect(before).toEqual([
      {
        name: 'los_stranded_7',
        runs: [
          {
            ...run,
            runId: expect.any(String),
            asOf: expect.stringMatching(/T22:59:59Z|T23:59:59Z/),
            engine: 'statement',
            failed: 0,
            milliseconds: expect.any(Number),
            failure: null,
          },
        ],
        tests: null,
        last: [],
        backtests: [],
      },
    ]);
    const { manifest } = await releaseOf(config);
    const day = manifest?.dataAsOf ?? '';
    await cds.run(
      ['test', '--rule', 'los_stranded_7', '--seed', '7', '--backtest', addDays(day, -14), day, '1w'],
      {
        ...quiet(),
        config: () => config,
      },
    );
    const [after] = (await steward.page(figures)).nodes;
    const { length: cases } =
      readFileSync(join(root, 'rules', 'tests', 'los_stranded_7.yaml'), 'utf8').match(/^ {2}- it: /gm) ?? [];
    expect(after).toMatchObject({
      tests: { passed: cases, failed: 0, release: manifest?.id },
      last: [
        { now: `${day}T23:59:59`, fired: run?.['fired'], step: '1 week', cardsADay: expect.any(Number) },
      ],
    });
    expect(after?.['backtests']).toHaveLength(3);
    for (const caller of [admin, analyst, clinician, finance, operations, biReader])
      for (const field of ['runs { fired }', 'tests { passed }', 'backtests { fired }'])
        expect((await caller.refusal(`{ ${one} { nodes { ${field} } } }`)).code).toBe(
          'GRAPHQL_VALIDATION_FAILED',
        );
    const many = await steward.refusal(`{ ${one} { nodes { runs(first: 1001) { fired } } } }`);
    expect(many.code).toBe('BAD_USER_INPUT');
  }, 60_000);

  /** Rules about care that fire most often at the trust, as a list of GraphQL. */
  async function often(count: number): Promise<string> {
    const rules = await fromRelease<{ rule: string }>(
      config,
      `select rule from cds_result join cds_rule using (rule, text_sha256) where trust_code = '${trust}' and rule not like 'dq%'
       and validation = 'production' group by rule order by count(*) desc, rule limit ${count}`,
    );
    return JSON.stringify(rules.map(({ rule }) => rule));
  }

  it('the share of those looked at, and how often rules fired as whoever asks has it counted', async () => {
    const [run] = await fromRelease<{ evaluated: number; fired: number }>(
      config,
      "select cast(evaluated as integer) as evaluated, cast(fired as integer) as fired from cds_run where rule = 'los_stranded_7'",
    );
    const { nodes: shares } = await steward.page(
      'cdsRules(where: { name: { eq: "los_stranded_7" } }) { nodes { runs { sharePct } } }',
    );
    expect(shares).toEqual([{ runs: [{ sharePct: (100 * (run?.fired ?? 0)) / (run?.evaluated ?? 1) }] }]);

    const most = await often(2);
    const two = `where: { ruleName: { in: ${most} } }`;
    const counted = new Set<typeof analyst>();
    const cell = 'period fired patients resolved repeats';
    for (const caller of [biReader, analyst, operations, clinician, steward]) {
      const { nodes: cells } = await caller.page(
        `cdsCounts(${two}, by: [RULE], grain: MONTH, orderBy: [{ column: period }], first: 1000) { nodes { ruleName ${cell} } }`,
      );
      const { nodes } = await caller.page(
        `cdsRules(where: { name: { in: ${most} } }) { nodes { name stats(first: 1000) { ${cell} } } }`,
      );
      expect(nodes).toHaveLength(2);
      for (const { name, stats } of nodes)
        expect(stats).toEqual(
          cells.filter(({ ruleName }) => ruleName === name).map(({ ruleName: _name, ...rest }) => rest),
        );
      if (nodes.some(({ stats }) => (stats as unknown[]).length > 0)) counted.add(caller);
    }
    expect(counted).toContain(operations);
    expect(counted).toContain(analyst);
    for (const caller of [finance, admin])
      expect((await caller.refusal('{ cdsRules { nodes { stats { fired } } } }')).code).toBe(
        'GRAPHQL_VALIDATION_FAILED',
      );
  });

  it('the rule of a result as the text that fired, and the run in which it did', async () => {
    const { nodes } = await clinician.page(
      'cdsResults(first: 20) { nodes { ruleName ruleVersion asOf lastFiredAt runId rule { name version sha256 guidelineTitle deviations { what } stats(grain: ALL) { fired } } } }',
    );
    expect(nodes.length).toBeGreaterThan(0);
    const runs = await fromRelease<{ run: string; rule: string }>(
      config,
      'select run_id as run, rule from cds_run',
    );
    for (const { ruleName, ruleVersion, asOf, lastFiredAt, runId, rule } of nodes) {
      expect(rule).toMatchObject({
        name: ruleName,
        version: ruleVersion,
        stats: [{ fired: expect.any(Number) }],
      });
      expect(asOf).toBe(lastFiredAt);
      expect(runs).toContainEqual({ run: runId, rule: ruleName });
    }
    const { nodes: seen } = await analyst.page('cdsResults(first: 2) { nodes { rule { name status } } }');
    expect(seen.every(({ rule }) => (rule as Record<string, unknown>)['status'] === 'production')).toBe(true);
    expect((await analyst.refusal('{ cdsResults { nodes { runId } } }')).code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    expect((await clinician.refusal('{ cdsResults { nodes { rule { runs { fired } } } } }')).code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });

  it('keeps no answer: they hang on what people do', async () => {
    const document = '{ cdsResults(first: 1) { nodes { status } } }';
    await clinician.query(document);
    const { body } = await clinician.query(document);
    expect(body.extensions.maplewood.cached).toBe(false);
  });
});

describe('what stands beside a result', () => {
  interface Detailed {
    readonly id: string;
    readonly ruleName: string;
    readonly message: string;
    readonly explanation: readonly Node[] | null;
    readonly evidence: {
      readonly nodes: readonly {
        readonly fact: string;
        readonly rowId: string | null;
        readonly time: string | null;
      }[];
      readonly totalCount: number;
    };
    readonly subject: { readonly fact: string; readonly rowId: string } | null;
  }
  const results = async (fields: string, where = '', first = 20, caller = clinician): Promise<Detailed[]> =>
    (await caller.page(`cdsResults(first: ${first}${where}) { nodes { id ruleName ${fields} } }`))
      .nodes as unknown as Detailed[];
  const of = (rule: string): string => `, where: { ruleName: { eq: "${rule}" } }`;

  it('is an explanation, which comes to what the result says', async () => {
    const explained = await results(`message explanation { ${levels('text line value primaryTime')} }`);
    expect(explained.length).toBe(20);
    const told = explained.filter(({ ruleName }) => ruleName !== 'lace_high');
    expect(told.length).toBeGreaterThan(5);
    for (const { ruleName, explanation, message } of told) {
      const nodes = allNodes(explanation ?? []);
      const concluded = nodes.filter(({ text, value }) => text.startsWith('CONCLUDE') && value !== null);
      expect([ruleName, concluded.map(({ value }) => value)]).toEqual([ruleName, ['TRUE']]);
      expect(message.length).toBeGreaterThan(0);
    }
  });

  it('is none of a rule that asks for a listed diagnosis, of whose values nothing is told either', async () => {
    const found = await results('message explanation { text } variables { name }', of('lace_high'), 5);
    expect(found.length).toBeGreaterThan(0);
    for (const { message, ...row } of found) {
      expect(message).toContain('LACE');
      expect(row).toMatchObject({ explanation: null, variables: [] });
    }
  });

  it('asks a statement a fact, whatever the number of results', async () => {
    const names = (await results('', '', 500)).map(({ ruleName }) => ruleName);
    const most = (rule: string): number => names.filter((name) => name === rule).length;
    const [rule = ''] = [...new Set(names)]
      .filter((name) => name !== 'lace_high')
      .sort((a, b) => most(b) - most(a));
    expect(most(rule)).toBeGreaterThan(3);
    const counted = async (first: number): Promise<number> => {
      server.statements();
      expect(await results('explanation { text }', of(rule), first)).toHaveLength(first);
      return server.statements();
    };
    const one = await counted(1);
    expect(await counted(4)).toBe(one);
  });

  it('says how many are explained at once', async () => {
    const refused = await clinician.refusal('{ cdsResults(first: 40) { nodes { explanation { text } } } }');
    expect(refused).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('at most 25 results'),
    });
    expect(
      (await clinician.refusal('{ cdsResults(first: 1) { nodes { evidence(first: 101) { totalCount } } } }'))
        .code,
    ).toBe('BAD_USER_INPUT');
  });

  it('are the rows that it rests on, of the own trusts alone, by the ids that their datasets have', async () => {
    const found = await results('evidence(first: 100) { nodes { fact rowId time } totalCount }', '', 100);
    const rows = found.flatMap(({ evidence }) => evidence.nodes);
    for (const { evidence } of found) {
      expect(evidence.totalCount).toBe(evidence.nodes.length);
      const times = evidence.nodes.map(({ time }) => time ?? '');
      expect(times).toEqual([...times].sort().reverse());
    }
    const tables = {
      ed_attendance:
        "attendance_sk as key, trust_code as trust, strftime(arrived_at, '%Y-%m-%d') as day from fact_ed_attendance",
      spell:
        "spell_sk as key, trust_code as trust, strftime(admission_date, '%Y-%m-%d') as day from fact_spell",
    };
    for (const [fact, of] of Object.entries(tables)) {
      const events = await factsByToken<{ trust: string; day: string }>(
        config,
        clinician,
        `select ${of}`,
        'event',
      );
      const read = rows.filter((row) => row.fact === fact);
      expect([fact, read.length > 0]).toEqual([fact, true]);
      for (const { rowId, time } of read)
        expect(events.get(rowId ?? '')).toMatchObject({ trust, day: londonDay(new Date(time ?? '')) });
    }
    // Of the same results others would see more.
    const elsewhereToo = await counts(
      `select cast(count(*) as integer) as n from cds_evidence e join cds_result r using (result_key) join cds_rule u using (text_sha256)
         join (select spell_sk as key, trust_code from fact_spell union all select attendance_sk, trust_code from fact_ed_attendance) t on t.key = e.row_key
       where u.seen_by like '%clinician%' and not u.needs_care and t.trust_code <> '${trust}'
         and (r.patient_no in (select patient_no from fact_spell where trust_code = '${trust}')
           or r.patient_no in (select patient_no from fact_ed_attendance where trust_code = '${trust}'))`,
    );
    expect(elsewhereToo).toBeGreaterThan(0);
  });

  it('has as many rows of evidence as are asked for, under each name', async () => {
    const two =
      'a: evidence(first: 1) { nodes { fact } totalCount } b: evidence(first: 2) { nodes { fact } totalCount }';
    const found = (await results(two, of('lace_high'), 5)) as unknown as Record<
      'a' | 'b',
      Detailed['evidence']
    >[];
    expect(found.some(({ a }) => a.totalCount > 1)).toBe(true);
    for (const { a, b } of found) {
      expect(a.nodes).toHaveLength(Math.min(1, a.totalCount));
      expect(b.nodes).toHaveLength(Math.min(2, a.totalCount));
    }
  });

  it('is the row that it is about, if one sees it', async () => {
    const rule = 'readmit_30d';
    const about = await results('trustCode subject { fact rowId }', of(rule), 500);
    const subjects = about.flatMap(({ subject }) => (subject ? [subject] : []));
    expect(subjects.length).toBeGreaterThan(0);
    for (const { fact, rowId } of subjects.slice(0, 10)) {
      expect(fact).toBe('spell');
      const { nodes } = await clinician.page(
        `episodes(where: { id: { eq: "${rowId}" } }) { nodes { trustCode } }`,
      );
      expect(nodes).toEqual([{ trustCode: trust }]);
    }
    // A result about a stay elsewhere is there, and the stay is not.
    const [far] = await fromRelease<{ own: string; at: string }>(
      config,
      `select min(o.trust_code) as own, s.trust_code as at from cds_result r join fact_spell s on s.spell_sk = r.subject_key join dim_patient p on p.patient_no = r.patient_no
         join (select patient_no, trust_code from fact_spell union select patient_no, trust_code from fact_ed_attendance) o
           on o.patient_no = r.patient_no and o.trust_code <> s.trust_code
       where r.rule = '${rule}' and not p.is_restricted group by r.result_key, s.trust_code order by r.result_key limit 1`,
    );
    for (const [own, seen] of [
      [far?.own ?? '', false],
      [far?.at ?? '', true],
    ] as const) {
      const there = callerOf(served, 'clinician', () => [own]);
      const found = await results('trustCode subject { fact }', of(rule), 500, there);
      // Of the trust of another one learns no more than of its stay.
      const ofIt = found.filter(
        (row) => (row as unknown as { trustCode: string | null }).trustCode === (seen ? far?.at : null),
      );
      expect(ofIt.length).toBeGreaterThan(0);
      for (const { subject } of ofIt) expect([own, subject !== null]).toEqual([own, seen]);
    }
    // Without a filter: of few patients analysts see no row.
    const all = await results('subject { rowId }', '', 2_000, analyst);
    const ofSpells = all.filter(({ ruleName }) => ruleName === rule);
    expect(ofSpells.length).toBeGreaterThan(0);
    for (const { subject } of ofSpells) expect(subject?.rowId).toMatch(/^m1\./);
    const ofPatients = await fromRelease<{ rule: string }>(
      config,
      'select rule from cds_rule where subject_fact is null',
    );
    const without = all.filter(({ ruleName }) => ofPatients.some((one) => one.rule === ruleName));
    expect(without.length).toBeGreaterThan(0);
    expect(new Set(without.map(({ subject }) => subject))).toEqual(new Set([null]));
  });

  it('is not there for who may not see it', async () => {
    for (const [caller, fields] of [
      [
        analyst,
        [
          'explanation { text }',
          'evidence { totalCount }',
          'acknowledgement { by }',
          'acknowledgement { comment }',
        ],
      ],
      [
        steward,
        ['explanation { text }', 'evidence { totalCount }', 'acknowledgement { at }', 'subject { fact }'],
      ],
    ] as const)
      for (const field of fields)
        expect((await caller.refusal(`{ cdsResults(first: 1) { nodes { ${field} } } }`)).code).toBe(
          'GRAPHQL_VALIDATION_FAILED',
        );
  });
});

/** Waits until the server has taken up a release. */
async function servedRelease(release: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { body } = await clinician.query('{ release { id } }');
    if (body.data.release.id >= release) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('results of the interpreter', () => {
  const said = async () =>
    (
      await clinician.page(
        'cdsResults(first: 10000, where: { status: { ne: "RESOLVED" } }) { nodes { id ruleName message variables { name value primaryTime } } }',
      )
    ).nodes.map(({ variables, ...node }) => ({
      ...node,
      // What is null has no row.
      variables: (variables as { name: string; value: string }[])
        .filter(({ value }) => value !== 'NULL')
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }));

  it('say what those of the statements say, of every rule', async () => {
    const statements = await said();
    await servedRelease((await runRules(config, '--interpret')).release);
    const interpreted = await said();
    expect(statements.length).toBeGreaterThan(50);
    expect(interpreted).toEqual(statements);
    const interpretedRows = await counts(
      "select cast(count(distinct result_key) as integer) as n from cds_variable where name = '#message 1'",
    );
    expect(interpretedRows).toBe(await counts('select cast(count(*) as integer) as n from cds_result'));
  }, 120_000);

  it('of a rule that no statement can run are shown to those who see the columns that it reads', async () => {
    const from = rulesWithLoop(join(folder, 'with-loop'));
    await servedRelease((await runRulesOf(from, config, '--rule', 'long_stays')).release);
    const { nodes } = await clinician.page(
      'cdsResults(first: 5, where: { ruleName: { eq: "long_stays" } }) { nodes { message variables { name value } } }',
    );
    expect(nodes.length).toBeGreaterThan(0);
    for (const { message, variables } of nodes) {
      const values = new Map(
        (variables as { name: string; value: string }[]).map(({ name, value }) => [name, value]),
      );
      expect(message).toBe(
        `${values.get('total')} days in hospital\nlast admitted ${values.get('last_spell')}`,
      );
      expect(values.get('span')).toBe('1 day');
      expect(values.get('stays')).toMatch(/^\(.*\)$/);
    }
    const { nodes: rules } = await steward.page(
      'cdsRules(where: { name: { eq: "long_stays" } }) { nodes { setBased reasonsNotSetBased sql(dialect: DUCKDB) runs { engine failed } } }',
    );
    expect(rules).toEqual([
      {
        setBased: false,
        reasonsNotSetBased: 'LOOP',
        sql: null,
        runs: [{ engine: 'interpreter', failed: 0 }],
      },
    ]);
  }, 60_000);
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

  it('say who, when and why; analysts the week and why', async () => {
    const [id = ''] = await openIds();
    await clinician.query(
      `mutation { overrideCdsResult(id: "${id}", reasonCode: "tolerated-before", comment: "no harm so far") { id } }`,
    );
    const said = async (caller: typeof analyst, where: string, fields: string): Promise<unknown[]> =>
      (
        await caller.page(
          `cdsResults(where: ${where}, first: 2000) { nodes { acknowledgement { at outcome reasonCode ${fields} } } }`,
        )
      ).nodes.map(({ acknowledgement }) => acknowledgement);
    const [mine] = (await said(clinician, `{ id: { eq: "${id}" } }`, 'by comment')) as [
      Record<string, string>,
    ];
    expect(mine).toMatchObject({
      outcome: 'OVERRIDDEN',
      reasonCode: 'tolerated-before',
      comment: 'no harm so far',
      by: expect.stringMatching(/^m1\./),
    });
    expect(Math.abs(Date.parse(mine.at ?? '') - Date.now())).toBeLessThan(60_000);
    const { body } = await clinician.query('{ me { subject } }');
    expect(JSON.stringify(mine)).not.toContain(body.data.me.subject);
    const ofAnalyst = (await said(analyst, 'null', '')).filter((one) => one !== null) as Record<
      string,
      string
    >[];
    expect(ofAnalyst.map(({ reasonCode }) => reasonCode)).toContain('tolerated-before');
    const monday = (at: string): string =>
      new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Europe/London',
        weekday: 'short',
        hour: '2-digit',
        hourCycle: 'h23',
      }).format(new Date(at));
    for (const { at = '' } of ofAnalyst) expect(monday(at)).toBe('Mon, 00');
    const [untouched = ''] = await openIds();
    expect(await said(clinician, `{ id: { eq: "${untouched}" } }`, '')).toEqual([null]);
  });

  it('hold back by hand until a day, and not for ever', async () => {
    const today = new Intl.DateTimeFormat('en-CA', {
      timeZone: 'Europe/London',
      dateStyle: 'short',
    }).format();
    const [id = ''] = await openIds();
    const held = (until: string): string =>
      `mutation { suppressCdsResult(id: "${id}", until: "${until}", comment: "on leave") { status acknowledgement { outcome comment } } }`;
    for (const until of [today, addDays(today, -1), addDays(today, 367)])
      expect((await clinician.refusal(held(until))).code).toBe('BAD_USER_INPUT');
    expect(await status(id)).toBe('OPEN');
    const { body } = await clinician.query(held(addDays(today, 366)));
    expect(body.data.suppressCdsResult).toEqual({
      status: 'SUPPRESSED',
      acknowledgement: { outcome: 'SUPPRESSED', comment: 'on leave' },
    });
    expect(await openIds()).not.toContain(id);
    expect((await elsewhere.query(held(addDays(today, 5)))).body.data.suppressCdsResult).toBeNull();
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
    const { release } = await runRules(config, '--as-of', addDays(manifest?.dataAsOf ?? '', 1));
    await servedRelease(release);
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
    const { body: own } = await auditor.query(
      '{ auditTrail(first: 1000, kind: CDS_ACT) { nodes { outcome patients requestId } } }',
    );
    expect(own.errors).toBeUndefined();
    expect(own.data.auditTrail.nodes.length).toBeGreaterThanOrEqual(3);
    for (const { outcome, patients } of own.data.auditTrail.nodes)
      expect([outcome, patients]).toEqual(['ANSWERED', 1]);
  });
});

describe('how often a rule fired, after runs as of two days', () => {
  type Cell = { readonly period: string | null; readonly fired: number };
  let later: CountingServer;
  let rule: string;
  const ofTrust = callerOf(() => later, 'operations', own);
  const stats = async (args: string): Promise<Cell[]> =>
    (
      await ofTrust.page(
        `cdsRules(where: { name: { eq: "${rule}" } }) { nodes { stats(${args}) { period fired } } }`,
      )
    ).nodes[0]?.['stats'] as Cell[];

  beforeAll(async () => {
    const at = join(folder, 'two-days');
    const { config: own } = await loadedHome(at, { patients: 1_500 });
    const { manifest } = await releaseOf(own);
    // Of a rule that finds others later: results that began on both days.
    await runRules(own, '--as-of', addDays(manifest?.dataAsOf ?? '', -14));
    await runRules(own, '--as-of', manifest?.dataAsOf ?? '');
    const [most] = await fromRelease<{ rule: string }>(
      own,
      `select rule from cds_result join cds_rule using (rule, text_sha256) where trust_code = '${trust}' and rule not like 'dq%'
       and validation = 'production' group by rule having count(distinct first_fired_at) > 1 order by count(*) desc, rule limit 1`,
    );
    rule = most?.rule ?? '';
    later = await countingServer(own);
  }, 180_000);
  afterAll(() => later?.close());

  it('has a cell a bucket, the earliest first, a page at a time', async () => {
    const days = await stats('grain: DAY, first: 1000');
    expect(days).toHaveLength(2);
    expect(days.map(({ period }) => period)).toEqual(days.map(({ period }) => period).sort());
    expect(await stats('grain: DAY, first: 1')).toEqual(days.slice(0, 1));
    expect(await stats(`grain: DAY, first: 1000, after: "${days[0]?.period}"`)).toEqual(days.slice(1));
    const [all] = await stats('grain: ALL');
    expect(all).toEqual({ period: null, fired: days.reduce((sum, { fired }) => sum + fired, 0) });
  });

  it('counts what the condition leaves, and refuses a page of none', async () => {
    expect(await stats('grain: ALL, where: { trustCode: { eq: "ZZZ" } }')).toEqual([]);
    const refused = await ofTrust.refusal('{ cdsRules { nodes { stats(first: 0) { fired } } } }');
    expect(refused.code).toBe('BAD_USER_INPUT');
  });
});

describe('a server whose state is no folder', () => {
  it('says so to clinicians, and has results, rules and figures for the others', async () => {
    const { home, state } = configAt(join(folder, 'elsewhere'), {
      MAPLEWOOD_STATE: 'mssql://state.invalid/state',
    });
    const without = await countingServer({ ...config, home, state });
    try {
      const of = () => without;
      const refused = await callerOf(of, 'clinician', own).refusal(
        '{ cdsEvaluate(patientId: "x") { failure } }',
      );
      expect(refused.code).toBe('STATE_UNAVAILABLE');
      expect(refused.message).toContain('Set MAPLEWOOD_STATE of the server to one.');
      const { totalCount } = await callerOf(of, 'operations', own).page('cdsRules { totalCount }');
      expect(totalCount).toBeGreaterThan(30);
    } finally {
      await without.close();
    }
  });
});
