import {
  type GraphQLArgument,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLScalarType,
  getNamedType,
  getNullableType,
  isListType,
  isNonNullType,
} from 'graphql';
import { type Role, roles } from '../../src/access/role.js';
import type { Config } from '../../src/config/environment.js';
import { errorCatalogue } from '../../src/errors.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { type Answer, serveAt, type TestServer } from '../support/server.js';
import { callerOf, post } from './client.js';

const home = temporaryFolder();
let config: Config;
let server: TestServer;
let trusts: string[];

beforeAll(async () => {
  ({ config } = await loadedHome(home, { patients: 1_500 }));
  server = await serveAt(config);
  const { body } = await server.query('bi-reader', '{ edWaits(by: TRUST) { nodes { trustCode } } }');
  trusts = body.data.edWaits.nodes.map(({ trustCode }: { trustCode: string }) => trustCode);
}, 120_000);
afterAll(() => server?.close());

const schemas = buildRoleSchemas();
const scoped: readonly Role[] = ['operations', 'clinician'];
const query = (role: Role, document: string, variables: object = {}): Promise<Answer> =>
  server.query(role, document, variables, scoped.includes(role) ? trusts : undefined);
const operations = callerOf(
  () => server,
  'operations',
  () => trusts,
);
const analyst = callerOf(() => server, 'analyst');
const steward = callerOf(() => server, 'data-steward');

/** Codes with which input may be refused. */
const refusals: ReadonlySet<string> = new Set([
  'BAD_USER_INPUT',
  'GRAIN_NOT_ALLOWED',
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  'QUERY_TOO_COMPLEX',
  'INVALID_CURSOR',
  'PAYLOAD_TOO_LARGE',
]);
const sentence = /^[A-Za-z][^<>]*\.( .*\.)?$/s;

/** An answer that is one: data, or a refusal of the catalogue in clear words. Returns its code, or `answered`. */
function outcomeOf({ status, body }: Answer): string {
  if (!body.errors) return status === 200 && body.data ? 'answered' : `${status} without data`;
  const [{ message, extensions }] = body.errors;
  const { code } = extensions;
  if (!refusals.has(code) || status !== errorCatalogue[code as 'BAD_USER_INPUT'].http)
    return `${status} ${code}`;
  return sentence.test(message) && !/select |duckdb|\bat \//i.test(message) ? code : `unclear: ${message}`;
}

interface Root {
  readonly role: Role;
  readonly field: GraphQLField<unknown, unknown>;
}
/** Root fields with arguments, of every role. */
const roots: readonly Root[] = roles.flatMap((role) =>
  Object.values(schemas.get(role)!.getQueryType()!.getFields())
    .filter(({ args }) => args.length > 0)
    .map((field) => ({ role, field })),
);
const label = ({ role, field }: Root): string => `${role}: ${field.name}`;

/** A document that passes one argument by variable, and what else the field must have. */
function documentOf({ field }: Root, argument: GraphQLArgument): string {
  const others = field.args
    .filter((other) => other !== argument && isNonNullType(other.type) && other.defaultValue === undefined)
    .map((other) => `${other.name}: "x", `)
    .join('');
  return `query ($value: ${String(argument.type)}) { ${field.name}(${others}${argument.name}: $value) { __typename } }`;
}

/** Every value of an input type that an enum offers, one at a time; objects one field at a time. */
function enumValues(type: GraphQLInputType, deep = true): unknown[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return enumValues(nullable.ofType, deep).map((value) => [value]);
  if (nullable instanceof GraphQLEnumType) return nullable.getValues().map(({ name }) => name);
  if (nullable instanceof GraphQLInputObjectType && deep && nullable.name.endsWith('Order')) {
    const { column, direction } = nullable.getFields();
    return [
      ...enumValues(column!.type).map((one) => ({ column: one })),
      ...enumValues(direction!.type).map((one) => ({ column: enumValues(column!.type)[0], direction: one })),
    ];
  }
  return [];
}

