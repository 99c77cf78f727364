import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Answer, attacked, type Sent } from './target.js';
import { marker, refusedAs, safe } from './verdict.js';

const target = attacked();
const query = '{ me { role } }';
const good = JSON.stringify({ query });
const post = (body: string | Buffer, headers: Sent['headers'] = {}): Promise<Answer> =>
  target().send({ headers: { authorization: `Bearer ${target().token('analyst')}`, ...headers }, body });
const bounds = { ms: 1_000, bytes: 500 };

describe('a body that is no JSON', () => {
  it.each<[string, string]>([
    ['half of it', good.slice(0, -3)],
    ['a part of it', good.slice(1)],
    ['more than it', `${good}${good}`],
    ['lines of it', `${good}\n${good}`],
    ['something behind it', `${good} ${marker}`],
    ['something before it', `)]}',\n${good}`],
    ['quotes that are none', good.replaceAll('"', "'")],
    ['names without quotes', `{query:${JSON.stringify(query)}}`],
    ['a comma too many', `{"query":${JSON.stringify(query)},}`],
    ['a comment', `/* ${marker} */${good}`],
    ['a number that is none', `{"query":${JSON.stringify(query)},"variables":{"a":NaN}}`],
    ['a number in hexadecimal', `{"query":${JSON.stringify(query)},"variables":{"a":0x10}}`],
    ['a number with zeros', `{"query":${JSON.stringify(query)},"variables":{"a":0001}}`],
    ['a line break in a text', `{"query":"{ me\n{ role } }"}`],
    ['an escape that is none', '{"query":"\\x41"}'],
    ['an escape that is cut', '{"query":"\\u00"}'],
    ['nulls', '\u0000\u0000\u0000\u0000'],
    ['a null behind it', `${good}\u0000`],
    ['XML', `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`],
    ['YAML', `query: !!js/function "${marker}"`],
    ['a form', `query=${encodeURIComponent(query)}`],
    ['blanks', ' '.repeat(1_000)],
  ])('%s', async (_what, body) => {
    refusedAs(await post(body), 'BAD_USER_INPUT', bounds);
  });

  it.each<[string, string]>([
    [
      'lists in lists',
      `{"query":${JSON.stringify(query)},"variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    ],
    [
      'objects in objects',
      `{"query":${JSON.stringify(query)},"variables":{"a":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}}}`,
    ],
    ['lists in lists beside it', `{"query":${JSON.stringify(query)},"a":${'['.repeat(51)}${']'.repeat(51)}}`],
    [
      'lists in lists in extensions',
      `{"query":${JSON.stringify(query)},"extensions":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
    ],
  ])('%s are too deep', async (_what, body) => {
    refusedAs(await post(body), 'QUERY_TOO_COMPLEX', bounds);
  });

  it('that never closes what it opens is none', async () => {
    for (const open of ['[', '{"a":', '[{"a":['])
      refusedAs(await post(open.repeat(Math.floor(250_000 / open.length))), 'BAD_USER_INPUT', bounds);
  });

  it.each<[string, string]>([
    ['the same name twice', `{"query":"{ release { id } }","query":${JSON.stringify(query)}}`],
    ['the same name a thousand times', `{${'"query":"x",'.repeat(1_000)}"query":${JSON.stringify(query)}}`],
    ['names written otherwise', `{"\\u0071uery":${JSON.stringify(query)}}`],
    [
      'numbers beyond all bounds',
      `{"query":${JSON.stringify(query)},"variables":{"a":1e999,"b":-1e999,"c":${'9'.repeat(5_000)},"d":0.${'0'.repeat(5_000)}1}}`,
    ],
    ['blanks around it', `\r\n\t ${good} \r\n`],
    ['a mark of the byte order', `\ufeff${good}`],
    [
      'thousands of members',
      `{"query":${JSON.stringify(query)},${Array.from({ length: 9_000 }, (_none, at) => `"m${at}":0`).join(',')}}`,
    ],
  ])('%s: the last one counts, as in every reader of JSON, and nothing else', async (_what, body) => {
    const answer = await post(body);
    expect([safe(answer, bounds), answer.text]).toEqual([
      'answered',
      expect.stringContaining('{"data":{"me":{"role":"analyst"}}'),
    ]);
  });
});

