import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { type CountingServer, countingServer } from '../support/counting-server.js';
import { loadAt, loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease, openReader } from '../support/release.js';
import { factsByToken } from './by-token.js';
import { callerOf, type Page } from './client.js';

const home = temporaryFolder();
let config: Config;
let server: CountingServer;
let landing: string;
/** Every trust with the number of its spells, the smallest first. */
let trusts: readonly { readonly code: string; readonly spells: number }[];

const served = () => server;
const one = () => [trusts[0]!.code];
const analyst = callerOf(served, 'analyst');
const finance = callerOf(served, 'finance');
const narrowed = callerOf(served, 'finance', one);
const clinician = callerOf(served, 'clinician', one);
const operations = callerOf(served, 'operations', one);
const biReader = callerOf(served, 'bi-reader');

const number = async (sql: string): Promise<number> =>
  Number((await fromRelease<{ n: number | bigint }>(config, sql))[0]?.n);

beforeAll(async () => {
  ({ config, landing } = await loadedHome(home, { patients: 1_500 }));
  server = await countingServer(config);
  trusts = await fromRelease(
    config,
    'select trust_code as code, cast(count(*) as integer) as spells from fact_spell group by 1 order by 2, 1',
  );
}, 120_000);
afterAll(() => server?.close());

const namesOf = (nodes: readonly Record<string, unknown>[], column: string): string[] =>
  nodes.map((node) => String(node[column]));

describe('what exists for a role', () => {
  const rowFields = [
    ...['patients', 'patient', 'episodes', 'edAttendances'],
    ...['prescriptions', 'referrals', 'contacts', 'carePackages'],
  ];
  const fieldsOf = async (caller: typeof analyst, type: string): Promise<string[]> => {
    const { body } = await caller.query(`{ __type(name: "${type}") { fields { name } } }`);
    return (body.data.__type?.fields ?? []).map(({ name }: { name: string }) => name).sort();
  };
  it('root fields', async () => {
    const roots = async (caller: typeof analyst) =>
      (await fieldsOf(caller, 'Query')).filter((name) => rowFields.includes(name));
    expect(await roots(analyst)).toEqual([...rowFields].sort());
    expect(await roots(finance)).toEqual(
      ['carePackages', 'edAttendances', 'episodes', 'patient', 'prescriptions'].sort(),
    );
    expect(await roots(clinician)).toEqual(['edAttendances', 'episodes', 'patient', 'patients']);
    expect(await roots(operations)).toEqual([]);
    expect(await roots(biReader)).toEqual([]);
  });

  it('columns of costs, of care and of people', async () => {
    expect(await fieldsOf(finance, 'Patient')).toEqual([
      'ageBand',
      'carePackages',
      'deprivationQuintile',
      'edAttendances',
      'episodes',
      'patientId',
      'prescriptions',
    ]);
    expect(await fieldsOf(finance, 'EdAttendance')).toEqual([
      'arrivalDate',
      'id',
      'patient',
      'patientId',
      'trustCode',
      'trustName',
    ]);
    expect(await fieldsOf(clinician, 'Prescription')).not.toContain('actualCost');
    expect(await fieldsOf(clinician, 'Prescription')).toContain('bnfCode');
    expect(await fieldsOf(clinician, 'Episode')).toContain('wardCode');
    expect(await fieldsOf(analyst, 'Episode')).not.toContain('wardCode');
    expect(await fieldsOf(finance, 'Referral')).toEqual([]);
    for (const caller of [analyst, finance, clinician])
      for (const type of ['Patient', 'Episode', 'EdAttendance', 'Prescription', 'Contact', 'Referral'])
        for (const field of await fieldsOf(caller, type))
          expect(field).not.toMatch(/honos|risk|birth|nhsNumber|postcode$|decile|practiceCode|safeguard/i);
  });

  it('describes a column as the role sees it', async () => {
    const described = async (caller: typeof analyst): Promise<string> => {
      const { body } = await caller.query('{ __type(name: "Episode") { fields { name description } } }');
      return body.data.__type.fields.find(({ name }: { name: string }) => name === 'admissionDate')
        .description;
    };
    expect(await described(analyst)).toBe('Local day of admission. The Monday of its ISO week.');
    expect(await described(finance)).toBe('Local day of admission. The first day of its month.');
    expect(await described(clinician)).toBe('Local day of admission.');
    const { body } = await finance.query('{ datasets { key columns { name description } } }');
    expect(JSON.stringify(body)).not.toMatch(/ISO week/);
  });

  it.each([
    ['a column', finance, '{ episodes { nodes { NAME } } }', 'primaryDiagnosis'],
    [
      'a condition',
      finance,
      '{ episodes(where: { NAME: { eq: "I21" } }) { totalCount } }',
      'primaryDiagnosis',
    ],
    ['an order', finance, '{ episodes(orderBy: { column: NAME }) { totalCount } }', 'primaryDiagnosis'],
    ['a list', clinician, '{ NAME { totalCount } }', 'prescriptions'],
    ['a nested list', finance, '{ episodes { nodes { patient { NAME { totalCount } } } } }', 'referrals'],
  ])('refuses %s of another role as it refuses a misspelt one', async (_what, caller, document, name) => {
    const refused = async (as: string) => {
      const found = await caller.refusal(document.replace('NAME', as));
      return { ...found, message: found.message.replaceAll(as, 'NAME') };
    };
    expect(await refused(name)).toEqual(await refused(`${name.slice(0, -1)}x`));
  });
});

