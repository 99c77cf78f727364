import fc, { type Arbitrary } from 'fast-check';

type ListType = 'number' | 'boolean' | 'time' | 'string';

/** Names that an expression may use, by their types. */
export interface Names {
  readonly number: readonly string[];
  readonly boolean: readonly string[];
  readonly time: readonly string[];
  readonly string: readonly string[];
  readonly duration: readonly string[];
  readonly lists?: Readonly<Record<ListType, readonly string[]>>;
}

export type Reads = readonly Names[];

export interface Expressions {
  readonly number: Arbitrary<string>;
  readonly boolean: Arbitrary<string>;
  readonly time: Arbitrary<string>;
  readonly string: Arbitrary<string>;
  readonly duration: Arbitrary<string>;
  /** What WRITE writes. */
  readonly message: Arbitrary<string>;
  /** Condition of a READ on its first column. */
  readonly condition: (type: ListType) => Arbitrary<string>;
}

const unit = fc.constantFrom('DAYS', 'DAYS', 'MONTHS', 'HOURS', 'WEEKS', 'YEARS', 'MINUTES');
const length = fc
  .tuple(fc.constantFrom(0, 1, 1, 2, 3, 7, 12, 30, 31, 60, 90), unit)
  .map(([n, of]) =>
    of === 'YEARS' && n > 7 ? '1 YEARS' : of === 'MONTHS' && n > 31 ? '6 MONTHS' : `${n} ${of}`,
  );
const moment = fc.constantFrom(
  'NOW',
  'NOW',
  '2024-02-29',
  '2024-03-31T01:30:00',
  '2024-03-31T02:00:00',
  '2024-10-27T01:30:00',
  '2024-01-31T00:00:00',
  '2023-06-15',
);
/** Times that rows have to the second. */
const exact = fc.constantFrom(
  'NOW',
  '(NOW - 1 DAYS)',
  '(NOW - 7 DAYS)',
  '(NOW - 30 DAYS)',
  '2024-02-29',
  '2024-01-31',
);
const compared = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
const small = fc.integer({ min: -3, max: 9 }).map((value) => (value < 0 ? `(${value})` : String(value)));
const letter = fc.constantFrom('"a"', '"A"', '"b"', '"ab"', '"é"', '""', '"z"');

const flat = (names: Reads, of: (each: Names) => readonly string[] | undefined): string[] =>
  names.flatMap((each) => of(each) ?? []);

/** One of the names, or what is made without them. */
const nameOr = (names: readonly string[], other: Arbitrary<string>): Arbitrary<string> =>
  names.length === 0
    ? other
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: other });

const pair = (
  one: Arbitrary<string>,
  operator: Arbitrary<string>,
  other: Arbitrary<string>,
): Arbitrary<string> =>
  fc.tuple(one, operator, other).map(([left, between, right]) => `(${left} ${between} ${right})`);

const calls = (names: readonly string[], operand: Arbitrary<string>): Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...names), operand).map(([name, of]) => `(${name} (${of}))`);

