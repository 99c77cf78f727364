import {
  type GraphQLArgument,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLOutputType,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { roles } from '../../src/access/role.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { type Sampled, sample } from './sample.js';
import { attacked } from './target.js';
import { marker, refusedAs, safe } from './verdict.js';

const target = attacked();
const schemas = buildRoleSchemas();

describe('asking for the schema', () => {
  const whole = getIntrospectionQuery({
    schemaDescription: true,
    specifiedByUrl: true,
    inputValueDeprecation: true,
  });

  it('is refused without a token, whatever is asked', async () => {
    for (const query of [
      whole,
      '{ __schema { queryType { name } } }',
      '{ __typename }',
      '{ __type(name: "Query") { name } }',
    ])
      refusedAs(await target().send({ body: JSON.stringify({ query }) }), 'UNAUTHENTICATED');
  });

  it.each(roles)('shows %s its own schema, whole, as tools ask for it', async (role) => {
    const answer = await target().ask(role, whole);
    expect(safe(answer, { bytes: 1_000_000 })).toBe('answered');
    const { types } = JSON.parse(answer.text).data.__schema as { types: { name: string }[] };
    const own = Object.keys(schemas.get(role)!.getTypeMap());
    expect(types.map(({ name }) => name).sort()).toEqual(own.sort());
  });

  const many = (count: number, text: string): string =>
    `{ ${Array.from({ length: count }, (_none, at) => `a${at}: __schema { types { ${text} } }`).join(' ')} }`;
  const flat =
    'name fields { name args { name type { name ofType { name } } } type { name ofType { name } } } inputFields { name type { name } }';
  const below = (depth: number): string =>
    depth === 0 ? 'fields { name description }' : `fields { name } ofType { ${below(depth - 1)} }`;
  it.each([
    ['many times', many(20, `description ${flat} description`)],
    [
      'by types of types',
      many(
        8,
        `fields { type { ${below(3)} } } inputFields { type { inputFields { name } ofType { inputFields { name } } } }`,
      ),
    ],
    [
      'under many names within',
      `{ __schema { ${Array.from({ length: 30 }, (_none, at) => `a${at}: types { ${flat} }`).join(' ')} } }`,
    ],
    [
      'by fragments',
      `{ ${Array.from({ length: 20 }, (_none, at) => `a${at}: __schema { ...S }`).join(' ')} } fragment S on __Schema { types { ...T } } fragment T on __Type { ${flat} }`,
    ],
  ])('is refused where the answer would be huge: %s', async (_what, query) => {
    refusedAs(await target().ask('analyst', query), 'QUERY_TOO_COMPLEX', { ms: 1_500 });
  });

  it.each([
    ['fields', 'fields { type { fields { type { fields { type { fields { name } } } } } } }'],
    ['inputs', 'inputFields { type { inputFields { type { inputFields { name } } } } }'],
    ['possible types', 'possibleTypes { possibleTypes { possibleTypes { name } } }'],
    ['interfaces', 'interfaces { interfaces { interfaces { name } } }'],
  ])('goes in no circles: %s', async (_what, text) => {
    refusedAs(
      await target().ask('analyst', `{ __schema { types { ${text} } } }`),
      'GRAPHQL_VALIDATION_FAILED',
    );
  });
});

it('suggests no names', async () => {
  for (const query of [
    '{ edWait { totalCount } }',
    '{ edWaits { nodes { atendances } } }',
    '{ edWaits(b: TRUST) { totalCount } }',
    '{ edWaits(by: TRUS) { totalCount } }',
    '{ edWaits(where: { trustCod: { eq: "x" } }) { totalCount } }',
    '{ edWaits(where: { trustCode: { eqq: "x" } }) { totalCount } }',
    'query ($v: EdWaitsWher) { me { role } }',
    '{ ... on Quer { me { role } } }',
    '{ me { role @skipp(if: true) } }',
  ]) {
    const answer = await target().ask('analyst', query);
    refusedAs(answer, 'GRAPHQL_VALIDATION_FAILED');
    expect(answer.text).not.toMatch(/did you mean|perhaps|edWaits"|attendances|trustCode"/i);
  }
  const variable = await target().ask(
    'analyst',
    'query ($w: EdWaitsWhere) { edWaits(where: $w) { totalCount } }',
    { w: { trustCod: {} } },
  );
  refusedAs(variable, 'BAD_USER_INPUT');
  expect(variable.text).not.toMatch(/did you mean|trustCode"/i);
});

/** Values at the ends of what each scalar takes, and beyond. */
const extremes: Readonly<Record<string, readonly unknown[]>> = {
  String: ['', '\u0000', '%', '\ud800', marker, 'x'.repeat(4_000), 1e300, {}, [[]], null],
  ID: ['', '0', marker, 'A'.repeat(4_000), -1, 1.5, {}, null],
  Int: [0, -1, 1, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1e300, 0.5, '1', {}, null],
  Float: [0, -0, 1.7e308, -1.7e308, 5e-324, '1', {}, null],
  Boolean: [true, false, 'true', 0, {}, null],
  Date: ['0001-01-01', '9999-12-31', '2023-02-29', '+275760-09-13', '', 0, {}, null],
  DateTime: ['0001-01-01T00:00:00Z', '9999-12-31T23:59:60Z', '2023-01-01T00:00:00+99:00', '', 0, {}, null],
  Decimal: ['-99999999999999999999999999999999999999', '1e999', 'NaN', '0x10', '', 0, {}, null],
};

/** Extreme values of an input type: of an object one member at a time, an object in an object once. */
function extremesOf(type: GraphQLInputType, left = 2): unknown[] {
  const nullable = getNullableType(type);
  if (isListType(nullable))
    return [
      [],
      null,
      new Array(200).fill(extremesOf(nullable.ofType, left)[0] ?? null),
      ...extremesOf(nullable.ofType, left).map((value) => [value]),
    ];
  if (nullable instanceof GraphQLEnumType)
    return [...nullable.getValues().map(({ name }) => name), marker, '', 0, {}, null];
  if (!(nullable instanceof GraphQLInputObjectType)) return [...(extremes[nullable.name] ?? [])];
  if (left === 0) return [{}];
  return [
    {},
    { notAMember: 1 },
    ...Object.values(nullable.getFields()).flatMap((field) =>
      extremesOf(field.type, left - 1).map((value) => ({ [field.name]: value })),
    ),
  ];
}

/** Some values of the rows of a root field, and what is said of its pages. */
function selectionOf(type: GraphQLOutputType, depth = 3): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields());
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type))).map(({ name }) => name);
  const below = fields
    .filter(
      (field) =>
        isObjectType(getNamedType(field.type)) &&
        field.args.length === 0 &&
        field.name !== 'edges' &&
        depth > 1,
    )
    .map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`);
  return `{ __typename ${[...leaves.slice(0, 10), ...below.slice(0, 4)].join(' ')} }`;
}

interface Question {
  readonly role: (typeof roles)[number];
  readonly query: string;
  readonly variables: object;
}

const fits = (argument: GraphQLArgument): boolean =>
  isNonNullType(argument.type) && argument.defaultValue === undefined;

function questionsOf(role: Question['role'], field: GraphQLField<unknown, unknown>): Question[] {
  const most = field.args.some(({ name }) => name === 'first') ? ['first: 10000'] : [];
  const others = (argument?: GraphQLArgument): string[] =>
    field.args.filter((other) => other !== argument && fits(other)).map(({ name }) => `${name}: "x"`);
  const list = (given: readonly string[]): string => (given.length > 0 ? `(${given.join(', ')})` : '');
  const plain = `{ ${field.name}${list([...most, ...others()])} ${selectionOf(field.type)} }`;
  const split = field.args.filter(({ name }) => ['by', 'grain'].includes(name));
  const finest = split.map(({ name, type }) => {
    const values = (getNamedType(type) as GraphQLEnumType).getValues().map((value) => value.name);
    return name === 'by' ? `by: [${values.join(' ')}]` : 'grain: DAY';
  });
  return [
    { role, query: plain, variables: {} },
    {
      role,
      query: `{ ${field.name}${list([...most, ...others(), ...finest])} ${selectionOf(field.type)} }`,
      variables: {},
    },
    ...field.args.flatMap((argument) =>
      extremesOf(argument.type).map((value) => ({
        role,
        query: `query ($v: ${String(argument.type)}) { ${field.name}${list([...(argument.name === 'first' ? [] : most), ...others(argument), `${argument.name}: $v`])} ${selectionOf(field.type)} }`,
        variables: { v: value },
      })),
    ),
  ];
}

describe('every root field with as many rows as there are, and arguments at the ends of their types', () => {
  it.each(roles)(
    '%s',
    async (role) => {
      const fields = Object.values(schemas.get(role)!.getQueryType()!.getFields());
      const each = fields.map((field) => questionsOf(role, field));
      // Those without extremes always; of the others a few of each field.
      const asked: Sampled<Question> = sample(
        each.flatMap((questions) => questions.slice(2)),
        25,
      );
      const questions = [...each.flatMap((some) => some.slice(0, 2)), ...asked.some];
      expect(questions.length).toBeGreaterThan(4);
      const outcomes = new Set<string>();
      for (const { query, variables } of questions) {
        const bounds = { ms: target().config.settings.limits.deadlineMs + 1_500, bytes: 30_000_000 };
        outcomes.add(
          safe(await target().ask(role, query, variables), bounds, `${query} ${JSON.stringify(variables)}`),
        );
      }
      expect(outcomes).toContain('answered');
      expect([
        'answered',
        'BAD_USER_INPUT',
        'GRAPHQL_VALIDATION_FAILED',
        'GRAIN_NOT_ALLOWED',
        'QUERY_TOO_COMPLEX',
        'INVALID_CURSOR',
        'DEADLINE_EXCEEDED',
        'RESULT_TOO_LARGE',
      ]).toEqual(expect.arrayContaining([...outcomes]));
    },
    1_800_000,
  );
});
