import type { Config } from '../../src/config/environment.js';
import { configAt, loadAt, measuresAlone, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease } from '../support/release.js';
import { serveAt, type TestServer } from '../support/server.js';
import { factsByToken } from './by-token.js';
import { callerOf, type Page } from './client.js';

const home = temporaryFolder();
let config: Config;
let server: TestServer;
let trusts: readonly string[];

const served = () => server;
const analyst = callerOf(served, 'analyst');
const finance = callerOf(served, 'finance');
const clinician = callerOf(served, 'clinician', () => trusts);

beforeAll(async () => {
  config = measuresAlone(configAt(home));
  await loadAt(config, await synthAt(home, { patients: 1_200 }));
  server = await serveAt(config);
  const found = await fromRelease<{ code: string }>(
    config,
    'select trust_code as code from dim_trust order by 1',
  );
  trusts = found.map(({ code }) => code);
}, 120_000);
afterAll(() => server?.close());

const namesOf = (nodes: readonly Record<string, unknown>[], column: string): string[] =>
  nodes.map((node) => String(node[column]));

describe('what rows of patients show', () => {
  interface Known {
    readonly level: number;
    readonly [column: string]: unknown;
  }
  const general = 'age_band_5, gender, ethnic_group, postcode_area, deprivation_quintile';
  const known = (columns: string): Promise<Map<string, Known>> =>
    factsByToken<Known>(
      config,
      analyst,
      `select patient_sk as key, row_level as level, ${columns} from dim_patient`,
      'patient',
    );
  const fields = ['ageBand', 'gender', 'ethnicGroup', 'postcodeArea', 'deprivationQuintile'];
  const listed = async (caller: typeof analyst, names = fields) =>
    (await caller.page(`patients(first: 2000) { nodes { patientId ${names.join(' ')} } }`)).nodes;
  /** A fact of the release under the names of the API. */
  const named = (found: Known, columns: string): Record<string, unknown> =>
    Object.fromEntries(columns.split(', ').map((column, at) => [fields[at], found[column]]));

  it('analysts see what enough others show, in every row', async () => {
    const columns = `row_${general.replaceAll(', ', ', row_').replace('_5', '')}`;
    const people = await known(columns);
    const rows = await listed(analyst);
    expect(rows).toHaveLength(people.size);
    const classes = new Map<string, number>();
    for (const { patientId: id, ...row } of rows) {
      expect(row).toEqual(named(people.get(String(id))!, columns));
      classes.set(JSON.stringify(row), (classes.get(JSON.stringify(row)) ?? 0) + 1);
    }
    expect(classes.size).toBeGreaterThan(10);
    expect(Math.min(...classes.values())).toBeGreaterThanOrEqual(8);
    const { nodes } = await analyst.page(
      `episodes(first: 500) { nodes { patientId patient { ${fields.join(' ')} } } }`,
    );
    for (const { patientId: id, patient } of nodes)
      expect(patient).toEqual(named(people.get(String(id))!, columns));
  });

  it('clinicians see the attributes of everybody', async () => {
    const people = await known(general);
    const rows = await listed(clinician);
    for (const { patientId: id, ...row } of rows)
      expect(row).toEqual(named(people.get(String(id))!, general));
    expect(rows.some(({ patientId: id }) => people.get(String(id))!.level === 4)).toBe(true);
  });

  it('finance sees ten-year bands and quintiles, of those who show them', async () => {
    const people = await known('row_age_band_10, row_deprivation_quintile');
    const { nodes } = await finance.page(
      'episodes(first: 5000) { nodes { patientId patient { ageBand deprivationQuintile } } }',
    );
    for (const { patientId: id, patient } of nodes) {
      const { row_age_band_10: ageBand, row_deprivation_quintile: deprivationQuintile } = people.get(
        String(id),
      )!;
      expect(patient).toEqual({ ageBand, deprivationQuintile });
    }
  });

  describe('of a patient who shows nothing', () => {
    const ids = async (): Promise<string[]> =>
      [...(await known(general))].flatMap(([id, { level }]) => (level === 4 ? [id] : []));
    const among = async (more: string, first = 100): Promise<Page> =>
      analyst.page(
        `patients(where: { patientId: { in: $ids } ${more} first: ${first}) { totalCount nodes { patientId } pageInfo { endCursor hasNextPage } }`,
        { declared: '$ids: [ID!]', values: { ids: await ids() } },
      );

    it('every column is null, on every way to it', async () => {
      const [id] = await ids();
      const all = [...fields, 'practiceRegion'];
      const nothing = Object.fromEntries(all.map((name) => [name, null]));
      const { body } = await analyst.query(
        `query ($id: ID!) { patient(id: $id) { ${all.join(' ')} edAttendances { nodes { patient { ${all.join(' ')} } } } } }`,
        { id },
      );
      const { edAttendances, ...own } = body.data.patient;
      expect(own).toEqual(nothing);
      for (const { patient } of edAttendances.nodes) expect(patient).toEqual(nothing);
    });

    it('no condition finds it by what it does not show', async () => {
      expect((await among('}')).totalCount).toBeGreaterThanOrEqual(8);
      for (const condition of [
        'gender: { in: ["M", "F", "U"] } }',
        'ageBand: { gte: "0" } }',
        'deprivationQuintile: { lte: 5 } }',
        'not: { postcodeArea: { isNull: true } } }',
      ])
        expect((await among(condition)).totalCount).toBe(0);
      expect((await among('gender: { isNull: true } }')).totalCount).toBe((await among('}')).totalCount);
    });

    it('no order tells it from the others, from page to page', async () => {
      const plain = namesOf((await among('}')).nodes, 'patientId');
      for (const column of fields)
        for (const direction of ['ASC', 'DESC']) {
          const order = `} orderBy: { column: ${column}, direction: ${direction} }`;
          expect(namesOf((await among(order)).nodes, 'patientId')).toEqual(plain);
          const first = await among(order, 5);
          const rest = await among(`${order} after: "${first['pageInfo'].endCursor}"`);
          expect(namesOf([...first.nodes, ...rest.nodes], 'patientId')).toEqual(plain);
        }
    });
  });
});
