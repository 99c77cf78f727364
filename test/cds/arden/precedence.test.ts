import { parsedExpression } from './mlm-text.js';

/** Each row: an expression, and its tree as an S-expression. */
type Table = readonly (readonly [expression: string, tree: string])[];

const understands = (table: Table): void => {
  it.each(table)('%s', (expression, tree) => {
    expect(parsedExpression(expression)).toEqual({ tree, wrong: [] });
  });
};

const refuses = (expressions: readonly string[]): void => {
  it.each(expressions)('refuses %s', (expression) => {
    expect(parsedExpression(expression).wrong).toContain('SYNTAX error');
  });
};

describe('Operators, lowest precedence first', () => {
  describe('level 1: the comma goes from left to right, and before one operand makes a list of one element', () => {
    understands([
      ['1, 2, 3', '(join (join 1 2) 3)'],
      [', x', '(single x)'],
      ['(, x), 2', '(join (single x) 2)'],
      ['a, b MERGE c', '(join a (merge b c))'],
      ['a, x WHERE it > 1', '(join a (where x (> IT 1)))'],
    ]);
  });

  describe('level 2: MERGE, SORT by data or time, data being usual', () => {
    understands([
      ['a MERGE b', '(merge a b)'],
      ['SORT x', '(sort data x)'],
      ['SORT DATA x', '(sort data x)'],
      ['SORT TIME x', '(sort time x)'],
      ['SORT TIME OF x', '(sort data (time x))'],
      ['SORT a MERGE b', '(sort data (merge a b))'],
      ['a MERGE b WHERE it > 1', '(merge a (where b (> IT 1)))'],
    ]);
  });

  describe('level 3: WHERE is not associative, and IT and THEY are its left operand', () => {
    understands([
      ['x WHERE it > 5', '(where x (> IT 5))'],
      ['x WHERE THEY > 5 AND it < 9', '(where x (and (> IT 5) (< IT 9)))'],
      ['a SEQTO b WHERE it > 1', '(where (seqto a b) (> IT 1))'],
    ]);
    refuses(['x WHERE a WHERE b']);
  });

  describe('level 4: SEQTO', () => {
    understands([
      ['2 SEQTO 4', '(seqto 2 4)'],
      ['a OR b SEQTO c', '(seqto (or a b) c)'],
    ]);
    refuses(['1 SEQTO 2 SEQTO 3']);
  });

  describe('levels 5, 6, 7: OR, AND, NOT', () => {
    understands([
      ['a OR b OR c', '(or (or a b) c)'],
      ['a OR b AND c', '(or a (and b c))'],
      ['a AND b AND c', '(and (and a b) c)'],
      ['NOT a AND b', '(and (not a) b)'],
      ['NOT a = b', '(not (= a b))'],
      ['a AND NOT b OR c', '(or (and a (not b)) c)'],
    ]);
  });

  describe('level 8: comparisons are not associative', () => {
    understands([
      ['a = b', '(= a b)'],
      ['a EQ b', '(= a b)'],
      ['a <> b', '(<> a b)'],
      ['a NE b', '(<> a b)'],
      ['a < b', '(< a b)'],
      ['a LT b', '(< a b)'],
      ['a <= b', '(<= a b)'],
      ['a LE b', '(<= a b)'],
      ['a > b', '(> a b)'],
      ['a GT b', '(> a b)'],
      ['a >= b', '(>= a b)'],
      ['a GE b', '(>= a b)'],
      ['a IN (1, 2)', '(in a (join 1 2))'],
      ['a NOT IN b', '(not (in a b))'],
      ['a IS IN b', '(in a b)'],
      ['a IS NOT IN b', '(not (in a b))'],
      ['s MATCHES PATTERN "a_%"', '(matches pattern s "a_%")'],
      ['a < b || c', '(< a (|| b c))'],
      ['a = b AND c = d', '(and (= a b) (= c d))'],
    ]);
    refuses(['a = b = c', 'a < b < c', 'a IS NULL IS NULL', 'a = b IS NULL']);
  });

  describe('after IS, ARE, WAS and WERE', () => {
    understands([
      ['x IS PRESENT', '(not (is null x))'],
      ['x IS NOT PRESENT', '(is null x)'],
      ['x IS NULL', '(is null x)'],
      ['x ARE NOT NULL', '(not (is null x))'],
      ['x IS BOOLEAN', '(is boolean x)'],
      ['x WAS NUMBER', '(is number x)'],
      ['x IS TIME', '(is time x)'],
      ['x IS TIME OF DAY', '(is time of day x)'],
      ['x IS DAY OF WEEK', '(is day of week x)'],
      ['x IS DURATION', '(is duration x)'],
      ['x IS STRING', '(is string x)'],
      ['x WERE LIST', '(is list x)'],
      ['x IS NOT OBJECT', '(not (is object x))'],
      ['x IS bed_type', '(is bed_type x)'],
      ['x IS EQUAL 5', '(= x 5)'],
      ['x IS LESS THAN 5', '(< x 5)'],
      ['x IS LESS THAN OR EQUAL 5', '(<= x 5)'],
      ['x IS GREATER THAN 5', '(> x 5)'],
      ['x IS NOT GREATER THAN OR EQUAL 5', '(not (>= x 5))'],
      ['t IS BEFORE NOW', '(before t NOW)'],
      ['t IS AFTER NOW', '(after t NOW)'],
      ['t IS AT NOW', '(= t NOW)'],
      ['t IS WITHIN a TO b', '(within t a b)'],
      ['t IS NOT WITHIN a TO b', '(not (within t a b))'],
      ['t IS WITHIN PAST 3 DAYS', '(within t (- NOW (days 3)) NOW)'],
      ['t IS WITHIN 3 DAYS PRECEDING NOW', '(within t (- NOW (days 3)) NOW)'],
      ['t IS WITHIN 3 DAYS FOLLOWING NOW', '(within t NOW (+ NOW (days 3)))'],
      ['t IS WITHIN 3 DAYS SURROUNDING a', '(within t (- a (days 3)) (+ a (days 3)))'],
      ['t IS WITHIN SAME DAY AS NOW', '(within same day t NOW)'],
    ]);
    refuses(['x IS 5', 'x IS LESS 5', 't IS WITHIN 3 DAYS', 't IS NOT']);
  });

  describe('x OCCURRED … means TIME OF x IS …, and NOT may follow IS and OCCURRED', () => {
    understands([
      ['x OCCURRED WITHIN PAST 3 DAYS', '(within (time x) (- NOW (days 3)) NOW)'],
      ['x OCCURS BEFORE NOW', '(before (time x) NOW)'],
      ['x OCCUR AFTER NOW', '(after (time x) NOW)'],
      ['x OCCURRED NOT AFTER NOW', '(not (after (time x) NOW))'],
      ['x OCCURRED EQUAL t', '(= (time x) t)'],
      ['x OCCURRED AT t', '(= (time x) t)'],
      ['x OCCURRED WITHIN SAME DAY AS t', '(within same day (time x) t)'],
      ['x OCCURRED WITHIN 1 WEEK SURROUNDING t', '(within (time x) (- t (weeks 1)) (+ t (weeks 1)))'],
    ]);
    refuses(['x OCCURRED PRESENT', 'x OCCURRED 5']);
  });

  describe('level 9: text', () => {
    understands([
      ['a || b || c', '(|| (|| a b) c)'],
      ['a || b + c', '(|| a (+ b c))'],
      ['a || x FORMATTED WITH "%d"', '(formatted with (|| a x) "%d")'],
      ['TRIM s', '(trim s)'],
      ['TRIM LEFT s', '(trim left s)'],
      ['TRIM RIGHT s || a', '(|| (trim right s) a)'],
      ['FIND a IN STRING s', '(find a s)'],
      ['FIND a IN STRING s STARTING AT 2', '(find a s 2)'],
      ['SUBSTRING 2 CHARACTERS FROM s', '(substring 2 s)'],
      ['SUBSTRING 2 CHARACTERS STARTING AT a - 1 FROM s', '(substring 2 s (- a 1))'],
    ]);
  });

  describe('levels 10 and 11: sums and products go from left to right', () => {
    understands([
      ['a - b - c', '(- (- a b) c)'],
      ['a + b - c', '(- (+ a b) c)'],
      ['a - b * c', '(- a (* b c))'],
      ['a / b / c', '(/ (/ a b) c)'],
      ['a * b / c', '(/ (* a b) c)'],
      ['-a', '(negate a)'],
      ['-a + b', '(+ (negate a) b)'],
      ['-a * b', '(negate (* a b))'],
      ['+5', '5'],
      ['+a', '(negate (negate a))'],
      ['a - 3 DAYS', '(- a (days 3))'],
    ]);
  });

  describe('level 12: a ** b ** c is an error', () => {
    understands([
      ['a ** b', '(** a b)'],
      ['a * b ** c', '(* a (** b c))'],
      ['-a ** 2', '(negate (** a 2))'],
      ['COUNT x ** 2', '(** (count x) 2)'],
    ]);
    refuses(['a ** b ** c']);
  });

  describe('levels 13 and 14: BEFORE, AFTER and FROM with a duration on the left; AGO', () => {
    understands([
      ['3 DAYS BEFORE NOW', '(- NOW (days 3))'],
      ['3 DAYS AFTER t', '(+ t (days 3))'],
      ['3 DAYS FROM t', '(+ t (days 3))'],
      ['3 DAYS AGO', '(- NOW (days 3))'],
      ['3 DAYS BEFORE 2 DAYS AGO', '(- (- NOW (days 2)) (days 3))'],
      ['a ** 2 DAYS AFTER t', '(** a (+ t (days 2)))'],
    ]);
  });

  describe('level 15: units bind more tightly than BEFORE, and looser than prefix functions', () => {
    understands([
      ['COUNT x DAYS AFTER t', '(+ t (days (count x)))'],
      ...(
        [
          ['YEAR', 'years'],
          ['MONTH', 'months'],
          ['WEEK', 'weeks'],
          ['DAY', 'days'],
          ['HOUR', 'hours'],
          ['MINUTE', 'minutes'],
          ['SECOND', 'seconds'],
        ] as const
      ).flatMap(
        ([unit, operator]): Table => [
          [`1 ${unit}`, `(${operator} 1)`],
          [`a ${unit}S`, `(${operator} a)`],
        ],
      ),
      ['(NOW - a) / 1 YEAR', '(/ (- NOW a) (years 1))'],
      ['3 years / 1 month', '(/ (years 3) (months 1))'],
    ]);
    refuses(['3 DAYS DAYS']);
  });

  describe('level 16: prefix functions go from right to left, and OF may follow', () => {
    understands([
      ['COUNT x', '(count x)'],
      ['COUNT OF x', '(count x)'],
      ['COUNT LAST x', '(count (last x))'],
      ['AVERAGE LAST 3 FROM x', '(average (last from 3 x))'],
      ['LAST (3 + a) FROM x', '(last from (+ 3 a) x)'],
      ['LAST LAST 3 FROM x', '(last (last from 3 x))'],
      ['LAST x + 1', '(+ (last x) 1)'],
      ['ABS (-a)', '(abs (negate a))'],
      ['NO x', '(no x)'],
      ['EXISTS x', '(exist x)'],
      ['AVG x', '(average x)'],
      ['MIN x', '(minimum x)'],
      ['MAX 2 FROM x', '(maximum from 2 x)'],
      ['% INCREASE x', '(percent increase x)'],
      ['PERCENT DECREASE OF x', '(percent decrease x)'],
      ['INTERVAL x', '(interval x)'],
      ['TIME x', '(time x)'],
      ['TIME OF x', '(time x)'],
      ['TIME OF DAY OF x', '(time of day of x)'],
      ['DAY OF WEEK OF x', '(extract day of week x)'],
      ['EXTRACT DAY OF x', '(extract day x)'],
      ['EXTRACT DAY OF WEEK OF x', '(extract day of week x)'],
      ['EXTRACT TIME OF DAY x', '(extract time of day x)'],
      ['EXTRACT CHARACTERS s', '(extract characters s)'],
      ['EXTRACT ATTRIBUTE NAMES x', '(extract attribute names x)'],
      ['ATTRIBUTE s FROM x', '(attribute s x)'],
      ['REPLACE YEAR OF t WITH 2000', '(replace year t 2000)'],
      ['NEAREST t FROM x', '(nearest t x)'],
      ['NEAREST (3 DAYS FROM t) FROM x', '(nearest (+ t (days 3)) x)'],
      ['INDEX NEAREST t FROM x', '(index nearest t x)'],
      ['INDEX MINIMUM x', '(index minimum x)'],
      ['INDEX MAX 2 FROM x', '(index maximum from 2 x)'],
      ['INDEX LATEST x', '(index latest x)'],
      ['AT LEAST 2 FROM x', '(at least 2 x)'],
      ['AT MOST 2 ISTRUE FROM x', '(at most 2 x)'],
      ['MAXIMUM x USING EXTRACT HOUR it', '(using maximum x (extract hour IT))'],
      ['MINIMUM 2 FROM x USING ABS OF it', '(using minimum from 2 x (abs IT))'],
      ['SORT x USING it', '(using sort data x IT)'],
      ['SUBLIST 2 ELEMENTS STARTING AT 3 FROM x', '(sublist 2 x 3)'],
      ['ADD 4 TO x', '(add to 4 x)'],
      ['ADD 4 TO x AT 1 + 1', '(add to 4 x (+ 1 1))'],
      ['REMOVE 1 FROM x', '(remove from 1 x)'],
    ]);
    refuses(['COUNT', 'LAST 3 FROM', 'EXTRACT x', 'NEAREST t x', 'INDEX x']);
  });

  describe('levels 17, 18, 19: AS, elements and attributes, atoms', () => {
    understands([
      ['s AS NUMBER', '(as number s)'],
      ['s AS TIME', '(as time s)'],
      ['a AS STRING || s', '(|| (as string a) s)'],
      ['COUNT s AS NUMBER', '(count (as number s))'],
      ['x[1]', '(index x 1)'],
      ['x[a + 1][2]', '(index (index x (+ a 1)) 2)'],
      ['x.part', '(. x part)'],
      ['x.part[1].name_1 AS NUMBER', '(as number (. (index (. x part) 1) name_1))'],
      ['LAST x.part', '(last (. x part))'],
      ['()', '()'],
      ['(((a)))', 'a'],
      ['(a + b) * c', '(* (+ a b) c)'],
      ['NEW bed_type WITH 1, "a"', '(new bed_type 1 "a")'],
      ['NEW bed_type WITH [ward := 1, part := a + b]', '(new bed_type ward=1 part=(+ a b))'],
      ["LOCALIZED 'key'", "LOCALIZED 'key'"],
      ['LOCALIZED \'key\' BY "de"', 'LOCALIZED \'key\' BY "de"'],
      ['FRIDAY', 'FRIDAY'],
      ['TRUE', 'TRUE'],
      ["'a term'", "'a term'"],
    ]);
    refuses(['(a', 'a)', 'x[1', 'x.', 'a b', '(a;)']);
  });

  it('an operator before its operand among tighter ones is understood, and no part of the grammar', () => {
    expect(parsedExpression('a * NOT b')).toEqual({ tree: '(* a (not b))', wrong: ['SYNTAX error'] });
    expect(parsedExpression('2 * -a')).toEqual({ tree: '(* 2 (negate a))', wrong: ['SYNTAX error'] });
  });

  it.each([
    'DEFUZZIFIED x',
    'TRUTH VALUE 0.5',
    'x IS FUZZY',
    'x IS NOT CRISP',
    'x IS TRUTH VALUE',
    'x IS LINGUISTIC VARIABLE',
    'APPLICABILITY OF x',
    'FUZZY SET (0 YEARS, TRUE), (25 YEARS, FALSE)',
    'LINGUISTIC VARIABLE [young, old]',
    '1; IF x = 1 THEN result := 1; ENDIF AGGREGATE',
  ])('fuzzy logic is refused by name, at its place: %s', (expression) => {
    expect(parsedExpression(expression).wrong).toContain('FUZZY error');
  });
});
