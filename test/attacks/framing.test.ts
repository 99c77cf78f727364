import { attacked } from './target.js';
import { marker } from './verdict.js';
import { type Exchanged, exchange, message, type Patience } from './wire.js';

const target = attacked();
const body = '{"query":"{ me { role } }"}';
const line = 'POST /graphql HTTP/1.1';
const length = `Content-Length: ${body.length}`;
const base = (): string[] => [
  'Host: localhost',
  `Authorization: Bearer ${target().token('analyst')}`,
  'Content-Type: application/json',
];
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const send = (parts: readonly (string | Buffer | number)[], patience?: Patience): Promise<Exchanged> =>
  exchange(target().served.port, parts, patience);
/** A second request that stands where the body of the first would end for another reader. */
const smuggled = (): string => message('GET /metrics HTTP/1.1', ['Host: localhost', `X-Smuggled: ${marker}`]);

/** One refusal, or none at all, and the connection is over: nothing of what follows was taken for a request. */
function isRefused({ text, answers, closed, ms }: Exchanged): void {
  expect([closed, text.includes(marker), text.includes('"data"'), text.includes('maplewood_')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(ms).toBeLessThan(2_500);
  expect(text.length).toBeLessThan(1_500);
  expect(answers.length).toBeLessThanOrEqual(1);
  for (const { status, headers, text: refusal } of answers) {
    expect([400, 408, 413, 415, 431, 501, 505]).toContain(status);
    expect([headers['connection'], headers['x-content-type-options'], headers['server']]).toEqual([
      'close',
      'nosniff',
      undefined,
    ]);
    expect(JSON.parse(refusal).errors[0].extensions.code).toEqual(expect.any(String));
  }
}

it('answers the request that the attacks start from', async () => {
  for (const parts of [
    [message(line, [...base(), length, 'Connection: close'], body)],
    [message(line, [...base(), 'Transfer-Encoding: chunked', 'Connection: close'], chunked)],
  ]) {
    const { answers, closed } = await send(parts, { quiet: 2_000 });
    expect([closed, answers.map(({ status, text }) => [status, text.includes('"analyst"')])]).toEqual([
      true,
      [[200, true]],
    ]);
  }
});

describe('two readers of one request', () => {
  const te = 'Transfer-Encoding: chunked';
  it.each<[string, readonly string[]]>([
    ['a length and chunks', [length, te]],
    ['chunks and a length', [te, length]],
    ['chunks and no length at all', [te, 'Content-Length: 0']],
    ['two lengths', [length, 'Content-Length: 5']],
    ['two lengths in one header', [`Content-Length: ${body.length}, 5`]],
    ['two equal lengths', [length, length]],
    ['a length in another spelling', [length, 'content-length : 5']],
    ['a length with a sign', [`Content-Length: +${body.length}`]],
    ['a negative length', ['Content-Length: -1']],
    ['a length in hexadecimal', ['Content-Length: 0x1b']],
    ['a length with a point', [`Content-Length: ${body.length}.0`]],
    ['a length without end', [`Content-Length: ${'9'.repeat(40)}`]],
    ['a length that is none', ['Content-Length: many']],
    ['an empty length', ['Content-Length:']],
    ['chunks twice', [te, te]],
    ['chunks and identity', [te, 'Transfer-Encoding: identity', length]],
    ['identity and chunks', ['Transfer-Encoding: identity, chunked', length]],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity', length]],
    ['chunks and gzip', ['Transfer-Encoding: chunked, gzip', length]],
    ['chunks in another spelling', ['Transfer-Encoding: xchunked', length]],
    ['chunks in quotes', ['Transfer-Encoding: "chunked"', length]],
    ['chunks after a tab', ['Transfer-Encoding:\tchunked', length]],
    ['chunks before the colon', ['Transfer-Encoding : chunked', length]],
    ['chunks after a vertical tab', ['Transfer-Encoding: \u000bchunked', length]],
    ['chunks after a null', ['Transfer-Encoding: \u0000chunked', length]],
    ['chunks in upper case', ['Transfer-Encoding: CHUNKED', length]],
    ['a header before the colon', ['X-A : b', length]],
    ['a header without colon', [`X${marker}`, length]],
    ['a folded header', ['X-A: b', ` ${marker}`, length]],
    ['a folded header of the chunks', ['Transfer-Encoding:', ' chunked', length]],
    ['a first header that is folded', [' X-A: b', length]],
    ['a header in a header', [`X-A: b\rContent-Length: 0`, length]],
    ['a header after a bare line feed', [`X-A: b\nTransfer-Encoding: chunked`, length]],
    ['a null in a header', [`X-A: b\u0000${marker}`, length]],
    ['a null in a name', [`X-\u0000A: ${marker}`, length]],
    ['a name that is no token', [`X(A)é: ${marker}`, length]],
    ['an empty name', [`: ${marker}`, length]],
  ])('%s', async (_what, framing) => {
    for (const content of [body + smuggled(), chunked + smuggled(), `0\r\n\r\n${smuggled()}`])
      isRefused(await send([message(line, [...base(), ...framing], content)]));
  });

  it.each<[string, string]>([
    ['a chunk of a size that is none', `zz\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk of a size with a sign', `+1b\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk of a size with a prefix', `0x1b\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk of a size without end', `${'f'.repeat(20)}\r\n${body}`],
    ['a chunk that is longer than it says', `5\r\n${body}\r\n0\r\n\r\n`],
    ['a chunk that ends with a bare line feed', `1b\n${body}\n0\n\n`],
    ['a chunk whose size ends with a bare return', `1b\r${body}\r\n0\r\n\r\n`],
    ['an extension without end', `1b;${'a'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`],
    ['a trailer that frames', `${chunked.slice(0, -2)}Content Length: 5\r\n\r\n`],
  ])('%s', async (_what, content) => {
    isRefused(await send([message(line, [...base(), 'Transfer-Encoding: chunked'], content + smuggled())]));
  });

  it('a trailer is no header', async () => {
    const trailed = `${chunked.slice(0, -2)}Authorization: Bearer ${target().token('analyst')}\r\nX-Maplewood-Role: admin\r\n\r\n`;
    const [, , ...others] = base();
    const { answers } = await send(
      [
        message(
          line,
          ['Host: localhost', ...others, 'Transfer-Encoding: chunked', 'Connection: close'],
          trailed,
        ),
      ],
      { quiet: 2_000 },
    );
    expect(answers.map(({ status }) => status)).toEqual([401]);
  });
});

describe('a request that is none', () => {
  it.each<[string, string]>([
    ['another protocol', 'POST /graphql HTTP/2.0'],
    ['a protocol of the past', 'POST /graphql HTTP/0.9'],
    ['no protocol', 'POST /graphql'],
    ['a protocol that is none', `POST /graphql ${marker}`],
    ['a blank in the method', 'PO ST /graphql HTTP/1.1'],
    ['a blank before the method', ' POST /graphql HTTP/1.1'],
    ['a method in lower case', 'post /graphql HTTP/1.1'],
    ['a method that nobody knows', `${marker.toUpperCase()} /graphql HTTP/1.1`],
    ['a method of bytes', 'PÖST /graphql HTTP/1.1'],
    ['a blank in the address', `POST /graph ql${marker} HTTP/1.1`],
    ['a tab in place of a blank', 'POST\t/graphql\tHTTP/1.1'],
    ['no address', 'POST  HTTP/1.1'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0'],
    ['the greeting of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001'],
    ['nothing but nulls', '\u0000'.repeat(100)],
    ['the greeting of a proxy', 'PROXY TCP4 127.0.0.1 127.0.0.1 1 2'],
    ['a command of mail', 'EHLO attacker.example'],
    ['a command of a store', '*1\r\n$4\r\nINFO'],
  ])('%s', async (_what, first) => {
    isRefused(await send([message(first, [...base(), length], body)]));
  });

  it('of two hosts, or none', async () => {
    const [, ...others] = base();
    for (const hosts of [
      ['Host: localhost', 'Host: attacker.example'],
      ['Host: localhost', 'host: localhost'],
      [],
    ])
      isRefused(
        await send([message(line, [...hosts, ...others, length, 'Connection: close'], body)], {
          quiet: 1_000,
        }),
      );
  });

  it('of headers that are too large or too many', async () => {
    for (const more of [
      `X-A: ${'a'.repeat(17_000)}`,
      Array.from({ length: 400 }, (_none, at) => `X-A${at}: ${'a'.repeat(50)}`).join('\r\n'),
    ]) {
      const refused = await send([message(line, [...base(), more, length], body)]);
      isRefused(refused);
      expect(refused.answers[0]?.status).toBe(431);
    }
    // Many that are small leave those behind them unread, and are refused where there are more than a server takes.
    const many = Array.from({ length: 2_500 }, () => 'a:b');
    const { answers } = await send([message(line, [...many, ...base(), length, 'Connection: close'], body)], {
      quiet: 2_000,
    });
    expect([200, 400, 401, 431]).toContain(answers[0]?.status);
    for (const { text } of answers) expect(text).not.toContain(marker);
  });

  it('of an address that is too long', async () => {
    isRefused(
      await send([message(`POST /graphql?${'a'.repeat(17_000)} HTTP/1.1`, [...base(), length], body)]),
    );
    const long = await send(
      [message(`GET /${'a'.repeat(15_000)} HTTP/1.1`, ['Host: localhost', 'Connection: close'])],
      { quiet: 2_000 },
    );
    expect([long.answers[0]?.status, long.text.length < 1_000]).toEqual([404, true]);
  });
});

describe('a whole address in place of a path', () => {
  it.each([
    'http://localhost/graphql',
    'http://attacker.example/graphql',
    'https://localhost:443/graphql',
    '//attacker.example/graphql',
    'file:///etc/passwd',
    'graphql',
    '*',
    '?',
    '/../../graphql',
  ])('%s leads nowhere else', async (address) => {
    const { answers, text } = await send(
      [message(`POST ${address} HTTP/1.1`, [...base(), length, 'Connection: close'], body)],
      { quiet: 2_000 },
    );
    expect(answers).toHaveLength(1);
    expect([200, 400, 404]).toContain(answers[0]?.status);
    expect(text).not.toMatch(/attacker|location:|passwd/i);
  });
});

describe('many requests on one connection', () => {
  it('are answered in their order', async () => {
    const one = (at: number): string => {
      const query = JSON.stringify({ query: `{ a${at}: edWaits(first: ${at + 1}) { totalCount } }` });
      return message(line, [...base(), `Content-Length: ${query.length}`], query);
    };
    const { answers } = await send([Array.from({ length: 20 }, (_none, at) => one(at)).join('')], {
      quiet: 2_000,
    });
    expect(answers.map(({ status, text }) => [status, /"a\d+"/.exec(text)?.[0]])).toEqual(
      Array.from({ length: 20 }, (_none, at) => [200, `"a${at}"`]),
    );
  });

  it('end with the one that is refused', async () => {
    const good = message(line, [...base(), length], body);
    const { answers, closed } = await send(
      [good + message(line, [...base(), length, 'Transfer-Encoding: chunked'], body) + good],
      { quiet: 2_000 },
    );
    expect([closed, answers.length <= 2, answers.filter(({ status }) => status === 200).length <= 1]).toEqual(
      [true, true, true],
    );
  });

  it('do not share a token', async () => {
    const without = base().filter((header) => !header.startsWith('Authorization'));
    const { answers } = await send(
      [
        message(line, [...base(), length], body) +
          message(line, [...without, length, 'Connection: close'], body),
      ],
      { quiet: 2_000 },
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  });
});
