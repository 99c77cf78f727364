import fc from 'fast-check';
import type { Role } from '../../src/access/role.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { serveAt, type TestServer } from '../support/server.js';

/**
 * One question can be written in many ways: fields in any order and twice, in fragments, under other names, behind
 * directives that change nothing, arguments as literals or variables. Its answer has the same bytes.
 */
interface Argument {
  readonly type: string;
  readonly literal: string;
  readonly value: unknown;
}
interface Question {
  readonly role: Role;
  readonly field: string;
  readonly type: string;
  readonly arguments: Readonly<Record<string, Argument>>;
  readonly columns: readonly string[];
}

const questions: readonly Question[] = [
  {
    role: 'operations',
    field: 'edWaits',
    type: 'EdWaits',
    arguments: {
      by: { type: '[EdWaitsDimension!]!', literal: '[TRIAGE, TRUST]', value: ['TRUST', 'TRIAGE'] },
      grain: { type: 'Grain!', literal: 'QUARTER', value: 'QUARTER' },
      where: {
        type: 'EdWaitsWhere',
        literal:
          '{ attendances: { gte: 3 }, or: [{ triageCategory: { ne: "1" } }, { period: { gte: "2023-06-01" } }] }',
        value: {
          attendances: { gte: 3 },
          or: [{ triageCategory: { ne: '1' } }, { period: { gte: '2023-06-01' } }],
        },
      },
      orderBy: {
        type: '[EdWaitsOrder!]',
        literal: '[{ column: medianMinutes, direction: DESC }]',
        value: { column: 'medianMinutes', direction: 'DESC' },
      },
      first: { type: 'Int!', literal: '7', value: 7 },
      sameTrust: { type: 'Boolean!', literal: 'true', value: true },
    },
    columns: ['period', 'trustCode', 'triageCategory', 'attendances', 'medianMinutes', 'reattended7DaysPct'],
  },
  {
    role: 'analyst',
    field: 'bedOccupancy',
    type: 'BedOccupancy',
    arguments: {
      by: { type: '[BedOccupancyDimension!]!', literal: 'TRUST', value: 'TRUST' },
      grain: { type: 'Grain!', literal: 'MONTH', value: 'MONTH' },
      where: {
        type: 'BedOccupancyWhere',
        literal: '{ not: { isPartial: { eq: true } } }',
        value: { not: { isPartial: { eq: true } } },
      },
      first: { type: 'Int!', literal: '11', value: 11 },
    },
    columns: ['period', 'trustName', 'occupiedBeds', 'occupancyPct', 'suppressed'],
  },
  {
    role: 'data-steward',
    field: 'dataQuality',
    type: 'DataQuality',
    arguments: {
      where: {
        type: 'DataQualityWhere',
        literal: '{ severity: { in: ["reject", "warn"] } }',
        value: { severity: { in: ['reject', 'warn'] } },
      },
      first: { type: 'Int!', literal: '9', value: 9 },
    },
    columns: ['id', 'rule', 'violated', 'status'],
  },
];

/** Small random numbers from a seed. */
function choices(seed: number): (limit: number) => number {
  let state = (seed | 1) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

interface Rewriting {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Response name → name asked for. */
  readonly names: ReadonlyMap<string, string>;
}

function rewrite(question: Question, seed: number): Rewriting {
  const pick = choices(seed);
  const shuffled = <T>(values: readonly T[]): T[] => {
    const left = [...values];
    return values.map(() => left.splice(pick(left.length), 1)[0]!);
  };
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const variable = (type: string, value: unknown): string => {
    const name = `v${declared.length}`;
    declared.push(`$${name}: ${type}`);
    variables[name] = value;
    return `$${name}`;
  };
  const names = new Map<string, string>();
  const fragments: string[] = [];
  const named = (name: string): string => {
    if (pick(3) > 0) return name;
    const alias = `x${names.size}_${name}`;
    names.set(alias, name);
    return `${alias}: ${name}`;
  };
  const kept = (): string => {
    const way = pick(5);
    if (way === 0) return ` @include(if: ${variable('Boolean!', true)})`;
    return ['', '', ' @include(if: true)', ' @skip(if: false)'][way - 1]!;
  };
  /** Fields in some order, some of them in fragments, and some that are never there. */
  const selection = (type: string, fields: readonly string[]): string => {
    const parts = shuffled(fields).map((field) => {
      switch (pick(5)) {
        case 0:
          return `... on ${type}${kept()} { ${field} }`;
        case 1: {
          fragments.push(`fragment f${fragments.length} on ${type} { ${field} }`);
          return `...f${fragments.length - 1}${kept()}`;
        }
        case 2:
          return `... { ${field} ${field} }`;
        default:
          return field;
      }
    });
    if (pick(2) === 0) parts.push('... @include(if: false) { never: __typename }');
    return parts.join(' ');
  };
  const columns = question.columns.map((column) => `${named(column)}${kept()}`);
  const connection = `${question.type}Connection`;
  const nodes = `nodes { ${selection(question.type, columns)} }`;
  const info = `pageInfo { ${selection('PageInfo', ['hasNextPage', 'hasPreviousPage'])} }`;
  const body = selection(connection, [nodes, named('totalCount'), info]);
  const given = shuffled(Object.entries(question.arguments)).map(
    ([name, { type, literal, value }]) => `${name}: ${pick(2) === 0 ? literal : variable(type, value)}`,
  );
  const root = `answer: ${question.field}(${given.join(', ')}) { ${body} }`;
  const head = declared.length > 0 ? `query asked(${declared.join(', ')})` : 'query asked';
  return { document: `${head} { ${root} } ${fragments.join(' ')}`, variables, names };
}

/** The answer under the names that were asked for, in one order. */
function canonical(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]): [string, unknown] => [names.get(name) ?? name, canonical(item, names)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const home = temporaryFolder();
let server: TestServer;
let trusts: string[];
beforeAll(async () => {
  const { config } = await loadedHome(home, { patients: 1_000 });
  server = await serveAt(config);
  const { body } = await server.query('bi-reader', '{ edWaits(by: TRUST) { nodes { trustCode } } }');
  trusts = body.data.edWaits.nodes.map(({ trustCode }: { trustCode: string }) => trustCode);
}, 120_000);
afterAll(() => server?.close());

const answer = async (question: Question, { document, variables, names }: Rewriting): Promise<string> => {
  const scope = question.role === 'operations' ? trusts : undefined;
  const { status, body } = await server.query(question.role, document, variables, scope);
  expect([status, body.errors, document]).toEqual([200, undefined, document]);
  return JSON.stringify(canonical(body.data, names));
};

it.each(questions.map((question) => [question.field, question] as const))(
  '%s has the same answer however it is written, interpreted and compiled',
  async (_field, question) => {
    const plain = Object.entries(question.arguments).map(([name, { literal }]) => `${name}: ${literal}`);
    const expected = await answer(question, {
      document: `{ answer: ${question.field}(${plain.join(', ')}) { nodes { ${question.columns.join(' ')} } totalCount pageInfo { hasNextPage hasPreviousPage } } }`,
      variables: {},
      names: new Map(),
    });
    expect(JSON.parse(expected).answer.nodes.length).toBeGreaterThan(3);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
        const rewriting = rewrite(question, seed);
        // A document is compiled when it comes for the second time.
        for (let turn = 0; turn < 3; turn += 1) expect(await answer(question, rewriting)).toBe(expected);
      }),
      { numRuns: 12, seed: 4 },
    );
  },
);