/** Typed expressions over the names; every one is set-compilable. */
export function expressionsOf(reads: Reads, depth = 2): Expressions {
  const inner = depth > 0 ? expressionsOf(reads, depth - 1) : undefined;
  const leaf = {
    number: nameOr(
      flat(reads, ({ number }) => number),
      small,
    ),
    boolean: nameOr(
      flat(reads, ({ boolean }) => boolean),
      fc.constantFrom('TRUE', 'FALSE', 'NULL'),
    ),
    time: nameOr(
      flat(reads, ({ time }) => time),
      moment,
    ),
    string: nameOr(
      flat(reads, ({ string }) => string),
      letter,
    ),
    duration: nameOr(
      flat(reads, ({ duration }) => duration),
      length.filter((text) => !/MONTHS|YEARS/.test(text)),
    ),
  };
  const lists = (type: ListType): string[] => flat(reads, (each) => each.lists?.[type]);
  if (!inner)
    return { ...leaf, message: leaf.string, condition: (type) => conditionOf(type, leaf, undefined) };
  const list = (type: ListType): Arbitrary<string> | undefined => {
    const names = lists(type);
    return names.length === 0 ? undefined : listOf(type, fc.constantFrom(...names), inner);
  };
  const over = (type: ListType, make: (of: Arbitrary<string>) => Arbitrary<string>): Arbitrary<string>[] => {
    const found = list(type);
    return found ? [make(found), make(found), make(found)] : [];
  };
  const any = (make: (of: Arbitrary<string>) => Arbitrary<string>): Arbitrary<string>[] =>
    (['number', 'boolean', 'time', 'string'] as const).flatMap((type) => over(type, make).slice(0, 1));
  const number = fc.oneof(
    leaf.number,
    leaf.number,
    pair(inner.number, fc.constantFrom('+', '-', '*', '/'), inner.number),
    calls(['ABS', 'ROUND', 'FLOOR', 'CEILING', 'INT', 'TRUNCATE'], inner.number),
    fc
      .tuple(inner.duration, fc.constantFrom('1 DAY', '1 HOUR', '1 MONTH', '1 YEAR'))
      .map(([d, by]) => `((${d}) / ${by})`),
    calls(['EXTRACT YEAR', 'EXTRACT MONTH', 'EXTRACT DAY'], leaf.time),
    ...any((of) => calls(['COUNT'], of)),
    ...over('number', (of) =>
      calls(['SUM', 'AVERAGE', 'MEDIAN', 'MINIMUM', 'MAXIMUM', 'FIRST', 'LAST', 'LATEST'], of),
    ),
    // Two engines may differ in the last digits of a variance.
    ...over('number', (of) =>
      calls(['VARIANCE', 'STDDEV'], of).map((value) => `((ROUND (${value} * 1000)) / 1000)`),
    ),
    ...over('number', (of) =>
      fc.tuple(of, fc.integer({ min: 1, max: 4 })).map(([text, n]) => `((${text})[${n}])`),
    ),
  );
  const time = fc.oneof(
    leaf.time,
    leaf.time,
    fc.tuple(leaf.time, fc.constantFrom('+', '-'), length).map(([t, sign, d]) => `(${t} ${sign} ${d})`),
    ...['number', 'string', 'boolean', 'time'].flatMap((type) => {
      const names = flat(reads, (each) => each[type as ListType]).filter((name) => name.startsWith('r'));
      return names.length === 0 ? [] : [fc.constantFrom(...names).map((name) => `(TIME OF ${name})`)];
    }),
    ...over('time', (of) => calls(['MINIMUM', 'MAXIMUM', 'LAST', 'FIRST'], of)),
  );
  const duration = fc.oneof(
    leaf.duration,
    pair(leaf.time, fc.constant('-'), leaf.time),
    fc.tuple(leaf.number, fc.constantFrom('DAYS', 'HOURS')).map(([n, of]) => `((${n}) ${of})`),
    pair(inner.duration, fc.constantFrom('+', '-'), inner.duration),
  );
  const boolean = fc.oneof(
    leaf.boolean,
    pair(inner.number, compared, inner.number),
    pair(inner.number, compared, inner.number),
    pair(inner.time, compared, inner.time),
    pair(inner.duration, compared, fc.oneof(inner.duration, length)),
    pair(inner.string, compared, inner.string),
    pair(inner.boolean, fc.constantFrom('AND', 'OR'), inner.boolean),
    pair(inner.boolean, fc.constantFrom('AND', 'OR'), inner.boolean),
    inner.boolean.map((of) => `(NOT (${of}))`),
    fc
      .oneof(inner.number, inner.time, inner.boolean, leaf.string)
      .chain((of) => fc.constantFrom('PRESENT', 'NOT PRESENT', 'NULL').map((what) => `((${of}) IS ${what})`)),
    within(inner.time, inner.time).map((text) => text),
    fc
      .tuple(inner.number, fc.array(small, { minLength: 2, maxLength: 3 }))
      .map(([n, all]) => `((${n}) IN (${all.join(', ')}, NULL))`),
    fc
      .tuple(leaf.string, fc.array(letter, { minLength: 2, maxLength: 3 }))
      .map(([s, all]) => `(${s} IN (${all.join(', ')}))`),
    ...any((of) => calls(['EXIST'], of)),
    ...over('boolean', (of) => calls(['ANY', 'ALL', 'NO'], of)),
    ...over('number', (of) =>
      fc
        .tuple(fc.constantFrom('ANY', 'ALL', 'NO'), of, compared, leaf.number)
        .map(([what, l, by, n]) => `(${what} ((${l}) ${by} ${n}))`),
    ),
    ...over('number', (of) => fc.tuple(leaf.number, of).map(([n, l]) => `(${n} IN (${l}))`)),
  );
  const string = leaf.string;
  const message = fc
    .array(fc.oneof(number, time, duration, boolean, string), { minLength: 1, maxLength: 3 })
    .map((parts) => ['"m"', ...parts.map((part) => `(${part})`)].join(' || " " || '));
  return {
    number,
    time,
    duration,
    boolean,
    string,
    message,
    condition: (type) => conditionOf(type, leaf, inner),
  };
}