/** A fact of the release by the token under which a caller sees it. */
const byToken = <T extends object>(sql: string, entity: 'event' | 'patient'): Promise<Map<string, T>> =>
  factsByToken<T>(config, analyst, sql, entity);

describe('values of a role', () => {
  interface Spell {
    readonly admission: string;
    readonly los: number | null;
  }
  const spells = () =>
    byToken<Spell>(
      'select spell_sk as key, cast(admission_date as varchar) as admission, los_days as los from fact_spell',
      'event',
    );
  const episodes = async (caller: typeof analyst) =>
    (await caller.page('episodes(first: 5000) { nodes { id admissionDate losDays } }')).nodes;
  const monday = (day: string): string => {
    const at = new Date(`${day}T00:00:00Z`);
    return new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
  };

  it('analysts see weeks and cut-off stays', async () => {
    const known = await spells();
    const limit = await number('select los_days as n from release_limit');
    const rows = await episodes(analyst);
    expect(rows.length).toBe(known.size);
    for (const row of rows) {
      const { admission, los } = known.get(String(row['id']))!;
      expect(row).toEqual({
        id: row['id'],
        admissionDate: monday(admission),
        losDays: los === null ? null : Math.min(los, limit),
      });
    }
    expect([...known.values()].some(({ los }) => los !== null && los > limit)).toBe(true);
  });
  it('finance sees months and true stays', async () => {
    const known = await spells();
    for (const row of await episodes(finance)) {
      const { admission, los } = known.get(String(row['id']))!;
      expect(row).toEqual({ id: row['id'], admissionDate: `${admission.slice(0, 7)}-01`, losDays: los });
    }
  });
  it('clinicians see the days of their own trusts', async () => {
    const known = await spells();
    const rows = await episodes(clinician);
    expect(rows).toHaveLength(trusts[0]!.spells);
    for (const row of rows) {
      const { admission, los } = known.get(String(row['id']))!;
      expect(row).toEqual({ id: row['id'], admissionDate: admission, losDays: los });
    }
  });
  it('a condition acts on what the role sees', async () => {
    const weeks = await analyst.page(
      'episodes(where: { admissionDate: { eq: "2024-07-15" } }, first: 1) { totalCount }',
    );
    expect(weeks.totalCount).toBe(
      await number(
        "select count(*) as n from fact_spell where admission_date between date '2024-07-15' and date '2024-07-21'",
      ),
    );
    // No week begins on a Tuesday, whoever was admitted on it.
    const tuesday =
      'episodes(where: { admissionDate: { eq: "2024-07-16" } }) { totalCount notices { code } }';
    expect(await analyst.page(tuesday)).toEqual({ totalCount: 0, notices: [{ code: 'COHORT_TOO_SMALL' }] });
  });
});

