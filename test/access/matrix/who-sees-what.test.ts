import { type GraphQLOutputType, getNamedType, isObjectType } from 'graphql';
import type { TrustCode } from '../../../src/access/grant.js';
import { type Role, roleDeclarations, roles } from '../../../src/access/role.js';
import { developmentToken } from '../../../src/commands/token.js';
import type { Config } from '../../../src/config/environment.js';
import { buildRoleSchemas } from '../../../src/resolvers/build-schema.js';
import { datasets } from '../../../src/schema/datasets.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';
import { serveAt, type TestServer } from '../../support/server.js';
import {
  type Asking,
  byColumn,
  byColumnNested,
  columnPlaces,
  type DatasetAt,
  datasetPlaces,
  dimensionPlaces,
  nestedPlaces,
  type Place,
  patientPlaces,
  typePlaces,
} from './places.js';
import { shownAs } from './shown-as.js';
import { type ColumnRights, readWhoSeesWhat } from './table.js';

const table = readWhoSeesWhat();
const home = temporaryFolder();
let config: Config;
let server: TestServer;
/** The trust of roles that work on their own ones: that with most spells. */
let own: string;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  ({ config } = await loadedHome(home, { patients: 1_500 }));
  server = await serveAt(config);
  const [most] = await fromRelease<{ code: string }>(
    config,
    'select trust_code as code from fact_spell group by 1 order by count(*) desc, 1 limit 1',
  );
  own = most!.code;
  for (const role of roles) {
    const trusts = roleDeclarations[role].needsTrusts ? [own as TrustCode] : undefined;
    tokens.set(role, developmentToken(config, [role], trusts));
  }
}, 120_000);
afterAll(() => server?.close());

/** An answer as it came, but for what is of the one request: its id and its time. */
interface Answered {
  readonly status: number;
  readonly headers: string;
  readonly text: string;
}