describe('a body in another character set', () => {
  const utf16 = Buffer.from(good, 'utf16le');
  it.each<[string, Buffer]>([
    ['UTF-16', utf16],
    ['UTF-16 with its mark', Buffer.concat([Buffer.of(0xff, 0xfe), utf16])],
    ['UTF-16 the other way round', Buffer.from(utf16).swap16()],
    ['UTF-32', Buffer.from([...good].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0]))],
    ['UTF-7', Buffer.from('+AHs-"query":"+AHs- me +AHs- role +AH0- +AH0-"+AH0-')],
    ['EBCDIC', Buffer.from([0xc0, 0x7f, 0x98, 0xa4, 0x85, 0x99, 0xa8])],
  ])('%s is none', async (_what, body) => {
    for (const type of ['application/json', 'application/json; charset=utf-8'])
      expect(['BAD_USER_INPUT', 'UNSUPPORTED_MEDIA_TYPE']).toContain(
        safe(await post(body, { 'content-type': type }), bounds),
      );
  });

  const around = (bytes: readonly number[]): Buffer =>
    Buffer.concat([Buffer.from('{"query":"{ me { role } } #'), Buffer.from(bytes), Buffer.from('"}')]);
  it.each<[string, readonly number[]]>([
    ['latin letters of one byte', [0xe9]],
    ['a byte that goes on with nothing', [0x80]],
    ['a letter that is cut', [0xc3]],
    ['a longer spelling of a slash', [0xc0, 0xaf]],
    ['a longer spelling of null', [0xe0, 0x80, 0x80]],
    ['half of a pair', [0xed, 0xa0, 0x80]],
    ['a letter beyond the last', [0xf4, 0x90, 0x80, 0x80]],
    ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['bytes that never occur', [0xff, 0xfe]],
  ])('%s: bytes that are no UTF-8', async (_what, bytes) => {
    refusedAs(await post(around(bytes)), 'UNSUPPORTED_MEDIA_TYPE', bounds);
    expect(safe(await post(around([0xc3, 0xa9])), bounds)).toBe('answered');
  });
});

describe('a body that is packed', () => {
  const huge = Buffer.from(`{"query":${JSON.stringify(query)}${' '.repeat(60_000_000)}}`);
  it.each<[string, () => Buffer]>([
    ['gzip', () => gzipSync(huge)],
    ['x-gzip', () => gzipSync(good)],
    ['deflate', () => deflateSync(good)],
    ['br', () => brotliCompressSync(good)],
    ['gzip, gzip', () => gzipSync(gzipSync(good))],
    ['zstd', () => Buffer.from(good)],
    ['compress', () => Buffer.from(good)],
    ['identity', () => Buffer.from(good)],
    ['', () => Buffer.from(good)],
    [marker, () => Buffer.from(good)],
  ])('as %j is not unpacked', async (encoding, body) => {
    const before = process.memoryUsage().rss;
    refusedAs(await post(body(), { 'content-encoding': encoding }), 'UNSUPPORTED_MEDIA_TYPE', bounds);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
  });
  it('without saying so is no JSON', async () => {
    expect(['UNSUPPORTED_MEDIA_TYPE', 'BAD_USER_INPUT']).toContain(safe(await post(gzipSync(good)), bounds));
  });
});

it('takes no more than it may, however it is sent', async () => {
  const large = `{"query":${JSON.stringify(query)},"a":"${'x'.repeat(262_200)}"}`;
  refusedAs(await post(large), 'PAYLOAD_TOO_LARGE', bounds);
  refusedAs(await post(large, { 'transfer-encoding': 'chunked' }), 'PAYLOAD_TOO_LARGE', bounds);
  const most = `{"query":${JSON.stringify(query)},"a":"${'x'.repeat(262_000)}"}`;
  expect(safe(await post(most), bounds)).toBe('answered');
});
