import { attacked } from './target.js';
import { marker, outcomeOf, refusedAs, safe } from './verdict.js';

const target = attacked();
const ask = (query: string, variables?: object) => target().ask('analyst', query, variables);
const many = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_none, at) => text(at)).join(' ');
const nested = (depth: number, open: string, close: string, inner = ''): string =>
  open.repeat(depth) + inner + close.repeat(depth);

describe('a document that is too large', () => {
  const two = (from: string, to: string) => `fragment ${from} on Me { ...${to} ...${to} }`;
  const cases: readonly (readonly [string, string])[] = [
    ['characters', `{ me { role } } #${'x'.repeat(20_000)}`],
    ['fields below each other', nested(490, '{ a ', '}')],
    ['fields below each other, one too many', `{ ${nested(10, 'a {', '}', 'b')} }`],
    [
      'fields below each other, by fragments',
      `{ ...F0 } ${many(12, (at) => `fragment F${at} on Q { a { ...F${at + 1} } }`)} fragment F12 on Q { b }`,
    ],
    ['aliases', `{ me { ${many(31, (at) => `a${at}: role`)} } }`],
    ['aliases of the type name', `{ me { ${many(31, (at) => `a${at}: __typename`)} } }`],
    ['fields at the root', `{ ${many(21, () => 'me { role }')} }`],
    [
      'fields at the root, by fragments',
      `{ ${many(3, () => '...F')} } fragment F on Query { ${many(8, () => 'me { role }')} }`,
    ],
    ['directives', `{ me { role ${'@a '.repeat(500)} } }`],
    ['directives that exist', `{ me { role ${'@skip(if: false) '.repeat(21)} } }`],
    ['directives, all over', `{ me { ${many(21, () => 'role @include(if: true)')} } }`],
    ['fragments', `{ me { role } } ${many(51, (at) => `fragment F${at} on Me { role }`)}`],
    [
      'fragments in place, exponential',
      `{ me { ...F0 } } ${many(40, (at) => two(`F${at}`, `F${at + 1}`))} fragment F40 on Me { role }`,
    ],
    [
      'fragments in place, exponential and unused',
      `{ me { role } } ${many(40, (at) => two(`F${at}`, `F${at + 1}`))} fragment F40 on Me { role }`,
    ],
    [
      'fragments in place, a hundred by a hundred',
      `{ me { ${'...A '.repeat(60)} } } fragment A on Me { ${'role '.repeat(60)} }`,
    ],
    ['operations', 'query A { me { role } } query B { me { role } }'],
    ['operations, hundreds', many(100, (at) => `query A${at} { me { role } }`)],
    ['variables', `query (${many(51, (at) => `$v${at}: Int`)}) { me { role } }`],
    ['values in a list', `{ edWaits(by: [${'TRUST '.repeat(201)}]) { totalCount } }`],
    ['characters in a text', `{ explainAccess(field: "${'x'.repeat(4_001)}") { text } }`],
    ['characters in a block of text', `{ explainAccess(field: """${'x'.repeat(4_001)}""") { text } }`],
  ];
  it.each(cases)('%s', async (_what, query) => {
    refusedAs(await ask(query), 'QUERY_TOO_COMPLEX', { ms: 1_000, bytes: 1_000 });
  });

  it.each([
    ['tokens', `{ me { ${'role '.repeat(1_600)} } }`],
    ['tokens of nothing but a list', `{ edWaits(by: ${nested(1_600, '[', ']')}) { totalCount } }`],
    ['braces', '{'.repeat(19_000)],
    ['brackets', `query ($v: ${'['.repeat(19_000)}`],
    ['a text without end', `{ explainAccess(field: "${marker}`],
    ['a block without end', `{ explainAccess(field: """${marker}`],
  ])('%s', async (_what, query) => {
    refusedAs(await ask(query), 'GRAPHQL_PARSE_FAILED', { ms: 1_000, bytes: 1_000 });
  });
});