/** Runs questions a few at a time and collects what came of them. */
async function outcomes<T>(
  questions: readonly T[],
  ask: (question: T) => Promise<Answer>,
): Promise<Map<T, string>> {
  const found = new Map<T, string>();
  const waiting = [...questions];
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        found.set(next, outcomeOf(await ask(next)));
    }),
  );
  return found;
}

describe('every value of every enum, of every argument, role and dataset', () => {
  it.each(roots.map((root) => [label(root), root] as const))('%s', async (_label, root) => {
    const questions = root.field.args.flatMap((argument) =>
      enumValues(argument.type).map((value) => ({ argument, value })),
    );
    if (questions.length === 0) return;
    // Many at once where all are answered, else one by one.
    const declared = questions.map(({ argument }, at) => `$v${at}: ${String(argument.type)}`).join(', ');
    const asked = questions
      .map(({ argument }, at) => `a${at}: ${root.field.name}(${argument.name}: $v${at}) { __typename }`)
      .join(' ');
    const variables = Object.fromEntries(questions.map(({ value }, at) => [`v${at}`, value]));
    const together = await query(root.role, `query (${declared}) { ${asked} }`, variables);
    if (outcomeOf(together) === 'answered') return;
    const found = await outcomes(questions, ({ argument, value }) =>
      query(root.role, documentOf(root, argument), { value }),
    );
    for (const [{ argument, value }, outcome] of found) {
      const refused = ['grain', 'by', 'orderBy'].includes(argument.name) && outcome === 'GRAIN_NOT_ALLOWED';
      expect([argument.name, value, refused ? 'answered' : outcome]).toEqual([
        argument.name,
        value,
        'answered',
      ]);
    }
  });
});

/** Values at the ends of what a scalar takes, and beyond. */
const extremes: Readonly<Record<string, readonly unknown[]>> = {
  String: [
    '',
    ' ',
    "'",
    "''; drop table fact_spell; --",
    '"',
    '%',
    '_',
    '%%',
    '\\',
    '\\%',
    '[a-z]',
    '$1',
    '@p1',
    '\u0000',
    'a\u0000b',
    '\n',
    '\u202e',
    '😀',
    '\ud800',
    'é',
    'x'.repeat(4_000),
    'x'.repeat(4_001),
    5,
    true,
    [],
    {},
  ],
  Int: [0, -1, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1.5, '1', 1e300, null, [], true],
  Float: [0, -0, 1e308, -1e308, 5e-324, 0.1, '0.1', [], true],
  Boolean: [true, false, 0, 'true', []],
  Date: [
    '2024-02-29',
    '2023-02-29',
    '0000-01-01',
    '0001-01-01',
    '9999-12-31',
    '10000-01-01',
    '-0001-01-01',
    '2023-06-31',
    '',
    20230101,
  ],
  DateTime: [
    '2023-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '9999-12-31T23:59:59-14:00',
    '2023-01-01',
    '2023-01-01T25:00:00Z',
    '2023-01-01T00:00:00+24:00',
  ],
  Decimal: ['0', '-0.0', '99999999999999999999.9999999999', '-99999999999999999999', '1e5', 'NaN', 1],
};

describe('every filter with values at the ends of its type', () => {
  const asked = ['operations: edWaits', 'data-steward: schemaDrift'];
  const filtered = roots.filter((root) => asked.includes(label(root)));
  it.each(filtered.map((root) => [label(root), root] as const))('%s', async (_label, root) => {
    const argument = root.field.args.find(({ name }) => name === 'where')!;
    const where = getNamedType(argument.type) as GraphQLInputObjectType;
    const seen = new Set<string>();
    const some = Object.values(where.getFields()).flatMap((column) => {
      const filter = getNamedType(column.type);
      if (!(filter instanceof GraphQLInputObjectType) || filter === where || seen.has(filter.name)) return [];
      seen.add(filter.name);
      return Object.values(filter.getFields()).flatMap((op) => {
        const scalar = getNamedType(op.type) as GraphQLScalarType;
        const wrap = (value: unknown): unknown => (isListType(getNullableType(op.type)) ? [value] : value);
        return (extremes[scalar.name] ?? []).map((value) => ({ [column.name]: { [op.name]: wrap(value) } }));
      });
    });
    // Operators of one type behave alike: a third of the questions is enough.
    const found = await outcomes(
      some.filter((_value, at) => at % 3 === 0),
      (value) =>
        query(
          root.role,
          `query ($value: ${String(argument.type)}) { ${root.field.name}(where: $value, first: 3) { totalCount } }`,
          { value },
        ),
    );
    for (const [value, outcome] of found) {
      const fine = ['answered', 'BAD_USER_INPUT', 'GRAIN_NOT_ALLOWED', 'QUERY_TOO_COMPLEX'].includes(outcome);
      expect([JSON.stringify(value).slice(0, 100), fine ? 'fine' : outcome]).toEqual([
        JSON.stringify(value).slice(0, 100),
        'fine',
      ]);
    }
  });
});

