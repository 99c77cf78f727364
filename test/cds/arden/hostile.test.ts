import { parseFile } from '../../../src/cds/arden/parse.js';
import { printMlm } from '../../../src/cds/arden/print-mlm.js';
import { mlmText } from './mlm-text.js';
import { samples } from './sample.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';

/** Numbers below 1 that follow from a seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pieces = [
  ...[
    ';;',
    ';',
    '"',
    "'",
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ',',
    '||',
    ':=',
    '/*',
    '*/',
    '//',
    '-',
    '**',
    '%',
    '\n',
    '\0',
  ],
  ...[
    'the',
    'IF',
    'THEN',
    'ENDIF',
    'ELSE',
    'READ',
    'WHERE',
    'OF',
    'FROM',
    'WITHIN',
    'NOT',
    'IS',
    'IN',
    'LAST',
    'data:',
    'end:',
  ],
  ...[
    'maintenance:',
    'logic:',
    '2024-02-30',
    '1e999',
    '12:61',
    '\u{1f600}',
    '\ud800',
    '\u00e9',
    '9'.repeat(400),
  ],
];

/** A text with some of it cut out, doubled, moved or replaced. */
function damaged(text: string, random: () => number): string {
  let result = text;
  const times = 1 + Math.floor(random() * 6);
  for (let n = 0; n < times; n += 1) {
    const at = Math.floor(random() * result.length);
    const to = at + Math.floor(random() ** 3 * 200);
    const piece = pieces[Math.floor(random() * pieces.length)]!;
    const kind = Math.floor(random() * 4);
    const middle =
      kind === 0
        ? ''
        : kind === 1
          ? piece
          : kind === 2
            ? result.slice(at, to).repeat(2)
            : `${piece}${result.slice(at, to)}`;
    result = result.slice(0, at) + middle + result.slice(to);
  }
  return result;
}

describe('MLM file format: no input may crash or hang the parser', () => {
  it('the files to be damaged are understood', () => {
    const [everything = '', older = ''] = samples;
    expect(parseFile(Buffer.from(everything), { mode: 'strict' }).diagnostics).toEqual([]);
    const { diagnostics } = parseFile(Buffer.from(older), { mode: 'lenient' });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const found = new Set(diagnostics.map(({ code }) => code));
    for (const code of [
      'L01',
      'L02',
      'L03',
      'L04',
      'L05',
      'L06',
      'L09',
      'L10',
      'L11',
      'L12',
      'L13',
      'L14',
      'L15',
      'L16',
    ])
      expect(found).toContain(code);
  });

  it('damaged files are parsed and printed', () => {
    const seed = Number(
      process.env['MAPLEWOOD_TEST_SEED'] ?? (full ? Math.floor(Math.random() * 2 ** 31) : 7),
    );
    process.stdout.write(`damaged files: seed ${seed}\n`);
    const random = randomNumbers(seed);
    let slowest = 0;
    for (let n = 0; n < (full ? 100_000 : 5_000); n += 1) {
      const file = Buffer.from(
        damaged(samples[n % samples.length]!, random),
        n % 7 === 0 ? 'latin1' : 'utf8',
      );
      const began = process.cpuUsage();
      try {
        const { mlms, diagnostics } = parseFile(file, { mode: n % 3 === 0 ? 'strict' : 'lenient' });
        mlms.map(printMlm);
        for (const { line, column } of diagnostics) if (line < 1 || column < 1) throw new Error('no place');
      } catch (error) {
        throw new Error(`seed ${seed}, file ${n}:\n${file.toString()}`, { cause: error });
      }
      slowest = Math.max(slowest, process.cpuUsage(began).user / 1000);
    }
    expect(slowest).toBeLessThan(1000);
  });

  it('random bytes are parsed', () => {
    const random = randomNumbers(7);
    for (let n = 0; n < 500; n += 1) {
      const bytes = Uint8Array.from({ length: 300 }, () => Math.floor(random() * 256));
      expect(parseFile(bytes, { mode: 'lenient' }).mlms).toBeInstanceOf(Array);
    }
  });
});

const size = full ? 1_000_000 : 100_000;

/** Milliseconds of processor time of the quicker of two runs: others may be busy on the machine. */
function milliseconds(text: string): number {
  const bytes = Buffer.from(text);
  return Math.min(
    ...[1, 2].map(() => {
      const began = process.cpuUsage();
      parseFile(bytes, { mode: 'lenient' });
      return process.cpuUsage(began).user / 1000;
    }),
  );
}

const repeated = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length));

describe('MLM file format: the time is linear in the size', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['opening parentheses', '('],
    ['closing parentheses', ')'],
    ['semicolons', ';'],
    ['semicolons with blanks', '; '],
    ['double semicolons with blanks', ';; '],
    ['quotes', '"'],
    ['quotes on lines', '"\n'],
    ['quotes and semicolons', '";'],
    ['single quotes', "'"],
    ['opening braces', '{'],
    ['opening braces on lines', '{\n'],
    ['closing braces', '}'],
    ['braces', '{}'],
    ['the', 'the '],
    ['one long word', 'the'],
    ['blanks', ' '],
    ['line breaks', '\n'],
    ['openings of comments', '/*'],
    ['slashes', '/'],
    ['colons', ':'],
    ['headings', 'data:\n'],
    ['headings with ends', 'data:;;\n'],
    ['unknown slots', 'a:;;'],
    ['categories', 'knowledge:\n'],
    ['beginnings', 'maintenance:\n'],
    ['operators', '+ a '],
    ['minuses', '- '],
    ['commas', ','],
    ['concatenations', '|| a '],
    ['bars', '||'],
    ['IFs', 'IF a THEN '],
    ['IFs with a statement', 'IF a THEN b := 1;\n'],
    ['ELSEIFs', 'ELSEIF a THEN '],
    ['ENDIFs', 'ENDIF; '],
    ['loops', 'WHILE a DO '],
    ['assignments', 'a := '],
    ['tuples', '(a) := '],
    ['READs', 'READ {x} '],
    ['WITHIN', 'a IS WITHIN '],
    ['SURROUNDING', 'b IS WITHIN 1 DAY SURROUNDING (a '],
    ['functions', 'COUNT '],
    ['counted functions', 'LAST 3 FROM '],
    ['NOT', 'NOT '],
    ['conditions', 'a WHERE ('],
    ['indices', 'a['],
    ['foreign characters', '\u00a7'],
    ['digits', '9'],
    ['LET', 'LET a '],
    ['FOR', 'FOR a IN b DO '],
  ];
  const places: readonly (readonly [string, (text: string) => string])[] = [
    ['alone', (text) => text],
    ['in the logic slot', (text) => mlmText({ logic: `x := ${text}` })],
    ['in the explanation', (text) => mlmText({ explanation: text })],
    ['in a literal', (text) => mlmText({ action: `WRITE "${text}" || {${text}` })],
  ];

  it.each(hostile)('%s', (_, piece) => {
    for (const [, put] of places) {
      const [small, large] = [size / 4, size].map((length) => milliseconds(put(repeated(piece, length))));
      // Four times the text takes four times as long; sixteen times would be quadratic. Short times say nothing.
      expect(large!).toBeLessThan(Math.max(12 * small!, 300));
    }
  });
});