describe('variables that are too large', () => {
  const explain = 'query ($field: String!) { explainAccess(field: $field) { text } }';
  it.each<[string, object]>([
    ['a long text', { field: 'x'.repeat(4_001) }],
    ['a long list', { field: 'me.role', more: new Array(201).fill(0) }],
    [
      'an object of many members',
      { field: 'me.role', more: Object.fromEntries(new Array(201).fill(0).entries()) },
    ],
    ['many of them', Object.fromEntries(Array.from({ length: 51 }, (_none, at) => [`v${at}`, 1]))],
    ['lists in lists', { field: 'me.role', more: JSON.parse(nested(60, '[', ']')) }],
  ])('%s', async (_what, variables) => {
    refusedAs(await ask(explain, variables), 'QUERY_TOO_COMPLEX', { ms: 1_000, bytes: 1_000 });
  });
});

describe('a document that makes the rules work hard', () => {
  const rows = 'patients { nodes { ageBand } }';
  it.each([
    ['a fragment in itself', '{ me { ...A } } fragment A on Me { ...A }'],
    [
      'fragments in a circle',
      '{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...C } fragment C on Me { ...A }',
    ],
    [
      'circles of fifty',
      `{ me { ...F0 } } ${many(50, (at) => `fragment F${at} on Me { ...F${(at + 1) % 50} }`)}`,
    ],
    [
      'each fragment in each',
      `{ me { ...F0 } } ${many(5, (at) => `fragment F${at} on Me { ${many(5, (to) => `...F${to}`)} }`)}`,
    ],
    ['types of types', `query ($v: ${nested(700, '[', ']', 'Int')}) { me { role } }`],
    ['lists of lists', `{ edWaits(by: ${nested(700, '[', ']', 'TRUST')}) { totalCount } }`],
    [
      'objects in objects that do not exist',
      `{ edWaits(by: ${nested(340, '{ a: ', '}', '1')}) { totalCount } }`,
    ],
    ['errors, hundreds', `{ me { ${many(700, (at) => `x${at}`)} } }`],
    ['unknown arguments, hundreds', `{ edWaits(${many(300, (at) => `x${at}: 1`)}) { totalCount } }`],
    ['the same argument, hundreds', `{ edWaits(${many(300, () => 'first: 1')}) { totalCount } }`],
    [
      'fields that differ in an argument',
      `{ ${many(20, (at) => `edWaits(first: ${at + 1}) { totalCount }`)} }`,
    ],
    ['an unknown directive', '{ me { role @defer @stream @live } }'],
    ['a part to be sent later', `{ patients { nodes { ... @defer(if: true) { ageBand } } } }`],
    ['a field a thousand times', `{ me { ${'role '.repeat(1_400)} } }`],
    ['a subscription', 'subscription { me { role } }'],
    ['a change by a role that can make none', 'mutation { breakGlass(input: {}) { id } }'],
    ['a change that nobody can make', 'mutation { dropEverything }'],
    ['a schema in place of an operation', 'type Query { a: Int } extend type Me { b: Int }'],
    ['a fragment of an input', '{ me { role } } fragment A on EdWaitsWhere { and }'],
    ['a variable of an output', 'query ($v: Me) { me { role } }'],
  ])('%s', async (_what, query) => {
    refusedAs(await ask(query), 'GRAPHQL_VALIDATION_FAILED', { ms: 2_000, bytes: 3_000 });
  });

  it.each([
    ['nothing but fragments', 'fragment A on Me { role }'],
    ['another operation than is named', 'query A { me { role } }'],
  ])('%s', async (what, query) => {
    const body = JSON.stringify({ query, operationName: marker });
    const headers = { authorization: `Bearer ${target().token('analyst')}` };
    const answer = await target().send({ headers, body });
    const codes = what.startsWith('nothing')
      ? ['GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE']
      : ['OPERATION_RESOLUTION_FAILURE'];
    expect(codes).toContain(safe(answer));
  });

  it.each([
    ['a field two hundred times', `{ me { ${'role '.repeat(200)} } }`],
    ['a field with arguments, hundreds of times', `{ ${'edWaits(first: 3) { totalCount } '.repeat(20)} }`],
    [
      'a nested field, hundreds of times',
      `{ ${many(20, () => `patients(first: 1) { ${many(12, () => 'nodes { ageBand }')} }`)} }`,
    ],
    ['inline fragments in each other', `{ me { ${nested(400, '... { ', '}', 'role')} } }`],
    ['comments', `{ me { role } }\n${'# x\n'.repeat(4_900)}`],
    ['blanks and commas', `{ me { role ${', \t\n'.repeat(4_900)} } }`],
    ['conditions in conditions', `{ edWaits(where: ${nested(340, '{ not: ', '}', '{}')}) { totalCount } }`],
    [
      'conditions on people in conditions',
      `{ episodes(where: ${nested(340, '{ not: ', '}', '{ losDays: { gt: 1 } }')}) { totalCount } }`,
    ],
    [
      'alternatives in alternatives',
      `{ edWaits(where: ${nested(240, '{ or: [', ']}', '{}')}) { totalCount } }`,
    ],
    [
      'fifty fragments',
      `{ ${rows} me { ${many(49, (at) => `...F${at}`)} } } ${many(49, (at) => `fragment F${at} on Me { role }`)}`,
    ],
  ])('%s is answered, or refused before it runs', async (_what, query) => {
    const outcome = safe(await ask(query), { ms: 3_000, bytes: 200_000 });
    expect(['answered', 'QUERY_TOO_COMPLEX', 'BAD_USER_INPUT']).toContain(outcome);
  });
});