async function ask(role: Role, asking: Asking): Promise<Answered> {
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(role)}` },
    body: JSON.stringify(asking),
  });
  const text = (await answer.text()).replaceAll(/"requestId":"[0-9a-f-]{36}"/g, '"requestId":""');
  const headers = [...answer.headers].filter(([name]) => name !== 'date');
  return { status: answer.status, headers: JSON.stringify(headers), text };
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test asserts
async function dataOf(role: Role, query: string): Promise<any> {
  const { status, text } = await ask(role, { query });
  const { data, errors } = JSON.parse(text);
  expect([query, status, errors]).toEqual([query, 200, undefined]);
  return data;
}

/** A name as long as another, so that errors stand at the same place, which nothing has. */
const misspelt = (name: string): string => `${name.slice(0, -1)}${name.endsWith('q') ? 'z' : 'q'}`;

/** Asserts that a name is refused, to the byte, as one that nothing has. */
async function expectUnknown(role: Role, place: Place, at: DatasetAt, name: string): Promise<void> {
  const wrong = misspelt(name);
  const [hidden, unknown] = [await ask(role, place(at, name)), await ask(role, place(at, wrong))];
  expect({ asked: place(at, name).query, ...hidden }).toEqual({
    asked: place(at, name).query,
    ...unknown,
    text: unknown.text.replaceAll(wrong, name),
  });
  expect(hidden.text).not.toContain('"data":{');
  expect(hidden.status).toBe(400);
}

async function answerTo(role: Role, asking: Asking): Promise<string> {
  const { status, text } = await ask(role, asking);
  expect([asking.query, status, JSON.parse(text).errors]).toEqual([asking.query, 200, undefined]);
  return text;
}

const typeOf = (key: string): string => {
  const dataset = datasets.find((one) => one.key === key);
  if (!dataset) throw new Error(`${key} is no dataset`);
  return dataset.type.name;
};
const at = (key: string, column?: ColumnRights, word?: string): DatasetAt => ({
  key,
  type: typeOf(key),
  ...(column && isDimension(column) ? { by: column.by! } : {}),
  token: word === 'token',
});
const rightOf = (role: Role, key: string): string | undefined => table.roots.get(key)?.get(role);
const isListed = (role: Role, key: string): boolean => ![undefined, 'nested'].includes(rightOf(role, key));
/** Rows of it stand below patients; who is in a cohort depends on its arguments. */
const isNested = (role: Role, key: string): boolean =>
  /^(L|nested)/.test(rightOf(role, key) ?? '') &&
  !['highCostPatients', 'patients', 'cdsRules'].includes(key) &&
  rightOf(role, 'patient') !== undefined;
const columnsOf = (key: string): readonly ColumnRights[] => table.datasets.get(key) ?? [];
const isDimension = ({ by }: ColumnRights): boolean => by !== null && by !== 'fixed';
/** The column in every place where the role can ask for the dataset. */
function placesOf(role: Role, key: string, { beside }: ColumnRights): [string, Place][] {
  if (beside) return [['beside the rows', ({ key: root }, name) => ({ query: `{ ${root} { ${name} } }` })]];
  return [
    ...(isListed(role, key) ? Object.entries(columnPlaces) : []),
    ...(isNested(role, key) ? Object.entries(nestedPlaces) : []),
    ...(key === 'patients' && rightOf(role, 'patient') ? Object.entries(patientPlaces) : []),
  ];
}

/** What stands beside the columns of results. */
const resultDetails: Partial<Record<Role, readonly string[]>> = {
  analyst: ['acknowledgement', 'rule', 'subject'],
  clinician: [
    'acknowledgement',
    'evidence',
    'explanation',
    'message',
    'rule',
    'runId',
    'subject',
    'variables',
  ],
  'data-steward': ['rule', 'runId'],
};

/** Versions of dimensions are kept from the first load on. */
const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London', dateStyle: 'short' }).format();

describe('the tables', () => {
  it('name every dataset and each of its columns, and nothing else', () => {
    expect([...table.datasets.keys()].sort()).toEqual(datasets.map(({ key }) => key).sort());
    for (const dataset of datasets) {
      const declared =
        dataset.kind === 'row'
          ? [...dataset.columns.keys()]
          : [...dataset.dimensions.keys(), ...dataset.measures.keys()];
      const stated = columnsOf(dataset.key).map(({ name }) => name);
      expect([dataset.key, ...stated.sort()]).toEqual([dataset.key, ...declared.sort()]);
    }
  });

  it('say of every column what it is shown as, to roles that have its dataset and to no other', () => {
    for (const [key, columns] of table.datasets)
      for (const { name, shown } of columns)
        for (const [role, word] of shown) {
          expect(Object.keys(shownAs)).toContain(word);
          expect([key, name, role, rightOf(role, key) === undefined]).toEqual([key, name, role, false]);
        }
  });
});

describe.each(roles)('%s', (role) => {
  const visible = [...table.roots].flatMap(([key, rights]) => (rights.has(role) ? [key] : []));
  const own_ = [...table.datasets.keys()].filter((key) => visible.includes(key));
  const hidden = [...table.roots.keys()].filter((key) => !isListed(role, key));

  it('has these root fields and no others', async () => {
    const data = await dataOf(
      role,
      '{ __schema { queryType { fields { name } } mutationType { fields { name } } } }',
    );
    const { queryType, mutationType } = data['__schema'] as Record<
      string,
      { fields: { name: string }[] } | null
    >;
    expect(queryType!.fields.map(({ name }) => name).sort()).toEqual(
      visible.filter((key) => isListed(role, key)).sort(),
    );
    const mutations = mutationType?.fields.map(({ name }) => name).sort();
    expect(mutations).toEqual(
      role === 'clinician' ? ['acknowledgeCdsResult', 'overrideCdsResult', 'suppressCdsResult'] : undefined,
    );
  });

  it('has these columns of its datasets, in rows, filters, orders and dimensions, and no others', async () => {
    interface Named {
      readonly name: string;
    }
    const data = await dataOf(
      role,
      '{ __schema { types { name fields { name } inputFields { name } enumValues { name } } } }',
    );
    const { types } = data['__schema'] as {
      types: (Named & Record<'fields' | 'inputFields' | 'enumValues', Named[] | null>)[];
    };
    const found = new Map(
      types.map(({ name, fields, inputFields, enumValues }) => [
        name,
        (fields ?? inputFields ?? enumValues ?? []).map((member) => member.name),
      ]),
    );
    const structure = ['period', 'suppressed', 'and', 'or', 'not', 'patient', ...table.roots.keys()];
    const members = (type: string, columns: readonly string[]) =>
      found
        .get(type)
        ?.filter((name) => columns.includes(name) || !structure.includes(name))
        .sort();
    for (const key of table.datasets.keys()) {
      const type = typeOf(key);
      const mine = columnsOf(key).filter(({ shown, beside }) => shown.has(role) && !beside);
      const names = mine.map(({ name }) => name).sort();
      const expected = names.length > 0 ? names : undefined;
      const details = expected ? detailsFor(key, role) : [];
      expect([key, members(type, names)]).toEqual([key, expected && [...expected, ...details].sort()]);
      const conditions = isListed(role, key) || isNested(role, key) ? expected : undefined;
      expect([key, members(`${type}Where`, names)]).toEqual([key, conditions]);
      expect([key, members(`${type}Column`, names)]).toEqual([key, conditions]);
      const dimensions = [...new Set(mine.filter(isDimension).map(({ by }) => by))].sort();
      expect([key, found.get(`${type}Dimension`)?.sort()]).toEqual([
        key,
        dimensions.length > 0 ? dimensions : undefined,
      ]);
    }
  });

  it('gets the error of a misspelt name for what it does not have', async () => {
    for (const key of hidden) {
      const of = table.datasets.has(key) ? at(key) : { key, type: key };
      for (const [clause, place] of Object.entries(datasetPlaces))
        if (clause !== 'below a patient' || (rightOf(role, 'patient') && !isNested(role, key)))
          await expectUnknown(role, place, of, key);
      if (!table.datasets.has(key) || visible.includes(key)) continue;
      const { introspection, ...others } = typePlaces;
      for (const place of Object.values(others)) await expectUnknown(role, place, of, of.type);
      expect(await ask(role, introspection!(of, of.type))).toEqual(
        await ask(role, introspection!(of, misspelt(of.type))),
      );
    }
    for (const key of own_)
      for (const column of columnsOf(key)) {
        if (column.shown.has(role)) continue;
        for (const [, place] of placesOf(role, key, column))
          await expectUnknown(role, place, at(key), column.name);
        const shared = columnsOf(key).some(({ by, shown }) => by === column.by && shown.has(role));
        if (isDimension(column) && !shared)
          for (const place of Object.values(dimensionPlaces))
            await expectUnknown(role, place, at(key), column.by!);
      }
  }, 120_000);

  it('has the arguments that are stated, and gets the error of a misspelt one for the others', async () => {
    for (const { name, argument, root, roles: having } of table.arguments) {
      if (!isListed(role, root)) continue;
      const place: Place = (_of, called) => ({
        query: `{ ${root}(${argument.replace('TODAY', today).replace(name, called)}) { __typename } }`,
      });
      if (having.has(role)) await answerTo(role, place({ key: root, type: '' }, name));
      else await expectUnknown(role, place, { key: root, type: '' }, name);
    }
  });

  it('has these fields of types that are no dataset, and no others', () => {
    const schema = buildRoleSchemas().get(role)!;
    const below = (type: GraphQLOutputType, path: string): string[] => {
      const named = getNamedType(type);
      return isObjectType(named)
        ? Object.values(named.getFields()).flatMap((field) =>
            // A type that leads to itself has the same fields there.
            getNamedType(field.type) === named
              ? [`${path}.${field.name}`]
              : below(field.type, path === '' ? field.name : `${path}.${field.name}`),
          )
        : [path];
    };
    for (const key of visible.filter((one) => !table.datasets.has(one) && one !== 'patient')) {
      const root = schema.getQueryType()!.getFields()[key]!;
      expect([key, ...below(root.type, '').sort()]).toEqual([key, ...[...table.others.get(key)!].sort()]);
    }
  });

  it('gets an answer to what it has, in every clause', async () => {
    for (const key of own_) {
      const mine = columnsOf(key).filter(({ shown }) => shown.has(role));
      const rows = mine.filter(({ beside }) => !beside);
      const [first] = rows;
      // Columns are selected together, since an error would name the one.
      for (const [clause, place] of first ? placesOf(role, key, first) : [])
        if (clause.includes('select') && !clause.includes('another name'))
          await answerTo(role, place(at(key), rows.map(({ name }) => name).join(' ')));
        else await answerTo(role, place(at(key, first, first?.shown.get(role)), first!.name));
      for (const column of mine.filter(({ beside }) => beside))
        for (const [, place] of placesOf(role, key, column))
          await answerTo(role, place(at(key), column.name));
      for (const column of rows) {
        const of = at(key, column, column.shown.get(role));
        if (isListed(role, key)) {
          const { endCursor } = JSON.parse(await answerTo(role, byColumn(of, column.name))).data[key]
            .pageInfo;
          if (endCursor !== null) await answerTo(role, byColumn(of, column.name, endCursor));
        }
        if (isNested(role, key)) await answerTo(role, byColumnNested(of, column.name));
      }
      for (const by of new Set(rows.filter(isDimension).map((column) => column.by!)))
        for (const place of Object.values(dimensionPlaces)) await answerTo(role, place(at(key), by));
    }
  }, 240_000);

  it('gets an error for a cursor that another role got, as for one that never was', async () => {
    const expectRefused = async (key: string, order: string, cursor: string): Promise<void> => {
      const page = (after: string) =>
        ask(role, { query: `{ ${key}(${order}first: 2, after: "${after}") { totalCount } }` });
      const answer = await page(cursor);
      expect(JSON.parse(answer.text).errors[0].extensions.code).toBe('INVALID_CURSOR');
      expect(answer).toEqual(await page('never-was-one'));
    };
    for (const key of own_.filter((one) => isListed(role, one)))
      for (const other of roles.filter((one) => one !== role && isListed(one, key))) {
        const theirs = columnsOf(key).filter(({ shown, beside }) => shown.has(other) && !beside);
        const hidden = theirs.find(({ shown }) => !shown.has(role));
        const shared = theirs.find(({ shown }) => shown.has(role));
        const cursorBy = async ({ name }: ColumnRights): Promise<string | null> =>
          JSON.parse((await ask(other, columnPlaces['order']!(at(key), name))).text).data[key].pageInfo
            .endCursor;
        const [ofHidden, ofShared] = [hidden && (await cursorBy(hidden)), shared && (await cursorBy(shared))];
        if (ofHidden) await expectRefused(key, '', ofHidden);
        // The same question by the same order, and yet another role.
        if (shared && ofShared) await expectRefused(key, `orderBy: [{ column: ${shared.name} }], `, ofShared);
      }
  });

  it('sees each column as stated', async () => {
    for (const key of own_) {
      const mine = columnsOf(key).filter(({ shown }) => shown.has(role));
      const rows = await rowsFor(role, key, mine);
      for (const { name, shown } of mine) {
        const word = shown.get(role)!;
        const values = rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined);
        const wrong = values.filter((value) => !shownAs[word]!.holds(value));
        expect([key, name, word, wrong.slice(0, 3)]).toEqual([key, name, word, []]);
        const among = values.length < 20 || (shownAs[word]!.among?.(values) ?? true);
        const some = values.length > 0 || rarely.some((column) => `${key}.${name}`.startsWith(column));
        expect([key, name, word, among, some]).toEqual([key, name, word, true, true]);
      }
    }
  }, 120_000);

  it('is told why each column shows what it shows, and of what it does not have nothing', async () => {
    const unknown = await explained(role, ['EdWaits.nothing']);
    for (const key of table.datasets.keys()) {
      const columns = columnsOf(key).filter(({ beside }) => !beside);
      const names = columns.map(({ name }) => name);
      const byType = await explained(
        role,
        names.map((name) => `${typeOf(key)}.${name}`),
      );
      expect(
        await explained(
          role,
          names.map((name) => `${key}.${name}`),
        ),
      ).toEqual(byType);
      columns.forEach(({ name, shown }, place) => {
        const word = shown.get(role);
        if (word === undefined) expect([key, name, byType[place]]).toEqual([key, name, unknown[0]]);
        else expect(byType[place]!.shown).toMatch(shownAs[word]!.explained);
      });
      const [root] = await explained(role, [`Query.${key}`]);
      if (!isListed(role, key)) expect(root).toEqual(unknown[0]);
      else if (rightOf(role, key)!.endsWith('own'))
        expect(root!.rowScope).toMatch(/the trusts of your token/);
      else expect(root!.rowScope).toMatch(/all trusts|whole release/);
    }
  });

  it('sees rows and figures of the trusts in its scope', async () => {
    for (const key of own_.filter((one) => columnsOf(one).some(({ name }) => name === 'trustCode'))) {
      const mine = columnsOf(key).filter(({ name, shown }) => name === 'trustCode' && shown.has(role));
      const codes = (await rowsFor(role, key, mine)).flatMap(({ trustCode }) => trustCode ?? []);
      const seen = new Set(codes);
      // A result may be about an event elsewhere of a patient who has one here.
      if (key === 'cdsResults') continue;
      if (rightOf(role, key)?.endsWith('own')) expect([key, [...seen]]).toEqual([key, [own]]);
      else expect([key, seen.size > 1]).toEqual([key, true]);
    }
  });
});

/** Columns of which the sample has no value: nothing drifts or is accepted in it, and its finest groups are too small. */
const rarely = [
  'cdsResults.resolvedAt',
  'cdsRules.reasonsNotSetBased',
  'schemaDrift.',
  'dataQuality.acceptedReason',
  'patients.postcodeArea',
  'patients.practiceRegion',
  'edWaits.frequentAttenders',
  'socialCare.reviewsOverdue',
];

/** What makes a column have a value. */
const settings: Readonly<Record<string, string>> = { highCostPatients: 'includeSocialCare: true, ' };

interface Explained {
  readonly text: string;
  readonly sensitivity: string | null;
  readonly shown: string | null;
  readonly rowScope: string | null;
}

async function explained(role: Role, fields: readonly string[]): Promise<Explained[]> {
  const found: Explained[] = [];
  const { rootFields } = config.settings.limits;
  for (let at = 0; at < fields.length; at += rootFields) {
    const asked = fields
      .slice(at, at + rootFields)
      .map(
        (field, place) => `f${place}: explainAccess(field: "${field}") { text sensitivity shown rowScope }`,
      );
    found.push(...(Object.values(await dataOf(role, `{ ${asked.join(' ')} }`)) as Explained[]));
  }
  return found;
}

type Row = Readonly<Record<string, unknown>>;

/** Rows of a dataset with all columns that a role has; of measures the cells of every dimension in turn. */
async function rowsFor(role: Role, key: string, mine: readonly ColumnRights[]): Promise<Row[]> {
  const names = mine.filter(({ beside }) => !beside).map(({ name }) => name);
  const beside = mine.filter((column) => column.beside).map(({ name }) => name);
  if (names.length === 0) return [];
  const dataset = datasets.find((one) => one.key === key);
  if (dataset?.kind === 'measure') {
    const by = ['', ...new Set(mine.filter(isDimension).map((column) => column.by))];
    const pages = await Promise.all(
      by.map((dimension) =>
        dataOf(role, `{ ${key}(by: [${dimension}], first: 5000) { nodes { ${names.join(' ')} } } }`),
      ),
    );
    return pages.flatMap((data) => (data[key] as { nodes: Row[] }).nodes);
  }
  if (isListed(role, key)) {
    const data = await dataOf(
      role,
      `{ ${key}(${settings[key] ?? ''}first: 2000) { nodes { ${names.join(' ')} } ${beside.join(' ')} } }`,
    );
    const { nodes, ...whole } = data[key] as unknown as { nodes: Row[] };
    return [...nodes, whole];
  }
  const latest = 'orderBy: { column: admissionDate, direction: DESC }';
  const wanted = key === 'patients' ? names.join(' ') : `${key}(first: 40) { nodes { ${names.join(' ')} } }`;
  const data = await dataOf(role, `{ episodes(first: 250, ${latest}) { nodes { patient { ${wanted} } } } }`);
  const { nodes } = data['episodes'] as unknown as { nodes: { patient: Row }[] };
  return nodes.flatMap(({ patient }) =>
    key === 'patients' ? [patient] : (patient[key] as { nodes: Row[] }).nodes,
  );
}

/** Fields of rows that are no columns: what a result says, and what is known of a rule. */
function detailsFor(dataset: string, role: Role): string[] {
  if (dataset === 'cdsResults') return [...(resultDetails[role] ?? [])];
  if (dataset !== 'cdsRules') return [];
  return [
    'deviations',
    'targetPopulation',
    ...(role === 'data-steward' || role === 'admin' ? ['sourceText', 'sql'] : []),
    ...(role === 'data-steward' ? ['runs', 'tests', 'backtests'] : []),
    ...(['bi-reader', 'data-steward', 'analyst', 'operations', 'clinician'].includes(role) ? ['stats'] : []),
  ];
}