describe('tokens', () => {
  const patientIds = async (caller: typeof analyst, first = 3): Promise<string[]> =>
    namesOf((await caller.page(`patients(first: ${first}) { nodes { patientId } }`)).nodes, 'patientId');
  const find = async (caller: typeof analyst, id: string) =>
    (await caller.query('query ($id: ID!) { patient(id: $id) { patientId ageBand } }', { id })).body;

  it('lead to their patient, in every role that sees rows', async () => {
    const [id] = await patientIds(analyst);
    expect((await find(analyst, id!)).data.patient.patientId).toBe(id);
    expect((await find(finance, id!)).data.patient.patientId).toBe(id);
  });
  it('are accepted in conditions, however few they are', async () => {
    const ids = await patientIds(analyst);
    const { nodes, notices } = await analyst.page(
      'patients(where: { patientId: { in: $ids } }) { nodes { patientId } notices { code } }',
      { declared: '$ids: [ID!]', values: { ids: [...ids, 'm1.demoa1.AAAAAAAAAAAAAAAAAAAAAA', 'x'] } },
    );
    expect(namesOf(nodes, 'patientId').sort()).toEqual([...ids].sort());
    expect(notices).toEqual([]);
    const all = await analyst.page('episodes(first: 5000) { nodes { patientId } }');
    const [someone] = namesOf(all.nodes, 'patientId');
    const own = await analyst.page('episodes(where: { patientId: { eq: $id } }) { nodes { patientId } }', {
      declared: '$id: ID',
      values: { id: someone },
    });
    expect(own.nodes.length).toBeGreaterThan(0);
    expect(new Set(namesOf(own.nodes, 'patientId'))).toEqual(new Set([someone]));
  });
  it('of another recipient, malformed or raw ones are no such patient, and are not echoed', async () => {
    const [id] = await patientIds(analyst);
    const { body } = await server.queryAs(
      '33333333-3333-3333-3333-333333333333',
      'analyst',
      '{ patients(first: 2000) { nodes { patientId } } }',
    );
    const foreign = namesOf(body.data.patients.nodes as Page['nodes'], 'patientId');
    expect(foreign).toHaveLength(1_500);
    expect(foreign).not.toContain(id);
    const [event] = namesOf((await analyst.page('episodes(first: 1) { nodes { id } }')).nodes, 'id');
    const wrong = [
      foreign[0]!,
      event!,
      `${id}=`,
      id!.toUpperCase(),
      'PAT_000001',
      '',
      '__proto__',
      "' or 1=1--",
    ];
    for (const given of wrong) expect(await find(analyst, given)).toMatchObject({ data: { patient: null } });
    for (const given of wrong.filter((text) => text.length > 8))
      expect(JSON.stringify(await find(analyst, given))).not.toContain(given);
  });
  it('stay the same from page to page and release to release', async () => {
    const before = await patientIds(analyst, 5);
    await loadAt(config, landing, true);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { body } = await analyst.query('{ release { id } }');
    expect(body.data.release.id).toBe(2);
    expect(await patientIds(analyst, 5)).toEqual(before);
  }, 60_000);
});