describe('text that is none', () => {
  const explain = 'query ($field: String!) { explainAccess(field: $field) { text } }';
  const raw = (body: string | Buffer) =>
    target().send({ headers: { authorization: `Bearer ${target().token('analyst')}` }, body });
  it.each([
    ['half a pair', '\\ud800'],
    ['the other half', '\\udc00'],
    ['a pair the wrong way round', '\\udc00\\ud800'],
    ['NUL', '\\u0000'],
    ['a byte order mark', '\\ufeff'],
    ['no character', '\\uffff'],
    ['from right to left', '\\u202e'],
    ['lines of Unicode', '\\u2028\\u2029'],
    ['marks without end', 'e\\u0301'.repeat(200)],
    ['the end of a line', '\\r\\nSet-Cookie: a=b'],
    ['colours', '\\u001b[31m'],
  ])('%s as a value, in a literal, in the document, as a name', async (_what, text) => {
    const value = await raw(`{"query":${JSON.stringify(explain)},"variables":{"field":"${marker}${text}"}}`);
    expect(['answered', 'BAD_USER_INPUT']).toContain(safe(value));
    const literal = await raw(`{"query":"{ explainAccess(field: \\"${marker}${text}\\") { text } }"}`);
    expect(['answered', 'BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED']).toContain(safe(literal));
    const document = await raw(`{"query":"${text}{ me { role } }${text}"}`);
    expect(['answered', 'GRAPHQL_PARSE_FAILED', 'QUERY_TOO_COMPLEX']).toContain(safe(document));
    const name = await raw(`{"query":"{ me { role } }","operationName":"${marker}${text}"}`);
    expect(safe(name)).toBe('OPERATION_RESOLUTION_FAILURE');
    const member = await raw(`{"query":"{ me { role } }","variables":{"${marker}${text}":1}}`);
    expect(safe(member)).toBe('answered');
  });
});

describe('a value of another kind', () => {
  it.each([
    ['Int!', 'edWaits(first: ?) { totalCount }'],
    ['[EdWaitsDimension!]!', 'edWaits(by: ?) { totalCount }'],
    ['Grain!', 'edWaits(grain: ?) { totalCount }'],
    ['EdWaitsWhere', 'edWaits(where: ?) { totalCount }'],
    ['[EdWaitsOrder!]', 'edWaits(orderBy: ?) { totalCount }'],
    ['Date', 'patients(asOf: ?) { totalCount }'],
    ['Boolean!', 'edWaits(sameTrust: ?) { totalCount }'],
  ])('in place of %s is refused and not repeated', async (type, field) => {
    for (const value of [`"${marker}"`, `["${marker}"]`, `"\\"${marker}: "`, `"x; ${marker} at \\"a"`])
      refusedAs(await ask(`{ ${field.replace('?', value)} }`), 'GRAPHQL_VALIDATION_FAILED', { bytes: 1_500 });
    for (const value of [marker, [marker], [[marker]], `"; ${marker}`, `${marker}" at "v"; x`])
      refusedAs(
        await ask(`query ($v: ${type}) { ${field.replace('?', '$v')} }`, { v: value }),
        'BAD_USER_INPUT',
        { bytes: 1_500 },
      );
  });
});