/** A list: as it is, some of its elements, or each of them computed with. */
function listOf(type: ListType, name: Arbitrary<string>, inner: Expressions): Arbitrary<string> {
  const computed =
    type === 'number'
      ? [
          fc
            .tuple(name, fc.constantFrom('+', '*', '-'), inner.number)
            .map(([l, by, n]) => `(${l} ${by} (${n}))`),
          name.map((l) => `(ABS ${l})`),
        ]
      : [];
  return fc.oneof(
    name,
    name,
    fc.tuple(name, conditionOf(type, inner, inner)).map(([l, condition]) => `(${l} WHERE ${condition})`),
    fc
      .tuple(name, fc.constantFrom('FIRST', 'LAST'), fc.integer({ min: 0, max: 3 }))
      .map(([l, what, n]) => `(${what} ${n} FROM ${l})`),
    fc
      .tuple(name, conditionOf(type, inner, inner))
      .map(([l, condition]) => `((LAST 2 FROM ${l}) WHERE ${condition})`),
    ...computed,
  );
}

type Leaves = Pick<Expressions, 'number' | 'time' | 'string' | 'boolean'>;

/** A window over a time. */
function within(time: Arbitrary<string>, bound: Arbitrary<string>): Arbitrary<string> {
  return fc.oneof(
    fc.tuple(time, length).map(([t, d]) => `((${t}) IS WITHIN PAST ${d})`),
    fc
      .tuple(time, fc.oneof(exact, bound), fc.oneof(exact, bound))
      .map(([t, a, b]) => `((${t}) IS WITHIN (${a}) TO (${b}))`),
    fc
      .tuple(time, length, fc.constantFrom('PRECEDING', 'FOLLOWING', 'SURROUNDING'), bound)
      .map(([t, d, what, b]) => `((${t}) IS WITHIN ${d} ${what} (${b}))`),
    fc.tuple(time, bound).map(([t, b]) => `((${t}) IS WITHIN SAME DAY AS (${b}))`),
    fc
      .tuple(time, fc.constantFrom('BEFORE', 'AFTER'), fc.oneof(exact, exact, bound))
      .map(([t, what, b]) => `((${t}) IS ${what} (${b}))`),
  );
}

/** A condition on IT. */
function conditionOf(type: ListType, e: Leaves, inner: Expressions | undefined): Arbitrary<string> {
  const time = inner ? fc.oneof(e.time, inner.time) : e.time;
  const occurred = within(fc.constant('TIME OF IT'), time);
  const past = length.map((d) => `(IT OCCURRED WITHIN PAST ${d})`);
  const value: Record<ListType, Arbitrary<string>> = {
    number: fc.tuple(compared, e.number).map(([by, n]) => `(IT ${by} (${n}))`),
    boolean: fc.constantFrom('IT', '(NOT IT)', '(IT = TRUE)'),
    time: fc.oneof(
      within(fc.constant('IT'), time),
      fc.tuple(compared, time).map(([by, t]) => `(IT ${by} (${t}))`),
    ),
    string: fc.oneof(
      fc.tuple(compared, letter).map(([by, s]) => `(IT ${by} ${s})`),
      e.string.map((s) => `(IT = ${s})`),
    ),
  };
  const single = fc.oneof(
    { weight: 3, arbitrary: past },
    { weight: 3, arbitrary: occurred },
    { weight: 3, arbitrary: value[type] },
    { weight: 1, arbitrary: fc.constantFrom('(IT IS NULL)', '(IT IS PRESENT)') },
  );
  return fc.oneof(
    { weight: 3, arbitrary: single },
    {
      weight: 2,
      arbitrary: fc
        .tuple(single, fc.constantFrom('AND', 'OR'), single)
        .map(([a, by, b]) => `(${a} ${by} ${b})`),
    },
    { weight: 1, arbitrary: single.map((a) => `(NOT ${a})`) },
  );
}
