import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { BronzeFixture } from './bronze-fixture.js';

/**
 * Nothing is lost: the file is put together from rows whose fate is known by construction, so that the count does
 * not depend on any parser.
 */
interface Line {
  readonly bytes: Buffer;
  /** Values of the row, or null where it must be refused. */
  readonly values: readonly (string | null)[] | null;
}

const plain = fc.stringMatching(/^[ -!#-+\--~é€😀]{0,8}$/u);
const quotedField = fc
  .array(fc.constantFrom('x', ' ', ',', '"', '\n', '\r\n', '\r', 'é', '#', '\\', "'"), { maxLength: 6 })
  .map((parts) => parts.join(''));
const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
const field = fc.oneof(
  { weight: 3, arbitrary: plain.map((value) => ({ text: value, value: value === '' ? null : value })) },
  { weight: 1, arbitrary: quotedField.map((value) => ({ text: quote(value), value })) },
);
const good: fc.Arbitrary<Line> = fc.tuple(field, field, field).map((fields) => ({
  bytes: Buffer.from(fields.map(({ text }) => text).join(',')),
  values: fields.map(({ value }) => value),
}));
const refused = (bytes: string | Buffer): Line => ({ bytes: Buffer.from(bytes as string), values: null });
const bad: fc.Arbitrary<Line> = fc.oneof(
  fc
    .constantFrom(
      '1',
      '1,2',
      '1,2,3,4',
      '1,2,3,',
      ',,,',
      '  ',
      '1,"2"x,3',
      '1,2"y,3',
      '1, "2",3',
      '1,2\0,3',
      '1,2\r3,4',
    )
    .map(refused),
  plain.map((value) =>
    refused(Buffer.concat([Buffer.from(`${value},`), Buffer.from([0xe9]), Buffer.from(',3')])),
  ),
);
const file = fc.record({
  lines: fc.array(fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad }), { maxLength: 30 }),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  last: fc.boolean(),
  mark: fc.boolean(),
  gzip: fc.boolean(),
});

describe('bronze loses nothing', () => {
  let bronze: BronzeFixture;
  beforeAll(async () => {
    bronze = await BronzeFixture.open();
  });
  afterAll(() => bronze.close());

  it('rows loaded and refused are the rows of the file, each under its number and with its values', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ lines, lineEnd, last, mark, gzip }) => {
        const end = Buffer.from(lineEnd);
        const pieces: Buffer[] = [Buffer.from(`${mark ? '\ufeff' : ''}a,b,c${lineEnd}`)];
        lines.forEach(({ bytes }, index) => {
          pieces.push(bytes);
          if (last || index < lines.length - 1) pieces.push(end);
        });
        const content = Buffer.concat(pieces);
        const name = gzip ? 'any.csv.gz' : 'any.csv';
        const batch = await bronze.ingest(name, gzip ? gzipSync(content) : content);
        const expected = lines.map(({ values }, index) => ({ row: index + 1, values }));
        expect(batch.rows).toBe(lines.length);
        const loaded = await bronze.rows(batch, '_row::integer, a, b, c');
        expect(loaded).toEqual(expected.flatMap(({ row, values }) => (values ? [[row, ...values]] : [])));
        const rejected = batch.rejectsFile ? (await bronze.rejects(batch, '_row::integer')).flat() : [];
        expect(rejected).toEqual(expected.flatMap(({ row, values }) => (values ? [] : [row])));
        expect(batch.unreadable).toBe(rejected.length);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('every line is loaded or refused whatever quotes stand where', async () => {
    const soup = fc.array(fc.constantFrom('"', ',', 'x', '\n', '\r\n', '""', '1,2,3\n', '4,"5",6\n'), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(soup, async (parts) => {
        const body = parts.join('');
        const batch = await bronze.ingest('soup.csv', `a,b,c\n${body}`);
        const raws = batch.rejectsFile ? (await bronze.rejects(batch, 'raw')).flat().map(String) : [];
        const values = (await bronze.rows(batch, "concat_ws('', a, b, c)")).flat().map(String);
        // Letters and digits are neither structure nor doubled: all of them come out again.
        const letters = (text: string): number => text.replaceAll(/[^x0-9]/g, '').length;
        expect(letters(raws.join('')) + letters(values.join(''))).toBe(letters(body));
        const numbers = (await bronze.rows(batch, '_row::integer')).flat();
        const refusedNumbers = batch.rejectsFile ? (await bronze.rejects(batch, '_row::integer')).flat() : [];
        const all = [...numbers, ...refusedNumbers].map(Number).sort((x, y) => x - y);
        expect(all).toEqual(Array.from({ length: batch.rows }, (_, index) => index + 1));
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});
