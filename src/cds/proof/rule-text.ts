import fc, { type Arbitrary } from 'fast-check';
import { expressionsOf, type Names, type Reads } from './expression-text.js';

/** Text of a rule of the part of the language that is compiled to statements. */
export function ruleText(
  data: readonly string[],
  logic: readonly string[],
  action: readonly string[],
): string {
  return `maintenance: title: t;; mlmname: proof;; arden: Version 2.10;; version: 1;; institution: i;; author: a;; specialist: ;; date: 2025-01-01;; validation: testing;;
library: purpose: p;; explanation: e;; keywords: k;;
knowledge: type: data_driven;;
data:
${data.join('\n')}
;;
evoke: ;;
logic:
${logic.join('\n')}
;;
action:
${action.join('\n')}
;;
urgency: u0;;
resources: default: en;; language: en ;; end:
`;
}

const facts = ['visit', 'stay', 'person'] as const;

const typeOfColumn = { n: 'number', x: 'number', s: 'string', b: 'boolean', d: 'time', m: 'time' } as const;
type Column = keyof typeof typeOfColumn;

const braces = (fact: string, columns: readonly Column[]): Arbitrary<string> =>
  fc
    .constantFrom(
      ...['', '', ''],
      ...[
        ` where s = 'a'`,
        ' where n > 2',
        ' where n is null',
        ` where s in ('a', 'b')`,
        ' where b is not null',
      ],
    )
    .map((where) => `{${fact}: ${columns.join(', ')}${where}}`);

interface Read {
  readonly text: (before: Reads) => Arbitrary<string>;
  readonly names: Names;
}

const none: Names = { number: [], boolean: [], time: [], string: [], duration: [] };

/** Aggregates of READ by the types of columns that they go with. */
const aggregatesOf = {
  number: [
    'COUNT',
    'EXIST',
    'SUM',
    'AVERAGE',
    'MEDIAN',
    'MINIMUM',
    'MAXIMUM',
    'FIRST',
    'LAST',
    'LATEST',
    'EARLIEST',
  ],
  boolean: ['ANY', 'ALL', 'NO', 'EXIST', 'LAST', 'COUNT'],
  time: ['MINIMUM', 'MAXIMUM', 'LAST', 'FIRST', 'COUNT'],
  string: ['LAST', 'FIRST', 'MINIMUM', 'MAXIMUM', 'EXIST'],
} as const;

const resultOf = (aggregate: string, type: 'number' | 'boolean' | 'time' | 'string'): keyof Names => {
  if (aggregate === 'COUNT') return 'number';
  return ['EXIST', 'ANY', 'ALL', 'NO'].includes(aggregate) ? 'boolean' : type;
};

/** A READ of one value, of a list, of the last n, or of a tuple. */
function readOf(at: number): Arbitrary<Read> {
  const name = `r${at}`;
  const fact = fc.constantFrom(...facts, 'visit' as const);
  const column = fc.constantFrom<Column>('n', 'x', 'n', 's', 'b', 'd', 'm');
  const where = (before: Reads, first: Column): Arbitrary<string> =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant('') },
      {
        weight: 4,
        arbitrary: expressionsOf(before)
          .condition(typeOfColumn[first])
          .map((condition) => ` WHERE ${condition}`),
      },
    );
  const one = fc.tuple(fact, column).chain(([from, of]) =>
    fc.constantFrom(...aggregatesOf[typeOfColumn[of]]).map((aggregate): Read => {
      const type = resultOf(aggregate, typeOfColumn[of]);
      return {
        names: { ...none, [type]: [name] },
        text: (before) =>
          fc
            .tuple(braces(from, [of]), where(before, of))
            .map(([text, condition]) => `${name} := READ ${aggregate} ${text}${condition};`),
      };
    }),
  );
  const tuple = fc
    .tuple(
      fact,
      fc.constantFrom('LAST', 'FIRST'),
      column,
      column.filter((of) => of !== 'm'),
    )
    .map(([from, aggregate, first, second]): Read => {
      const columns = first === second ? [first] : [first, second];
      const names = columns.map((_, place) => `${name}_${place}`);
      const ofType = (type: 'number' | 'boolean' | 'time' | 'string'): string[] =>
        names.filter((_, place) => typeOfColumn[columns[place] ?? 'n'] === type);
      const typed: Names = {
        ...none,
        number: ofType('number'),
        boolean: ofType('boolean'),
        time: ofType('time'),
        string: ofType('string'),
      };
      return {
        names: typed,
        text: (before) =>
          fc
            .tuple(braces(from, columns), where(before, first))
            .map(([text, condition]) => `(${names.join(', ')}) := READ ${aggregate} ${text}${condition};`),
      };
    });
  const list = fc
    .tuple(fact, column, fc.constantFrom('', '', 'LAST 3 FROM', 'FIRST 2 FROM'))
    .map(([from, of, taken]): Read => {
      const type = typeOfColumn[of];
      return {
        names: { ...none, lists: { ...noLists, [type]: [name] } },
        text: (before) =>
          fc
            .tuple(braces(from, [of]), where(before, of))
            .map(([text, condition]) => `${name} := READ ${taken} ${text}${condition};`),
      };
    });
  return fc.oneof(one, tuple, list, list);
}

