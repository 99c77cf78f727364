import supertest from 'supertest';
import type { Config } from '../../src/config/environment.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';
import { callerOf, type Page, post } from './client.js';

const home = temporaryFolder();
let config: Config;
let server: TestServer;
let trusts: string[];

const own = () => trusts;
const served = () => server;
const operations = callerOf(served, 'operations', own);
const analyst = callerOf(served, 'analyst');
const biReader = callerOf(served, 'bi-reader');
const steward = callerOf(served, 'data-steward');
const finance = callerOf(served, 'finance');
const auditor = callerOf(served, 'auditor');
const admin = callerOf(served, 'admin');

beforeAll(async () => {
  ({ config } = await loadedHome(home, { patients: 1_500 }));
  server = await serveAt(config);
  const { nodes } = await biReader.page('edWaits(by: TRUST) { nodes { trustCode } }');
  trusts = nodes.map(({ trustCode }) => String(trustCode));
}, 120_000);
afterAll(() => server?.close());

const rootFields = async (caller: typeof analyst): Promise<string[]> => {
  const { body } = await caller.query('{ __schema { queryType { fields { name } } } }');
  return body.data.__schema.queryType.fields.map(({ name }: { name: string }) => name).sort();
};

describe('the release and who asks', () => {
  it('says which release answers and that every source reconciles', async () => {
    const { body } = await analyst.query(
      '{ release { id publishedAt dataAsOf sources { name rows silver duplicates quarantined lastFile } checks { name status violations } } }',
    );
    const { release } = body.data;
    expect(release.id).toBe(1);
    expect(release.publishedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    expect(release.dataAsOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(release.sources).toHaveLength(10);
    for (const { rows, silver, duplicates, quarantined } of release.sources) {
      expect(silver + duplicates + quarantined).toBe(rows);
    }
    expect(release.checks.length).toBeGreaterThan(0);
    expect(release.checks.map(({ status }: { status: string }) => status)).not.toContain('fail');
  });

  it('says who asks and as what', async () => {
    const { body } = await operations.query('{ me { roles role trusts profile purpose } }');
    expect(body.data.me).toEqual({
      roles: ['operations'],
      role: 'operations',
      trusts: [...trusts].sort(),
      profile: 'exact',
      purpose: 'HOPERAT',
    });
  });

  it('carries what an answer was made from', async () => {
    const { body } = await analyst.query('{ edWaits { nodes { attendances } } }');
    expect(body.extensions.maplewood).toEqual({
      release: 1,
      dataAsOf: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      role: 'analyst',
      cached: false,
      suppressedCells: 0,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('counts the cells that it hid, and names them in their rows', async () => {
    const { body } = await analyst.query(
      '{ edWaits(by: [TRUST, COMPLAINT], grain: WEEK, first: 10000) { nodes { attendances suppressed } } }',
    );
    const hidden = body.data.edWaits.nodes.filter(
      (node: { suppressed: string | null }) => node.suppressed !== null,
    );
    expect(hidden.length).toBeGreaterThan(0);
    expect(body.extensions.maplewood.suppressedCells).toBe(hidden.length);
    for (const node of hidden) expect(node).toEqual({ attendances: null, suppressed: 'attendances' });
  });
});

describe('what exists for a role', () => {
  const common = ['datasets', 'explainAccess', 'me', 'release'];
  it('shows measures to those who work with them, and quality to stewards', async () => {
    const measures = ['bedForecast', 'bedOccupancy', 'edCrowding', 'edWaits', 'lengthOfStay', 'readmissions'];
    const population = ['careTransitions', 'populationHealth', 'referralWaits', 'socialCare'];
    const money = ['costs', 'prescribing'];
    expect(await rootFields(biReader)).toEqual(
      [...common, ...measures, ...population, ...money, 'cdsCounts', 'cdsRules'].sort(),
    );
    expect(await rootFields(operations)).toEqual([...common, ...measures, 'cdsCounts', 'cdsRules'].sort());
    const costed = ['patient', 'episodes', 'edAttendances', 'prescriptions', 'carePackages'];
    expect(await rootFields(finance)).toEqual(
      [...common, 'cdsRules', 'lengthOfStay', 'readmissions', 'highCostPatients', ...money, ...costed].sort(),
    );
    expect(await rootFields(steward)).toEqual(
      [
        ...common,
        'cdsCounts',
        'cdsResults',
        'cdsRules',
        'dataQuality',
        'dataQualityItems',
        'lineage',
        'quarantine',
        'schemaDrift',
      ].sort(),
    );
  });
  it('keeps published figures to the thresholds of their definition', async () => {
    const document = 'query ($days: Int!) { readmissions(days: $days) { nodes { readmitted } } }';
    expect((await biReader.query(document, { days: 30 })).body.errors).toBeUndefined();
    const { body } = await biReader.query(document, { days: 29 });
    expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect((await analyst.query(document, { days: 29 })).body.errors).toBeUndefined();
    expect((await analyst.query(document, { days: 0 })).body.errors[0].extensions.code).toBe(
      'BAD_USER_INPUT',
    );
  });
  it('shows no data to auditors and administrators, only where they come from', async () => {
    expect(await rootFields(auditor)).toEqual([...common, 'auditTrail', 'lineage'].sort());
    expect(await rootFields(admin)).toEqual([...common, 'cdsRules', 'lineage'].sort());
  });
  it('lists datasets with the columns and combinations of the role', async () => {
    const document = '{ datasets { key columns { name } allowed { by grains } } }';
    const dimensionsOf = async (caller: typeof analyst): Promise<string[]> => {
      const { body } = await caller.query(document);
      const beds = body.data.datasets.find(({ key }: { key: string }) => key === 'bedOccupancy');
      return beds.columns.map(({ name }: { name: string }) => name);
    };
    expect(await dimensionsOf(operations)).toContain('wardCode');
    expect(await dimensionsOf(analyst)).not.toContain('wardCode');
    expect((await auditor.query(document)).body.data.datasets).toEqual([]);
  });

  describe('gives the same error for what is hidden and what is misspelt', () => {
    const cases: [string, typeof analyst, string, string, string][] = [
      ['a root field', analyst, 'dataQuality', 'dataQualitx', '{ NAME { nodes { id } } }'],
      ['a column', analyst, 'wardCode', 'wardCodx', '{ bedOccupancy { nodes { NAME } } }'],
      ['a dimension', analyst, 'WARD', 'WARX', '{ bedOccupancy(by: NAME) { nodes { occupiedBeds } } }'],
      [
        'a filter',
        analyst,
        'wardCode',
        'wardCodx',
        '{ bedOccupancy(where: { NAME: { eq: "A" } }) { totalCount } }',
      ],
      [
        'an order',
        analyst,
        'wardCode',
        'wardCodx',
        '{ bedOccupancy(orderBy: { column: NAME }) { totalCount } }',
      ],
      ['a measure', biReader, 'maxPresent', 'maxPresenx', '{ edCrowding { nodes { NAME } } }'],
      ['a dataset', finance, 'edWaits', 'edWaitx', '{ NAME { totalCount } }'],
    ];
    it.each(cases)('%s', async (_what, caller, hidden, misspelt, document) => {
      const refused = async (name: string) => {
        const found = await caller.refusal(document.replace('NAME', name));
        return { ...found, message: found.message.replaceAll(name, 'NAME') };
      };
      expect(await refused(hidden)).toEqual(await refused(misspelt));
      expect((await refused(hidden)).status).toBe(400);
    });
    it('a dimension given as a variable', async () => {
      const document = 'query ($by: [BedOccupancyDimension!]!) { bedOccupancy(by: $by) { totalCount } }';
      const hidden = await analyst.refusal(document, { by: ['WARD'] });
      expect(hidden).toEqual(await analyst.refusal(document, { by: ['WARX'] }));
      expect(hidden.message).not.toContain('WARD');
    });
  });
});

describe('rows of a dataset', () => {
  it('answers data quality and quarantine to a steward', async () => {
    const quality = await steward.page(
      'dataQuality(where: { severity: { eq: "reject" }, violated: { gt: 0 } }, orderBy: { column: violated, direction: DESC }) { nodes { id rule violated severity } totalCount }',
    );
    expect(quality.nodes.length).toBeGreaterThan(0);
    const violated = quality.nodes.map((node) => Number(node['violated']));
    expect(violated).toEqual([...violated].sort((a, b) => b - a));
    expect(new Set(quality.nodes.map(({ severity }) => severity))).toEqual(new Set(['reject']));

    const all = await steward.page(
      'quarantine(first: 10000) { nodes { number dataset rule reason valueShape } totalCount }',
    );
    const { body } = await steward.query('{ release { sources { quarantined } } }');
    const sources = body.data.release.sources as { quarantined: number }[];
    expect(all.totalCount).toBe(sources.reduce((sum, { quarantined }) => sum + quarantined, 0));
    expect(all.nodes).toHaveLength(all.totalCount);
  });
});

describe('filters, dimensions, grains and order', () => {
  it('splits a total without losing anything', async () => {
    const [total] = (await operations.page('edWaits { nodes { attendances } }')).nodes;
    for (const split of [
      'by: TRUST',
      'by: [TRUST, TRIAGE]',
      'grain: DAY',
      'by: [WEEKDAY, ARRIVAL_HOUR], grain: MONTH',
    ]) {
      const { nodes } = await operations.page(`edWaits(${split}, first: 10000) { nodes { attendances } }`);
      expect(nodes.reduce((sum, node) => sum + Number(node['attendances']), 0)).toBe(total!['attendances']);
    }
  });

  it('takes each bucket from its first day on, and up to but not including the end of a period', async () => {
    const { nodes } = await operations.page(
      'edWaits(grain: MONTH, where: { period: { gte: "2023-02-01", lt: "2023-05-01" } }) { nodes { period } }',
    );
    const all = (await operations.page('edWaits(grain: MONTH) { nodes { period } }')).nodes.map(
      ({ period }) => String(period),
    );
    expect(nodes.map(({ period }) => period)).toEqual(
      all.filter((day) => day >= '2023-02-01' && day < '2023-05-01'),
    );
  });

  it('filters finished cells by what a role may see of them', async () => {
    const few = await analyst.page(
      'edWaits(by: [TRUST, TRIAGE], grain: WEEK, where: { attendances: { lt: 5 } }) { nodes { attendances } }',
    );
    expect(few.nodes).toEqual([]);
    const hidden = await analyst.page(
      'edWaits(by: [TRUST, TRIAGE], grain: WEEK, first: 50, where: { attendances: { isNull: true } }) { nodes { attendances suppressed } }',
    );
    expect(hidden.nodes.length).toBeGreaterThan(0);
    expect(new Set(hidden.nodes.map(({ suppressed }) => suppressed))).toEqual(new Set(['attendances']));
  });

  it('combines conditions, null being a value', async () => {
    const both = await operations.page(
      `edWaits(by: TRUST, where: { or: [{ trustCode: { eq: "${trusts[0]}" } }, { not: { trustCode: { in: ["${trusts[0]}", "${trusts[1]}"] } } }] }) { nodes { trustCode } }`,
    );
    expect(both.nodes.map(({ trustCode }) => trustCode)).toEqual(trusts.filter((code) => code !== trusts[1]));
    const unequal = await analyst.page(
      'edWaits(by: [TRUST, TRIAGE], grain: WEEK, first: 10000, where: { attendances: { ne: 5 } }) { nodes { attendances } }',
    );
    expect(unequal.nodes.some(({ attendances }) => attendances === null)).toBe(true);
    expect(unequal.nodes.some(({ attendances }) => attendances === 5)).toBe(false);
  });

  it.each(['ASC', 'DESC'])('orders %s with nulls last', async (direction) => {
    const { nodes } = await analyst.page(
      `edWaits(by: [TRUST, TRIAGE], grain: WEEK, first: 10000, orderBy: { column: attendances, direction: ${direction} }) { nodes { attendances } }`,
    );
    const values = nodes.map(({ attendances }) => attendances as number | null);
    const known = values.filter((value) => value !== null);
    expect(known.length).toBeLessThan(values.length);
    const sorted = [...known].sort((a, b) => (direction === 'ASC' ? a - b : b - a));
    expect(values).toEqual([...sorted, ...values.slice(known.length).map(() => null)]);
  });

  it('reads quotes and % in a text as nothing but text', async () => {
    const texts = ["'", "' or 1=1 --", '"', '%', '_', 'A&E', '\\', '$1', '[a-z]'];
    for (const op of ['eq', 'startsWith', 'endsWith', 'contains']) {
      for (const text of texts) {
        const { totalCount } = await operations.page(
          `edWaits(by: TRUST, where: { trustCode: { ${op}: $text } }) { totalCount }`,
          {
            declared: '$text: String!',
            values: { text },
          },
        );
        expect([op, text, totalCount]).toEqual([op, text, 0]);
      }
    }
  });

  it('answers a question that nothing meets with an empty page', async () => {
    const nothing = await operations.page(
      'edWaits(by: TRUST, where: { trustCode: { eq: "ZZZ" } }) { nodes { attendances } edges { cursor } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }',
    );
    expect(nothing).toEqual({
      nodes: [],
      edges: [],
      totalCount: 0,
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
    const reversed = await operations.page(
      'edWaits(grain: DAY, where: { period: { gte: "2023-06-01", lt: "2023-01-01" } }) { nodes { attendances } }',
    );
    expect(reversed.nodes).toEqual([]);
  });

  it('says that the sources hold no census at 08:00, and gives no number', async () => {
    const { nodes, notices } = await operations.page(
      'bedOccupancy(by: TRUST, snapshot: MORNING) { nodes { occupiedBedDays occupiedBeds occupancyPct } notices { code } }',
    );
    expect(new Set(nodes.flatMap((node) => Object.values(node)))).toEqual(new Set([null]));
    expect(notices).toEqual([{ code: 'NOT_IN_SOURCES' }]);
  });
});

describe('pages', () => {
  const columns = 'nodes { period trustCode triageCategory attendances medianMinutes }';
  const asked = 'by: [TRUST, TRIAGE], grain: QUARTER, orderBy: { column: attendances, direction: DESC }';
  const walk = async (caller: typeof analyst, first: number): Promise<Page[]> => {
    const pages: Page[] = [];
    for (let after: string | null = null; ; ) {
      const page: Page = await caller.page(
        `edWaits(${asked}, first: ${first}, after: $after) { ${columns} totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { attendances } } }`,
        { declared: '$after: String', values: { after } },
      );
      pages.push(page);
      if (!page.pageInfo.hasNextPage) return pages;
      after = page.pageInfo.endCursor;
    }
  };

  it.each([
    ['exact figures', operations],
    ['controlled figures, many of them null', analyst],
  ])('of seven, walked to the end, are one big page: %s', async (_profile, caller) => {
    const [whole] = await walk(caller, 10_000);
    const pages = await walk(caller, 7);
    expect(whole!.nodes.length).toBeGreaterThan(21);
    expect(pages.flatMap(({ nodes }) => nodes)).toEqual(whole!.nodes);
    expect(new Set(pages.map(({ totalCount }) => totalCount))).toEqual(new Set([whole!.nodes.length]));
    expect(pages.map(({ nodes }) => nodes.length).slice(0, -1)).toEqual(pages.slice(1).map(() => 7));
    expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual(
      pages.map((_page, index) => index > 0),
    );
    for (const { edges, nodes } of pages) {
      expect(edges.map(({ node }) => node['attendances'])).toEqual(
        nodes.map(({ attendances }) => attendances),
      );
    }
  });

  it('can begin behind any row, and behind the last one there is nothing', async () => {
    const [whole] = await walk(operations, 10_000);
    const next = (cursor: string) =>
      operations.page(`edWaits(${asked}, first: 1, after: $after) { ${columns} totalCount }`, {
        declared: '$after: String',
        values: { after: cursor },
      });
    expect((await next(whole!.edges[4]!.cursor)).nodes).toEqual([whole!.nodes[5]]);
    expect(await next(whole!.edges.at(-1)!.cursor)).toEqual({ nodes: [], totalCount: whole!.nodes.length });
  });

  describe('a cursor', () => {
    const document =
      'query ($after: String) { edWaits(by: TRUST, first: 1, after: $after) { nodes { trustCode } pageInfo { endCursor } } }';
    const cursorOf = async (caller: typeof analyst): Promise<string> =>
      (await caller.query(document)).body.data.edWaits.pageInfo.endCursor;

    it.each([
      ['another dimension', 'by: TRIAGE'],
      ['another grain', 'by: TRUST, grain: YEAR'],
      ['another filter', 'by: TRUST, where: { attendances: { gt: 0 } }'],
      ['another order', 'by: TRUST, orderBy: { column: attendances }'],
      ['another argument', 'by: TRUST, sameTrust: true'],
    ])('does not open for %s', async (_what, args) => {
      const after = await cursorOf(operations);
      const other = `query ($after: String) { edWaits(${args}, first: 1, after: $after) { totalCount } }`;
      expect(await operations.refusal(other, { after })).toMatchObject({
        status: 400,
        code: 'INVALID_CURSOR',
      });
    });
    it('does not open for another dataset, role or scope', async () => {
      const after = await cursorOf(operations);
      const beds = document.replace('edWaits', 'bedOccupancy');
      expect(await operations.refusal(beds, { after })).toMatchObject({ code: 'INVALID_CURSOR' });
      expect(await analyst.refusal(document, { after })).toMatchObject({ code: 'INVALID_CURSOR' });
      const narrow = callerOf(served, 'operations', () => trusts.slice(1));
      expect(await narrow.refusal(document, { after })).toMatchObject({ code: 'INVALID_CURSOR' });
    });
    it('does not open when any of its bytes was changed, or when it was cut', async () => {
      const bytes = Buffer.from(await cursorOf(operations), 'base64url');
      const changed = Array.from(bytes, (_byte, at) => {
        const copy = Buffer.from(bytes);
        copy[at]! ^= 1 << (at % 8);
        return copy.toString('base64url');
      });
      const texts = [
        ...changed,
        '',
        'x',
        bytes.subarray(0, -1).toString('base64url'),
        `${bytes.toString('base64url')}=`,
      ];
      const answers = await Promise.all(texts.map((after) => operations.refusal(document, { after })));
      expect(new Set(answers.map(({ status, code, message }) => `${status} ${code} ${message}`)).size).toBe(
        1,
      );
      expect(answers[0]).toMatchObject({ status: 400, code: 'INVALID_CURSOR' });
    });
  });
});

describe('arguments that cannot be used', () => {
  it.each([['0'], ['-1'], ['10001'], ['2147483648'], ['-2147483649'], ['1e400'], ['"7"'], ['1.5']])(
    'first: %s',
    async (first) => {
      const { status, code } = await operations.refusal(`{ edWaits(first: ${first}) { totalCount } }`);
      expect(status).toBe(400);
      expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']).toContain(code);
    },
  );
  it.each([[0], [-1], [10_001], [2 ** 31], [1.5], ['7'], [null]])(
    'first as a variable: %p',
    async (first) => {
      const refused = await operations.refusal(
        'query ($first: Int!) { edWaits(first: $first) { totalCount } }',
        { first },
      );
      expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    },
  );
  it('takes 200 values in a list and refuses 201', async () => {
    const document =
      'query ($codes: [String!]) { edWaits(by: TRUST, where: { trustCode: { in: $codes } }) { totalCount } }';
    const codes = (length: number) => ({ codes: Array.from({ length }, (_none, at) => `T${at}`) });
    expect((await operations.query(document, codes(200))).body.data.edWaits.totalCount).toBe(0);
    expect(await operations.refusal(document, codes(201))).toMatchObject({
      status: 400,
      code: 'QUERY_TOO_COMPLEX',
    });
  });
  it.each(['2023-02-30', '2023-13-01', '20230101', 'yesterday', "'2023-01-01'"])(
    'a day %s that is none',
    async (day) => {
      const document =
        'query ($from: Date!) { edWaits(grain: DAY, where: { period: { gte: $from } }) { totalCount } }';
      const refused = await operations.refusal(document, { from: day });
      expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(refused.message).not.toContain(day);
    },
  );
  it.each(['1e400', 'NaN', '"NaN"', 'Infinity'])('a number %s', async (number) => {
    const { status } = await operations.refusal(
      `{ edWaits(where: { within4HoursPct: { gt: ${number} } }) { totalCount } }`,
    );
    expect(status).toBe(400);
  });
  it('a null where a test needs a value', async () => {
    const refused = await operations.refusal(
      '{ edWaits(by: TRUST, where: { trustCode: { eq: null } }) { totalCount } }',
    );
    expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });
  it('names the grains that a role may ask for', async () => {
    expect(await analyst.refusal('{ edWaits(by: TRUST, grain: DAY) { totalCount } }')).toMatchObject({
      status: 400,
      code: 'GRAIN_NOT_ALLOWED',
      message: expect.stringContaining('WEEK, MONTH, QUARTER, YEAR, ALL'),
    });
    expect(
      await biReader.refusal('{ edWaits(by: [TRIAGE, WEEKDAY], grain: YEAR) { totalCount } }'),
    ).toMatchObject({
      code: 'GRAIN_NOT_ALLOWED',
      message: expect.stringContaining('TRUST DESTINATION from QUARTER'),
    });
    expect(
      await biReader.refusal(
        '{ edWaits(grain: WEEK, where: { triageCategory: { eq: "1" } }) { totalCount } }',
      ),
    ).toMatchObject({
      code: 'GRAIN_NOT_ALLOWED',
    });
    expect(await finance.refusal('{ lengthOfStay(by: TRUST, grain: WEEK) { totalCount } }')).toMatchObject({
      code: 'GRAIN_NOT_ALLOWED',
    });
  });
  it('never repeats a value or shows SQL in an error', async () => {
    const secret = 'SECRET-9434765919';
    const documents = [
      `{ edWaits(where: { trustCode: { eq: 5 } }, first: "${secret}") { totalCount } }`,
      `{ edWaits(by: "${secret}") { totalCount } }`,
      `{ edWaits(after: "${secret}") { totalCount } }`,
      `{ edWaits(where: { attendances: { gt: "${secret}" } }) { totalCount } }`,
      `{ edWaits(grain: DAY, where: { period: { gte: "${secret}" } }) { totalCount } }`,
      `{ edWaits( "${secret}" `,
      `query ($a: Int = "${secret}") { edWaits(first: $a) { totalCount } }`,
    ];
    for (const document of documents) {
      const { body } = await analyst.query(document);
      expect(body.errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(body)).not.toMatch(/SECRET|9434765919|select |stack/i);
    }
    const variables: [string, unknown][] = [
      ['Int', secret],
      ['Int', `a; ${secret}`],
      ['Int', [secret, { a: secret }]],
      ['Int', { [secret]: `"; at "${secret}"; ` }],
      ['Grain', secret],
      ['Grain', `a "b" does not exist in "${secret}"; c`],
    ];
    for (const [type, a] of variables) {
      const argument = type === 'Int' ? 'first' : 'grain';
      const { body } = await analyst.query(
        `query ($a: ${type}!) { edWaits(${argument}: $a) { totalCount } }`,
        { a },
      );
      expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
      expect(JSON.stringify(body)).not.toMatch(/SECRET|select |stack/i);
    }
  });
});

describe('roles and rows of a token', () => {
  const me = { query: '{ me { role } }' };
  it('refuses operations without trusts', async () => {
    const { status, body } = await post(server, config, ['operations']).send(me);
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'NO_ROLE']);
  });
  it('answers for a foreign trust as if it were not there', async () => {
    const other = callerOf(served, 'operations', () => [trusts[0]!]);
    expect(
      await other.page(
        `edWaits(by: TRUST, where: { trustCode: { eq: "${trusts[1]}" } }) { nodes { attendances } totalCount }`,
      ),
    ).toEqual({
      nodes: [],
      totalCount: 0,
    });
    const mine = await other.page('edWaits(by: TRUST) { nodes { trustCode attendances } }');
    const all = await operations.page('edWaits(by: TRUST) { nodes { trustCode attendances } }');
    expect(mine.nodes).toEqual(all.nodes.filter(({ trustCode }) => trustCode === trusts[0]));
    const total = await other.page('edWaits { nodes { attendances } }');
    expect(total.nodes).toEqual([{ attendances: mine.nodes[0]!['attendances'] }]);
    expect(
      (await callerOf(served, 'operations', () => ['ZZZ99']).page('edWaits { nodes { attendances } }')).nodes,
    ).toEqual([]);
  });
  it('narrows the other roles by the same claim', async () => {
    const narrow = callerOf(served, 'analyst', () => [trusts[2]!]);
    expect((await narrow.page('edWaits(by: TRUST) { nodes { trustCode } }')).nodes).toEqual([
      { trustCode: trusts[2] },
    ]);
  });
  it('answers two roles as the least privileged that can serve the whole question', async () => {
    const both = post(server, config, ['operations', 'bi-reader'], trusts);
    expect((await both.send(me)).body.data.me.role).toBe('bi-reader');
    const ward = { query: '{ me { role } bedOccupancy(by: WARD, first: 1) { nodes { wardCode } } }' };
    const answer = await post(server, config, ['operations', 'bi-reader'], trusts).send(ward);
    expect(answer.body.data.me.role).toBe('operations');
  });
  it('takes the role that the header asks for, if the token holds it', async () => {
    const asked = (role: string) =>
      post(server, config, ['operations', 'bi-reader'], trusts).set('X-Maplewood-Role', role).send(me);
    expect((await asked('operations')).body.data.me.role).toBe('operations');
    for (const role of ['analyst', 'Operations', 'nobody', '']) {
      const { status, body } = await asked(role);
      expect([role, status, body.errors[0].extensions.code]).toEqual([role, 403, 'NO_ROLE']);
    }
  });
});

describe('requests that are none', () => {
  const send = () => post(server, config, ['analyst']);
  const codeOf = (body: { errors: { extensions: { code: string; requestId: string } }[] }) => {
    expect(body.errors[0]!.extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
    return body.errors[0]!.extensions.code;
  };

  it('without a token: 401', async () => {
    const { status, body, headers } = await supertest(server.url)
      .post('/graphql')
      .send({ query: '{ me { role } }' });
    expect([status, codeOf(body)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(headers['www-authenticate']).toMatch(/^Bearer/);
    const wrong = await supertest(server.url)
      .post('/graphql')
      .set('authorization', 'Bearer a.b.c')
      .send({ query: '{ me { role } }' });
    expect([wrong.status, codeOf(wrong.body)]).toEqual([401, 'UNAUTHENTICATED']);
  });
  it.each(['get', 'put', 'patch', 'delete'] as const)('by %s: 405', async (method) => {
    const { status, body, headers } = await supertest(server.url)[method]('/graphql');
    expect([status, codeOf(body), headers['allow']]).toEqual([405, 'METHOD_NOT_ALLOWED', 'POST']);
  });
  it.each([
    'text/plain',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('as %s: 415', async (type) => {
    const { status, body } = await send().set('content-type', type).send('{ me { role } }');
    expect([status, codeOf(body)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
  it('of more than 256 kB: 413', async () => {
    const { status, body } = await send().send({
      query: '{ me { role } }',
      variables: { a: 'x'.repeat(300_000) },
    });
    expect([status, codeOf(body)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
  it.each(['{"query":', 'nothing', '', '[{"query":"{ me { role } }"}]', 'null', '{"query":5}', '{}'])(
    'as the JSON %p: 400',
    async (text) => {
      const { status, body } = await send().set('content-type', 'application/json').send(text);
      expect([status, codeOf(body)]).toEqual([400, 'BAD_USER_INPUT']);
    },
  );
  it.each([
    ['{ me { role }', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['query a { me { role } } query b { me { role } }', 'QUERY_TOO_COMPLEX'],
    ['fragment f on Me { role }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('with the document %s: 400', async (query, code) => {
    const { status, body } = await send().send({ query });
    expect([status, codeOf(body)]).toEqual([400, code]);
  });
  it('at another address: 404', async () => {
    const { status, body } = await supertest(server.url).get('/nothing');
    expect([status, body.errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('a query that is compiled', () => {
  it('answers the same the second and third time', async () => {
    const document =
      'query ($n: Int) { a: edWaits(by: TRUST, first: $n) { ...f } b: edWaits { ...f } } fragment f on EdWaitsConnection { nodes { trustCode attendances } }';
    const answers = [];
    for (let turn = 0; turn < 4; turn++) answers.push((await operations.query(document, { n: 3 })).body.data);
    expect(answers[0].a.nodes).toHaveLength(3);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
