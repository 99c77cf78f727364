import { buildSchema, getOperationAST, getVariableValues, isObjectType, Kind, parse } from 'graphql';
import { defaultSettings } from '../../../src/config/settings.js';
import { buildRoleSchemas } from '../../../src/resolvers/build-schema.js';
import { assertAffordable, type CostOf, costOf } from '../../../src/server/graphql/cost.js';

const written = buildSchema(`
  type Query { wards(first: Int = 100): WardConnection! one: Ward plain: [Ward!]! name: String }
  type WardConnection { nodes: [Ward!]! edges: [Edge!]! totalCount: Int! pageInfo: PageInfo! }
  type Edge { cursor: String! node: Ward! }
  type PageInfo { endCursor: String }
  type Ward { code: String beds: Int names: [String!]! owner: Ward stays(first: Int = 10): WardConnection! }
`);
const { limits } = defaultSettings;
/** Lists without pages, with the length that their declarations give them. */
const declared = buildRoleSchemas().get('clinician')!;

function of(query: string, given: Record<string, unknown> = {}, schema = written): CostOf {
  const document = parse(query);
  const operation = getOperationAST(document)!;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  const fragments = Object.fromEntries(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [],
    ),
  );
  return { schema, operation, fragments, variables: coerced ?? {} };
}
const cost = (query: string, given?: Record<string, unknown>): number => costOf(of(query, given), limits);
const nested = '{ wards(first: 50) { nodes { code stays(first: 20) { nodes { code beds } totalCount } } } }';
const inFragments = `{ wards(first: 5) { ...f } }
  fragment f on WardConnection { nodes { ...g ... on Ward { beds } } } fragment g on Ward { code }`;

describe('the cost of an operation', () => {
  it.each([
    ['a value', '{ name }', 1],
    ['rows times fields', '{ wards(first: 50) { nodes { code beds } } }', 100],
    ['the usual length where none is given', '{ wards { nodes { code } } }', 100],
    ['edges like nodes', '{ wards(first: 50) { edges { cursor node { code beds } } } }', 150],
    [
      'what stands beside the rows once',
      '{ wards(first: 50) { totalCount pageInfo { endCursor } nodes { code } } }',
      52,
    ],
    ['lists below lists multiplied', nested, 50 + 50 * (20 * 2 + 1)],
    ['one row below rows', '{ wards(first: 50) { nodes { owner { code beds } } } }', 100],
    ['a list of no stated length as one', '{ plain { code names } }', 2],
    ['a row that is no list', '{ one { code stays { nodes { code } } } }', 11],
    [
      'a field under two names twice',
      '{ a: wards(first: 5) { nodes { code } } b: wards(first: 5) { nodes { code } } }',
      10,
    ],
    ['fragments in place', inFragments, 10],
    [
      'nothing for what is left out',
      '{ wards(first: 5) { nodes { code @skip(if: true) beds @include(if: false) } } }',
      0,
    ],
  ])('counts %s', (_what, query, expected) => {
    expect(cost(query)).toBe(expected);
  });

  it('takes what the schema says of itself to be as long as it is', () => {
    // Ten types of objects and scalars, and those by which the schema describes itself.
    const types = Object.keys(written.getTypeMap()).length;
    const objects = Object.values(written.getTypeMap()).filter(isObjectType);
    const fields = objects.flatMap((type) => Object.values(type.getFields())).length / objects.length;
    expect(cost('{ __typename }')).toBe(1);
    expect(cost('{ __schema { types { name kind } } }')).toBe(types * 2);
    expect(
      cost(
        '{ a: __schema { types { name } } b: __schema { ...s } } fragment s on __Schema { types { name } }',
      ),
    ).toBe(types * 2);
    expect(cost('{ __schema { types { fields { name type { name ofType { name } } } } } }')).toBeCloseTo(
      types * fields * 2.5,
    );
    expect(cost('{ __type(name: "Ward") { fields { name } } }')).toBeCloseTo(fields);
  });

  it.each([
    ['a list by its declared length', '{ cdsEvaluate(patientId: "p") { ruleName } }', 40],
    ['as many as are named', '{ cdsEvaluate(patientId: "p", rules: ["a", "b"]) { ruleName message } }', 4],
    [
      'a tree by its nodes and its widest level',
      '{ cdsEvaluate(patientId: "p", rules: ["a"]) { trace { line children { line text children { text } } } } }',
      400 * 2,
    ],
    [
      'levels under two names together',
      '{ cdsEvaluate(patientId: "p", rules: ["a"]) { trace { a: children { ...n } b: children { ...n } } } } fragment n on ExplainNode { line text }',
      400 * 4,
    ],
    ['trees below rows', '{ cdsResults(first: 10) { nodes { explanation { text } } } }', 10 * 400],
    ['values in a list', '{ cdsEvaluate(patientId: "p", rules: ["a"]) { missing } }', 20],
  ])('takes from the schema: %s', (_what, query, expected) => {
    expect(costOf(of(query, {}, declared), limits)).toBe(expected);
  });

  it('takes lengths from variables', () => {
    const query =
      'query ($n: Int = 7, $all: Boolean = false) { wards(first: $n) { nodes { code beds @include(if: $all) } } }';
    expect(cost(query)).toBe(7);
    expect(cost(query, { n: 9, all: true })).toBe(18);
  });

  it('is refused above the limit, before anything is read', () => {
    const tooComplex = expect.objectContaining({ code: 'QUERY_TOO_COMPLEX' });
    const columns = (n: number) => Array.from({ length: n }, (_none, at) => `c${at}: code`).join(' ');
    const wide = (n: number) => of(`{ wards(first: 10000) { nodes { ${columns(n)} } } }`);
    expect(() => assertAffordable(wide(15), limits)).not.toThrow();
    expect(() => assertAffordable(wide(16), limits)).toThrow(tooComplex);
    const below = of('{ wards(first: 10000) { nodes { stays(first: 10000) { nodes { code } } } } }');
    expect(() => assertAffordable(below, limits)).toThrow(tooComplex);
  });

  it.each([0, -1, 10_001, 2_147_483_647, -2_147_483_648])('refuses first: %p wherever it stands', (first) => {
    for (const query of [
      `{ wards(first: ${first}) { totalCount } }`,
      `{ wards(first: 1) { nodes { stays(first: ${first}) { totalCount } } } }`,
    ])
      expect(() => cost(query)).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT', message: 'first must be from 1 to 10000.' }),
      );
  });
});