const noLists = { number: [], boolean: [], time: [], string: [] };

/** READs one after another: conditions may speak of those before. */
const readsOf: Arbitrary<{ readonly texts: readonly string[]; readonly reads: Reads }> = fc
  .tuple(readOf(0), readOf(1), readOf(2))
  .chain(([first, second, third]) => {
    const start: Reads = [none];
    return first.text(start).chain((one) =>
      second.text([...start, first.names]).chain((two) =>
        third.text([...start, first.names, second.names]).map((three) => ({
          texts: [one, two, three],
          reads: [...start, first.names, second.names, third.names],
        })),
      ),
    );
  });

/** Variables that the logic assigns, by type; each is assigned before any branch. */
const variables = { number: 'vn', boolean: 'vb', time: 'vt', string: 'vs', duration: 'vd' } as const;
type Variable = keyof typeof variables;

const known: Names = {
  ...none,
  number: ['vn'],
  boolean: ['vb'],
  time: ['vt'],
  string: ['vs'],
  duration: ['vd'],
};

function statements(reads: Reads, depth: number): Arbitrary<string[]> {
  const e = expressionsOf(reads, 1);
  const assign = (type: Variable): Arbitrary<string[]> =>
    e[type].map((value) => [`${variables[type]} := ${value};`]);
  const simple = fc.oneof(
    { weight: 3, arbitrary: assign('number') },
    { weight: 2, arbitrary: assign('boolean') },
    assign('string'),
    assign('duration'),
    { weight: 1, arbitrary: e.boolean.map((value) => [`CONCLUDE ${value};`]) },
    fc.constant(['CONCLUDE NULL;']),
    fc.constant(['CONCLUDE TRUE;']),
  );
  const body =
    depth === 0
      ? simple
      : fc.oneof({ weight: 3, arbitrary: simple }, { weight: 2, arbitrary: branch(reads, depth - 1) });
  return fc.array(body, { minLength: 1, maxLength: 2 }).map((all) => all.flat());
}

function branch(reads: Reads, depth: number): Arbitrary<string[]> {
  const e = expressionsOf(reads);
  const inner = statements(reads, depth);
  const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  return fc
    .tuple(e.boolean, inner, fc.option(fc.tuple(e.boolean, inner)), fc.option(inner))
    .map(([condition, then, second, otherwise]) => [
      `IF ${condition} THEN`,
      ...indented(then),
      ...(second ? [`ELSEIF ${second[0]} THEN`, ...indented(second[1])] : []),
      ...(otherwise ? ['ELSE', ...indented(otherwise)] : []),
      'ENDIF;',
    ]);
}

/** A rule as text. */
export const rules: Arbitrary<string> = readsOf.chain(({ texts, reads }) => {
  const e = expressionsOf(reads, 1);
  const all = [...reads, known];
  const within = expressionsOf(all, 1);
  return fc
    .tuple(
      fc.tuple(e.number, e.boolean, e.time, e.string, e.duration),
      fc.oneof(statements(all, 1), fc.constant([])),
      fc.option(branch(all, 0)),
      expressionsOf(all).boolean,
      fc.array(within.message, { minLength: 1, maxLength: 2 }),
      within.boolean,
      fc.tuple(within.number, within.time, within.boolean),
      within.number,
    )
    .map(([[n, b, t, s, d], logic, more, conclude, messages, guard, [rn, rt, rb], urgency]) =>
      ruleText(
        texts,
        [
          `vn := ${n};`,
          `vb := ${b};`,
          `vt := ${t};`,
          `vs := ${s};`,
          `vd := ${d};`,
          `u0 := ${urgency};`,
          ...(more ?? []),
          ...logic,
          `CONCLUDE ${conclude};`,
        ],
        [
          `IF ${guard} THEN`,
          `  WRITE ${messages[0]};`,
          'ELSE',
          '  WRITE "otherwise";',
          'ENDIF;',
          ...messages.slice(1).map((message) => `WRITE ${message};`),
          `RETURN ${rn}, ${rt}, ${rb};`,
        ],
      ),
    );
});