describe('arguments with values at the ends of their type', () => {
  it.each(roots.map((root) => [label(root), root] as const))('%s', async (_label, root) => {
    const questions = root.field.args.flatMap((argument) => {
      const type = getNamedType(argument.type);
      return type instanceof GraphQLScalarType
        ? (extremes[type.name] ?? []).map((value) => ({ argument, value }))
        : [];
    });
    const found = await outcomes(questions, ({ argument, value }) =>
      query(root.role, documentOf(root, argument), { value }),
    );
    for (const [{ argument, value }, outcome] of found) {
      const fine = outcome === 'answered' || refusals.has(outcome);
      expect([argument.name, String(value).slice(0, 80), fine ? 'fine' : outcome]).toEqual([
        argument.name,
        String(value).slice(0, 80),
        'fine',
      ]);
    }
  });
});

describe('too much of something', () => {
  const many = (length: number, value: unknown): unknown[] => new Array(length).fill(value);
  const codes = (length: number): string[] => Array.from({ length }, (_none, at) => `T${at}`);
  it.each([
    ['values in a list', '$v: [String!]', '(by: TRUST, where: { trustCode: { in: $v } })', codes(10_000)],
    ['dimensions', '$v: [EdWaitsDimension!]!', '(by: $v)', many(10_000, 'TRUST')],
    ['orders', '$v: [EdWaitsOrder!]', '(by: TRUST, orderBy: $v)', many(5_000, { column: 'trustCode' })],
    [
      'alternatives',
      '$v: [EdWaitsWhere!]',
      '(by: TRUST, where: { or: $v })',
      many(5_000, { trustCode: { eq: 'x' } }),
    ],
    [
      'conditions',
      '$v: [EdWaitsWhere!]',
      '(by: TRUST, where: { and: $v })',
      many(5_000, { trustCode: { ne: 'x' } }),
    ],
  ])('%s', async (_what, declared, args, v) => {
    for (const caller of [operations, analyst]) {
      const refused = await caller.refusal(`query (${declared}) { edWaits${args} { totalCount } }`, { v });
      expect(refused).toMatchObject({
        status: 400,
        code: 'QUERY_TOO_COMPLEX',
        message: expect.stringMatching(/at most 200/),
      });
    }
  });
  it.each([45, 300, 3_000, 20_000])('conditions within conditions, %d deep', async (depth) => {
    const text = `${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`;
    const { status, body } = await post(server, config, ['analyst'])
      .set('content-type', 'application/json')
      .send(
        `{"query":"query ($w: EdWaitsWhere) { edWaits(where: $w) { totalCount } }","variables":{"w":${text}}}`,
      );
    expect(outcomeOf({ status, body })).toBe(depth > 45 ? 'QUERY_TOO_COMPLEX' : 'answered');
  });
  it('values written out in the document', async () => {
    const list = codes(4_000)
      .map((code) => `"${code}"`)
      .join(' ');
    for (const values of [list, list.slice(0, 17_000)]) {
      const document = `{ edWaits(by: TRUST, where: { trustCode: { in: [${values}] } }) { totalCount } }`;
      const outcome = outcomeOf(await query('analyst', document));
      expect(['QUERY_TOO_COMPLEX', 'GRAPHQL_PARSE_FAILED']).toContain(outcome);
    }
  });
  it.each(['2147483648', '9007199254740993', '1e400', '-2147483649'])('rows of a page, %s', async (first) => {
    const { status, body } = await post(server, config, ['analyst'])
      .set('content-type', 'application/json')
      .send(`{"query":"query ($n: Int!) { edWaits(first: $n) { totalCount } }","variables":{"n":${first}}}`);
    expect(outcomeOf({ status, body })).toBe('BAD_USER_INPUT');
  });
});