describe('numbers that are too large', () => {
  it.each([
    '1e400',
    '-1e400',
    '9007199254740993',
    '2147483648',
    '-2147483649',
    '1.5',
    '"10"',
    'true',
    '-0',
    '0',
    '-1',
    '10001',
    '2147483647',
  ])('a page of %s rows', async (number) => {
    const literal = await ask(`{ edWaits(first: ${number}) { totalCount } }`);
    expect(['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']).toContain(safe(literal));
    const headers = { authorization: `Bearer ${target().token('analyst')}` };
    const query = 'query ($n: Int!) { patients(first: $n) { totalCount } }';
    const body = `{"query":${JSON.stringify(query)},"variables":{"n":${number}}}`;
    expect(safe(await target().send({ headers, body }))).toBe('BAD_USER_INPUT');
  });

  it.each([
    [
      'lists in lists',
      '{ patients(first: 10000) { nodes { episodes(first: 10000) { nodes { admissionDate } } } } }',
    ],
    [
      'one list many times',
      `{ ${many(15, (at) => `a${at}: edAttendances(first: 10000) { nodes { ageBand } }`)} }`,
    ],
    [
      'by fragments',
      `{ ${many(15, () => '...F')} } fragment F on Query { patients(first: 10000) { nodes { ${'ageBand '.repeat(20)} } } }`,
    ],
    [
      'in nodes and edges',
      '{ patients(first: 10000) { nodes { ageBand gender } edges { cursor node { ageBand gender episodes(first: 9) { nodes { losDays admissionDate } } } } } }',
    ],
  ])('rows without end: %s', async (_what, query) => {
    const answer = await ask(query);
    expect(['QUERY_TOO_COMPLEX', 'GRAPHQL_VALIDATION_FAILED']).toContain(safe(answer, { ms: 1_000 }));
  });
});

describe('names of what every object has', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'then',
    'toJSON',
    '__defineGetter__',
  ];
  it.each(names)('%s is no field, argument, column, value or type', async (name) => {
    for (const query of [
      `{ ${name} }`,
      `{ me { ${name} } }`,
      `{ ${name} { ${name} } }`,
      `{ edWaits(${name}: 1) { totalCount } }`,
      `{ edWaits(by: ${name}) { totalCount } }`,
      `{ edWaits(where: { ${name}: { eq: "x" } }) { totalCount } }`,
      `{ edWaits(orderBy: { column: ${name} }) { totalCount } }`,
      `query ($v: ${name}) { me { role } }`,
      `{ ...F } fragment F on ${name} { role }`,
      `{ me { ...${name} } }`,
      `{ me { role @${name} } }`,
    ])
      expect([query, safe(await ask(query))]).toEqual([query, 'GRAPHQL_VALIDATION_FAILED']);
    const by = await ask('query ($by: [EdWaitsDimension!]!) { edWaits(by: $by) { totalCount } }', {
      by: [name],
    });
    expect(safe(by)).toBe('BAD_USER_INPUT');
    const unknown = await ask(`{ explainAccess(field: "${name}") { text } }`);
    const other = await ask(`{ explainAccess(field: "${name}.${name}") { text } }`);
    for (const answer of [unknown, other]) expect(outcomeOf(answer)).not.toBe('INTERNAL');
  });

  it.each(names)('%s may be the name of an operation, a fragment, a variable and an answer', async (name) => {
    const query = `query ${name} ($${name}: Int!) { ${name}: edWaits(first: $${name}) { ...${name} } } fragment ${name} on EdWaitsConnection { ${name}: totalCount }`;
    // The third time it is a compiled plan.
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await ask(query, Object.fromEntries([[name, 5 + turn]]));
      if (name === '__proto__') {
        // A member that no parser may take.
        expect(safe(answer)).toBe('BAD_USER_INPUT');
        const constant = await ask(`query { ${name}: edWaits(first: ${5 + turn}) { totalCount } }`);
        expect(constant.text).toContain('{"data":{"__proto__":{"totalCount":');
        continue;
      }
      expect([safe(answer), answer.text]).toEqual([
        'answered',
        expect.stringContaining(`{"data":{"${name}":{"${name}":`),
      ]);
    }
  });
});