describe('row scope', () => {
  const stays = (code: string): string =>
    `select patient_no from fact_spell where trust_code = '${code}' union select patient_no from fact_ed_attendance where trust_code = '${code}'`;

  it('a clinician sees patients with an event at an own trust, and of them the own events', async () => {
    const code = trusts[0]!.code;
    const { nodes, totalCount } = await clinician.page(
      'patients(first: 200) { totalCount nodes { patientId episodes { nodes { trustCode } } edAttendances { nodes { trustCode } } } }',
    );
    expect(totalCount).toBe(await number(`select count(*) as n from (${stays(code)})`));
    const seen = nodes.flatMap((node) => [
      ...(node['episodes'] as Page).nodes,
      ...(node['edAttendances'] as Page).nodes,
    ]);
    expect(new Set(namesOf(seen, 'trustCode'))).toEqual(new Set([code]));
  });
  it('who is out of scope is no such patient', async () => {
    const outside = await byToken<{ n: number }>(
      `select patient_sk as key, 1 as n from dim_patient where patient_no not in (${stays(trusts[0]!.code)}) order by patient_no limit 3`,
      'patient',
    );
    for (const id of outside.keys()) {
      const { body } = await clinician.query('query ($id: ID!) { patient(id: $id) { patientId } }', { id });
      expect(body).toMatchObject({ data: { patient: null } });
      expect(body.errors).toBeUndefined();
    }
  });
  it('what has no trust is shown of patients in care only', async () => {
    const inCare = new Set(
      (
        await byToken<{ n: number }>(
          `select patient_sk as key, 1 as n from dim_patient where patient_no in (
            select patient_no from fact_spell where trust_code = '${trusts[0]!.code}' and (discharge_date is null or discharge_date >= (select data_as_of - 30 from release_day))
            union select patient_no from fact_ed_attendance where trust_code = '${trusts[0]!.code}' and departed_at >= (select data_as_of - 30 from release_day))`,
          'patient',
        )
      ).keys(),
    );
    const { nodes } = await clinician.page(
      'patients(first: 500) { nodes { patientId prescriptions(first: 5) { totalCount nodes { bnfCode } } } }',
    );
    const shown = nodes.filter((node) => (node['prescriptions'] as Page).nodes.length > 0);
    expect(shown.length).toBeGreaterThan(0);
    for (const node of shown) expect(inCare).toContain(node['patientId']);
    const hidden = nodes.filter((node) => !inCare.has(String(node['patientId'])));
    expect(hidden.length).toBeGreaterThan(0);
    for (const node of hidden) expect((node['prescriptions'] as Page).totalCount).toBe(0);
  });
  it('a narrowed finance role sees its own trusts, and nothing that has none', async () => {
    const { totalCount } = await narrowed.page('episodes(first: 1) { totalCount }');
    expect(totalCount).toBe(trusts[0]!.spells);
    expect((await narrowed.page('prescriptions { totalCount nodes { id } }')).nodes).toEqual([]);
    const foreign = `episodes(where: { trustCode: { eq: "${trusts.at(-1)!.code}" } }) { totalCount }`;
    expect((await narrowed.page(foreign)).totalCount).toBe(0);
  });
});

describe('a filtered list of few patients', () => {
  const limit = async (patients: number): Promise<number> =>
    number(
      `select max(los) as n from (select los_days as los, (select count(distinct patient_no) from fact_spell o where o.los_days >= f.los_days) as people from fact_spell f where los_days is not null) where people >= ${patients}`,
    );
  const listed = (caller: typeof analyst, days: number) =>
    caller.page(
      `episodes(where: { losDays: { gte: ${days} } }, first: 100) { totalCount notices { code } nodes { patientId } }`,
    );
  it('is empty for finance, with the notice that an empty list has', async () => {
    const enough = await limit(8);
    const shown = await listed(finance, enough);
    expect(new Set(namesOf(shown.nodes, 'patientId')).size).toBeGreaterThanOrEqual(8);
    expect(shown.notices).toEqual([]);
    const few = await listed(finance, enough + 1);
    expect(few).toEqual({ totalCount: 0, notices: [{ code: 'COHORT_TOO_SMALL' }], nodes: [] });
    expect(await listed(finance, 100_000)).toEqual(few);
  });
  it('is shown to clinicians, and below a row', async () => {
    const { nodes } = await clinician.page('patients(first: 1) { nodes { patientId } }');
    const [id] = namesOf(nodes, 'patientId');
    const alone = await clinician.page(
      'patients(where: { patientId: { eq: $id } }) { totalCount notices { code } }',
      { declared: '$id: ID', values: { id } },
    );
    expect(alone).toEqual({ totalCount: 1, notices: [] });
    const below = await analyst.page(
      'patients(first: 50) { nodes { episodes(where: { losDays: { gte: 0 } }) { totalCount notices { code } } } }',
    );
    expect(below.nodes.some((node) => (node['episodes'] as Page).totalCount > 0)).toBe(true);
  });
});