it('compiles a filter that comes as a variable without holding up others', async () => {
  const document =
    'query again($w: EdWaitsWhere) { edWaits(where: $w) { totalCount pageInfo { hasNextPage } } }';
  const start = performance.now();
  for (let turn = 0; turn < 3; turn += 1)
    expect(outcomeOf(await query('operations', document, { w: { and: [{ not: {} }] } }))).toBe('answered');
  expect(performance.now() - start).toBeLessThan(5_000);
});

it('answers a question for nothing but its type name or the page', async () => {
  for (const selection of ['__typename', 'pageInfo { hasNextPage }', 'notices { code }'])
    for (const caller of [operations, analyst])
      expect(outcomeOf(await caller.query(`{ edWaits { ${selection} } }`))).toBe('answered');
});

describe('numbers that are none', () => {
  it.each(['1e400', '-1e400', 'NaN', 'Infinity', '"NaN"', '"1e400"'])('%s', async (number) => {
    const document = 'query ($v: Float) { edWaits(where: { within4HoursPct: { gt: $v } }) { totalCount } }';
    const { status, body } = await post(server, config, ['analyst'])
      .set('content-type', 'application/json')
      .send(`{"query":${JSON.stringify(document)},"variables":{"v":${number}}}`);
    expect(outcomeOf({ status, body })).toBe('BAD_USER_INPUT');
    const written = await query(
      'analyst',
      document.replace('$v: Float', '$x: Float').replace('$v', number),
      {},
    );
    expect(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT']).toContain(
      outcomeOf(written),
    );
  });
});

describe('conditions that nothing meets', () => {
  const empty = { nodes: [], totalCount: 0 };
  it.each([
    ['equal and unequal', 'trustCode: { eq: "RAA", ne: "RAA" }'],
    ['one of none', 'trustCode: { in: [] }'],
    ['no alternative', 'or: []'],
    ['null and a value', 'trustCode: { isNull: true, eq: "RAA" }'],
    ['null and not null', 'and: [{ trustCode: { isNull: true } }, { trustCode: { isNull: false } }]'],
    ['above and below', 'attendances: { gt: 10, lt: 10 }'],
    ['a condition and its opposite', 'attendances: { gte: 0 }, not: { attendances: { gte: 0 } }'],
    ['the opposite of everything', 'not: {}'],
    ['a text that begins and ends as none does', 'trustName: { startsWith: "%", endsWith: "_" }'],
  ])('%s', async (_what, where) => {
    for (const caller of [operations, analyst])
      expect(
        await caller.page(`edWaits(by: TRUST, where: { ${where} }) { nodes { trustCode } totalCount }`),
      ).toEqual(empty);
  });
  it('days from after to before', async () => {
    const where = 'where: { period: { gte: "2023-09-01", lt: "2023-03-01" } }';
    for (const field of ['bedOccupancy', 'lengthOfStay', 'edWaits', 'edCrowding'])
      for (const caller of [operations, analyst])
        expect(await caller.page(`${field}(grain: MONTH, ${where}) { nodes { period } totalCount }`)).toEqual(
          empty,
        );
    for (const field of ['bedOccupancy', 'edWaits'])
      expect(await operations.page(`${field}(${where}) { nodes { period } totalCount }`)).toEqual(empty);
  });
  it('of rows', async () => {
    const where = 'where: { violated: { gt: 5, lt: 5 } }';
    expect(await steward.page(`dataQuality(${where}) { nodes { id } totalCount }`)).toEqual(empty);
  });
});
