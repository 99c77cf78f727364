import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { roleOf, type SchemaName, schemaNames } from '../../src/access/role.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { payloads } from './payloads.js';
import { everyPosition, type Position } from './positions.js';
import { full, sample } from './sample.js';
import { type Answer, attacked } from './target.js';
import { outcomeOf, refusedAs, safe } from './verdict.js';

const target = attacked();
const schemas = buildRoleSchemas();
/** A value of the same shape that means nothing to anybody. */
const neutral = 'Neutral value without any meaning';

/** Every file of the home but those that are written for every request. */
function filesOf(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/^(audit|state|tmp)\b/.test(name) && statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

const homeOf = (): string => join(target().config.home.keys, '..');
let before: Map<string, string>;
beforeAll(() => {
  before = filesOf(homeOf());
});

/** As a caller of one trust, where the role has trusts: rows of the others are what an injection would show. */
const askAs = (schema: SchemaName, query: string, variables: object): Promise<Answer> => {
  const role = roleOf(schema);
  const own = ['operations', 'clinician'].includes(role) ? target().trusts.slice(0, 1) : undefined;
  const token = target().token(role, schema === role ? [] : ['reidentifier'], own);
  return target().send({
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
};

const byCodePoint = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Whether a row may be among those that a test of its column lets through. */
function holds(op: string, value: string | null, given: string): boolean {
  if (op === 'ne') return value !== given;
  if (value === null) return false;
  switch (op) {
    case 'eq':
    case 'in':
      return value === given;
    case 'startsWith':
      return value.startsWith(given);
    case 'endsWith':
      return value.endsWith(given);
    case 'contains':
      return value.includes(given);
    case 'lt':
      return byCodePoint(value, given) < 0;
    case 'lte':
      return byCodePoint(value, given) <= 0;
    case 'gt':
      return byCodePoint(value, given) > 0;
    default:
      return byCodePoint(value, given) >= 0;
  }
}

const refusals = [
  'BAD_USER_INPUT',
  'INVALID_CURSOR',
  'GRAIN_NOT_ALLOWED',
  'QUERY_TOO_COMPLEX',
  'FORBIDDEN',
  'NOT_FOUND',
];
/** Texts that may stand in a name by chance. */
const isTelling = (payload: string): boolean =>
  payload.length > 5 && /injected|select|passwd|or 1|script|'/.test(payload);

/** Asked once for each place: nothing is published meanwhile. */
const neutralAnswers = new Map<string, Promise<Answer>>();
function neutralAnswer(schema: SchemaName, query: string, variables: object): Promise<Answer> {
  const place = JSON.stringify([schema, query, variables]);
  const known = neutralAnswers.get(place) ?? askAs(schema, query, variables);
  neutralAnswers.set(place, known);
  return known;
}

async function attackOne(
  schema: SchemaName,
  { name, query, variables, takesText, shown }: Position,
  payload: string,
): Promise<string> {
  const answer = await askAs(schema, query, variables(payload));
  const question = `${schema} ${name} ${JSON.stringify(payload).slice(0, 100)}`;
  const never = [
    ...(isTelling(payload) ? [payload, JSON.stringify(payload).slice(1, -1)] : []),
    ...foreign(schema),
  ];
  const outcome = safe(answer, { bytes: 500_000, never }, question);
  // A number, a day, a value of a list: a text is none, whatever stands in it.
  const expected = takesText && outcome === 'answered' ? ['answered'] : refusals;
  expect({ question, outcome: expected.includes(outcome) ? 'expected' : outcome }).toEqual({
    question,
    outcome: 'expected',
  });
  if (outcome !== 'answered') return outcome;
  const { data } = JSON.parse(answer.text);
  if (shown) {
    const rows = data[shown.root].nodes as Record<string, string | null>[];
    const wrong = rows.filter((row) => !holds(shown.op, row[shown.column] ?? null, payload));
    expect([question, wrong]).toEqual([question, []]);
    return outcome;
  }
  if (/\.(ne|lt|lte|gt|gte)\)$/.test(name)) return outcome;
  // Every name begins with nothing, and many have an underscore.
  if (/\.(contains|startsWith|endsWith)\)$/.test(name) && payload.length < 2) return outcome;
  const other = await neutralAnswer(schema, query, variables(neutral));
  expect([question, outcomeOf(other), data]).toEqual([question, 'answered', JSON.parse(other.text).data]);
  return outcome;
}

/** Codes of trusts that are not the caller's own, as they would stand in an answer. */
const foreign = (schema: SchemaName): string[] =>
  ['operations', 'clinician'].includes(roleOf(schema))
    ? target()
        .trusts.slice(1)
        .map((code) => `"${code}"`)
    : [];

describe('texts that mean something to what lies behind', () => {
  it.each(schemaNames)(
    'are values and nothing else in every place of %s',
    async (schema) => {
      const positions = everyPosition(schemas.get(schema)!);
      expect(positions.length).toBeGreaterThan(1);
      const each = full ? 10 : 2;
      // Each place gets some, one after the other, so that all of them come everywhere.
      const questions = sample(positions, 55).some.flatMap((position, at) =>
        Array.from({ length: each }, (_none, turn) => ({
          position,
          payload: payloads[(at * each + turn) % payloads.length] ?? '',
        })),
      );
      const outcomes = new Set<string>();
      for (const { position, payload } of questions) outcomes.add(await attackOne(schema, position, payload));
      expect(outcomes.size).toBeGreaterThan(0);
    },
    1_800_000,
  );

  it('are found by no test of a column, each of them and each test', async () => {
    const positions = everyPosition(schemas.get('analyst')!).filter(
      ({ name, shown }) =>
        shown && /^edWaits\(where\.trustName\.|^episodes\(where\.specialtyName\./.test(name),
    );
    expect(positions.length).toBeGreaterThan(15);
    const all = positions.flatMap((position) => payloads.map((payload) => ({ position, payload })));
    for (const { position, payload } of sample(all, 200).some) await attackOne('analyst', position, payload);
  }, 600_000);

  it('do not hide in literals', async () => {
    for (const payload of sample(payloads, 40).some) {
      const literal = JSON.stringify(payload).replaceAll('\u2028', '\\u2028');
      const answer = await askAs(
        'analyst',
        `{ edWaits(by: TRUST, where: { trustName: { contains: ${literal} } }) { nodes { trustName } } }`,
        {},
      );
      if (safe(answer, { bytes: 20_000 }, literal) !== 'answered') continue;
      const { nodes } = JSON.parse(answer.text).data.edWaits as { nodes: { trustName: string }[] };
      expect([literal, nodes.filter(({ trustName }) => !trustName.includes(payload))]).toEqual([literal, []]);
      for (const place of [
        `by: ${literal}`,
        `grain: ${literal}`,
        `orderBy: { column: ${literal} }`,
        `first: ${literal}`,
      ])
        refusedAs(
          await askAs('analyst', `{ edWaits(${place}) { totalCount } }`, {}),
          'GRAPHQL_VALIDATION_FAILED',
        );
    }
  });
});

describe('a cursor', () => {
  const page =
    'query ($after: String) { edWaits(by: [TRUST, TRIAGE], first: 2, after: $after) { nodes { trustCode } pageInfo { endCursor } } }';
  const cursorOf = async (): Promise<string> => {
    const { text } = await askAs('analyst', page, {});
    return JSON.parse(text).data.edWaits.pageInfo.endCursor;
  };

  it('is refused with any byte of it changed', async () => {
    const cursor = await cursorOf();
    expect(outcomeOf(await askAs('analyst', page, { after: cursor }))).toBe('answered');
    const bytes = Buffer.from(cursor, 'base64url');
    const places = [...bytes.keys()].flatMap((at) => [1, 128].map((bit) => ({ at, bit })));
    for (const { at, bit } of sample(places, 60).some) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= bit;
      refusedAs(await askAs('analyst', page, { after: changed.toString('base64url') }), 'INVALID_CURSOR', {
        bytes: 600,
      });
    }
  });

  it('is refused cut, longer, in another spelling, of another question, role or recipient', async () => {
    const cursor = await cursorOf();
    const others = [
      ...[1, 12, 28, cursor.length - 1].map((length) => cursor.slice(0, length)),
      `${cursor}A`,
      `${cursor}=`,
      ` ${cursor}`,
      cursor + cursor,
      cursor.toLowerCase(),
      Buffer.from(cursor, 'base64url').toString('hex'),
      Buffer.alloc(60).toString('base64url'),
      'A'.repeat(4_000),
      '0',
      '',
    ];
    for (const after of others) {
      const outcome = safe(await askAs('analyst', page, { after }), {
        never: after.length > 8 ? [after] : [],
      });
      expect([after, outcome]).toEqual([after, 'INVALID_CURSOR']);
    }
    for (const other of [
      page.replace('[TRUST, TRIAGE]', '[TRUST]'),
      page.replace('edWaits', 'edWaits: lengthOfStay').replace('[TRUST, TRIAGE]', '[TRUST]'),
      page.replace('first: 2', 'first: 2, grain: YEAR'),
    ])
      refusedAs(await askAs('analyst', other, { after: cursor }), 'INVALID_CURSOR');
    const asOperations = await askAs('operations', page, { after: cursor });
    refusedAs(asOperations, 'INVALID_CURSOR');
  });
});

it('has left every file as it was, and made none', () => {
  expect(before.size).toBeGreaterThan(5);
  expect(filesOf(homeOf())).toEqual(before);
  for (const folder of [process.cwd(), homeOf(), target().config.home.tmp])
    expect(readdirSync(folder).filter((name) => name.includes('injected'))).toEqual([]);
});