describe('rows below rows', () => {
  const both =
    '{ patients(first: 100) { nodes { patientId episodes(first: 3) { totalCount nodes { id patient { patientId ageBand } } } } } }';
  it('takes a statement a level, whatever the number of rows', async () => {
    // The third time the document is compiled.
    for (const _time of [1, 2, 3]) {
      server.statements();
      const { body } = await analyst.query(both);
      expect(server.statements()).toBe(3);
      const { nodes } = body.data.patients;
      expect(nodes).toHaveLength(100);
      for (const { patientId, episodes } of nodes) {
        expect(episodes.nodes.length).toBe(Math.min(3, episodes.totalCount));
        for (const { patient } of episodes.nodes) expect(patient.patientId).toBe(patientId);
      }
    }
    server.statements();
    await analyst.query(
      '{ episodes(first: 1000) { nodes { patient { edAttendances(first: 2) { nodes { seq } } } } } }',
    );
    expect(server.statements()).toBe(3);
  });

  it('keeps the same field with other arguments apart, on every way to the row', async () => {
    const { body } = await analyst.query(
      `query ($n: Int!) { patients(first: 200) {
      a: nodes { patientId first: episodes(first: 1) { nodes { id } } episodes(first: $n, orderBy: { column: seq, direction: DESC }) { nodes { seq } } }
      edges { node { patientId episodes(first: 2) { nodes { id } pageInfo { hasNextPage } } ...more } } } }
      fragment more on Patient { episodes(first: 2) { totalCount } }`,
      { n: 50 },
    );
    const { a, edges } = body.data.patients;
    let several = 0;
    a.forEach((node: never, at: number) => {
      const { first, episodes } = node as { first: Page; episodes: Page };
      const { node: other } = edges[at];
      expect(other.episodes.nodes[0]?.id).toBe(first.nodes[0]?.['id']);
      expect(other.episodes.totalCount).toBe(episodes.nodes.length);
      expect(other.episodes.pageInfo.hasNextPage).toBe(episodes.nodes.length > 2);
      expect(episodes.nodes.map(({ seq }) => seq)).toEqual(
        Array.from({ length: episodes.nodes.length }, (_none, index) => episodes.nodes.length - index),
      );
      if (episodes.nodes.length > 1) several += 1;
    });
    expect(several).toBeGreaterThan(0);
  });

  it('goes on behind the last row of a nested page', async () => {
    const document = `query ($id: ID!, $after: String) { patient(id: $id) {
      prescriptions(first: 2, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }`;
    const { nodes } = await analyst.page(
      'patients(first: 100) { nodes { patientId prescriptions(first: 9000) { nodes { id } } } }'.replace(
        '9000',
        '100',
      ),
    );
    const patient = nodes.find((node) => (node['prescriptions'] as Page).nodes.length > 4)!;
    const all = namesOf((patient['prescriptions'] as Page).nodes, 'id');
    const found: string[] = [];
    let after: string | null = null;
    do {
      const { body } = await analyst.query(document, { id: patient['patientId'], after });
      const page = body.data.patient.prescriptions;
      expect(page.totalCount).toBe(all.length);
      found.push(...page.nodes.map(({ id }: { id: string }) => id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(found).toEqual(all);
  });

  it('refuses trees that could become too large or too deep', async () => {
    const large = await analyst.refusal(
      '{ patients(first: 2000) { nodes { episodes { nodes { id seq losDays } } } } }',
    );
    expect([large.status, large.code]).toEqual([400, 'QUERY_TOO_COMPLEX']);
    let deep = 'patientId';
    for (let level = 0; level < 6; level += 1) deep = `episodes(first: 1) { nodes { patient { ${deep} } } }`;
    expect((await analyst.refusal(`{ patients(first: 1) { nodes { ${deep} } } }`)).code).toBe(
      'QUERY_TOO_COMPLEX',
    );
    expect((await analyst.refusal('{ patients { nodes { episodes(first: 0) { totalCount } } } }')).code).toBe(
      'BAD_USER_INPUT',
    );
  });
});

describe('pages', () => {
  it('hold every row once, in order', async () => {
    const found: string[] = [];
    let after: string | null = null;
    let total = -1;
    do {
      const page: Page = await analyst.page(
        'edAttendances(first: 400, after: $after, orderBy: [{ column: totalMinutes, direction: DESC }]) { totalCount nodes { id totalMinutes } pageInfo { endCursor hasNextPage } }',
        { declared: '$after: String', values: { after } },
      );
      if (total >= 0) expect(page.totalCount).toBe(total);
      total = page.totalCount;
      found.push(...namesOf(page.nodes, 'id'));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(found).toHaveLength(total);
    expect(new Set(found).size).toBe(total);
  });
  it('a cursor of another role or recipient opens nothing', async () => {
    const { pageInfo } = await analyst.page('episodes(first: 1) { pageInfo { endCursor } }');
    const document = 'query ($after: String) { episodes(first: 1, after: $after) { totalCount } }';
    expect((await finance.refusal(document, { after: pageInfo.endCursor })).code).toBe('INVALID_CURSOR');
    const { body } = await server.queryAs('other', 'analyst', document, { after: pageInfo.endCursor });
    expect(body.errors[0].extensions.code).toBe('INVALID_CURSOR');
  });
});

describe('as it was known on a day', () => {
  it('takes days from the first load on', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const now = await analyst.page(
      'patients(first: 50) { totalCount nodes { patientId ageBand practiceRegion } }',
    );
    const then = await analyst.page(
      `patients(first: 50, asOf: "${today}") { totalCount nodes { patientId ageBand practiceRegion } }`,
    );
    expect(then).toEqual(now);
    const { code } = await analyst.refusal('{ episodes(asOf: "2001-01-01") { totalCount } }');
    expect(code).toBe('BAD_USER_INPUT');
  });
});

it('no answer holds an identifier, a key of the warehouse or a plain hash of one', async () => {
  const text = server.answers.join('\n');
  expect(text.length).toBeGreaterThan(100_000);
  expect(text).not.toMatch(/PAT_\d|PSEUDO_|INVALIDX/);
  const [file] = readdirSync(join(landing, 'patients'));
  const reader = await openReader();
  const raw = await reader.rows<{ id: string; nhs: string | null }>(
    `select patient_id as id, nhs_number as nhs from '${join(landing, 'patients', file!)}' limit 200`,
  );
  reader.close();
  const ids = raw.map(({ id }) => id);
  const numbers = raw.flatMap(({ nhs }) => (nhs !== null && nhs.length > 7 ? [nhs] : []));
  expect(ids).toHaveLength(200);
  for (const id of [...ids, ...numbers]) {
    expect(text).not.toContain(id);
    for (const algorithm of ['md5', 'sha1', 'sha256']) {
      const digest = createHash(algorithm).update(id).digest();
      expect(text).not.toContain(digest.toString('hex').slice(0, 16));
      expect(text).not.toContain(digest.toString('base64url').slice(0, 16));
    }
  }
  const keys = await fromRelease<{ key: string }>(
    config,
    'select lower(hex(patient_sk)) as key from dim_patient union all select lower(hex(spell_sk)) from fact_spell',
  );
  const lower = text.toLowerCase();
  expect(keys.filter(({ key }) => lower.includes(key))).toEqual([]);
  const encoded = keys.map(({ key }) => Buffer.from(key, 'hex').toString('base64url'));
  expect(encoded.filter((key) => text.includes(key))).toEqual([]);
});
