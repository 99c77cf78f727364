import { type Table, value } from './text.js';

const reckons = (table: Table): void => {
  it.each(table)('%s = %s', (expression, literal) => {
    expect(value(expression)).toBe(literal);
  });
};

describe('element by element: a single value goes with all elements, lists of one length pair up', () => {
  reckons([
    ['1 + (1, 2)', '(2,3)'],
    ['(1, 2) + 1', '(2,3)'],
    ['(1, 2) + (10, 20)', '(11,22)'],
    ['(1, 2) + (1, 2, 3)', 'NULL'],
    ['5 + ()', '()'],
    ['(1, 2) + ()', 'NULL'],
    ['(1, NULL, 3) > 2', '(FALSE,NULL,TRUE)'],
    ['- (1, 2)', '(-1,-2)'],
    ['NOT (TRUE, FALSE, NULL)', '(FALSE,TRUE,NULL)'],
    ['(1, 2, 3) IS WITHIN 2 TO (2, 3, 4)', '(FALSE,TRUE,TRUE)'],
  ]);
});

describe('SORT and MERGE', () => {
  reckons([
    ['SORT (3, 1, 2)', '(1,2,3)'],
    ['SORT DATA ("b", "a")', '("a","b")'],
    ['SORT (3, 1, NULL)', 'NULL'],
    ['SORT ()', '()'],
    ['SORT TIME (1, 2)', 'NULL'],
    ['(1, 2) MERGE (3, 4)', 'NULL'],
  ]);
  const data = `a := 3; TIME a := 2023-01-02; b := 1; TIME b := 2023-01-01; c := 2; TIME c := 2023-01-03;`;
  it.each([
    ['a MERGE (b, c)', '(1,3,2)'],
    ['SORT TIME (c, a, b)', '(1,3,2)'],
    ['SORT TIME (a, 5)', 'NULL'],
    ['SORT (a, b, c)', '(1,2,3)'],
  ])('%s = %s', (expression, literal) => {
    expect(value(expression, data)).toBe(literal);
  });
});

describe('WHERE keeps elements whose condition is TRUE', () => {
  reckons([
    ['(1, 2, 3, NULL) WHERE IT > 1', '(2,3)'],
    ['(1, 2, 3) WHERE THEY <= 0', '()'],
    ['(7, 8, 9, 10) WHERE (TRUE, FALSE, TRUE, 3)', '(7,9)'],
    ['7 WHERE TRUE', '7'],
    ['7 WHERE FALSE', '()'],
    ['7 WHERE NULL', '()'],
    ['7 WHERE (TRUE, 3, TRUE)', '(7,7)'],
    ['(1, 2) WHERE (TRUE, FALSE, TRUE)', 'NULL'],
    ['COUNT ((1, 2, 3) WHERE IT IS IN (2, 3))', '2'],
    ['(1 SEQTO 3) WHERE IT = MAX ((4, 2) WHERE IT < 4)', '(,2)'],
  ]);
});

describe('SEQTO', () => {
  reckons([
    ['2 SEQTO 4', '(2,3,4)'],
    ['4 SEQTO 2', '()'],
    ['2 SEQTO 2', '(,2)'],
    ['1.5 SEQTO 3', 'NULL'],
    ['-1 SEQTO 1', '(-1,0,1)'],
  ]);
});

describe('three-valued OR, AND, NOT', () => {
  const values = ['TRUE', 'FALSE', 'NULL'] as const;
  const or = { TRUE: 'TRUE TRUE TRUE', FALSE: 'TRUE FALSE NULL', NULL: 'TRUE NULL NULL' };
  const and = { TRUE: 'TRUE FALSE NULL', FALSE: 'FALSE FALSE FALSE', NULL: 'NULL FALSE NULL' };
  reckons(
    values.flatMap((left) =>
      values.flatMap(
        (right, index): Table => [
          [`${left} OR ${right}`, or[left].split(' ')[index] ?? ''],
          [`${left} AND ${right}`, and[left].split(' ')[index] ?? ''],
        ],
      ),
    ),
  );
  reckons([['NOT NULL', 'NULL']]);
});

describe('comparison', () => {
  reckons([
    ['1 = 1.0', 'TRUE'],
    ['1 <> 2', 'TRUE'],
    ['NULL = NULL', 'NULL'],
    ['1 = NULL', 'NULL'],
    ['"a" < "b"', 'TRUE'],
    ['"a" = "A"', 'FALSE'],
    ['"\u{1F600}" > "\uFF21"', 'TRUE'],
    ['TRUE = TRUE', 'TRUE'],
    ['2023-06-30 = 2023-06-30T00:00:00', 'TRUE'],
    ['2023-06-30 < 2023-07-01', 'TRUE'],
    ['5 IS GREATER THAN OR EQUAL 5', 'TRUE'],
    ['5 IS NOT LESS THAN 5', 'TRUE'],
    ['3 IS WITHIN 2 TO 5', 'TRUE'],
    ['5 IS WITHIN 2 TO 5', 'TRUE'],
    ['2 IN (4, 5, 6)', 'FALSE'],
    ['(3, 4) IN (4, 5, 6)', '(FALSE,TRUE)'],
    ['2 IN ()', 'FALSE'],
    ['NULL IN (1/0, 2)', 'TRUE'],
    ['NULL IN (1, 2)', 'FALSE'],
    ['2 NOT IN (4, 5)', 'TRUE'],
  ]);
});

describe('IS', () => {
  reckons([
    ['3 IS NULL', 'FALSE'],
    ['NULL IS NULL', 'TRUE'],
    ['(3, NULL) IS PRESENT', '(TRUE,FALSE)'],
    ['NULL IS NOT PRESENT', 'TRUE'],
    ['(NULL, FALSE, 3) IS BOOLEAN', '(FALSE,TRUE,FALSE)'],
    ['(NULL, FALSE, 3) IS NUMBER', '(FALSE,FALSE,TRUE)'],
    ['(3 days, 2023-01-01, "a") IS DURATION', '(TRUE,FALSE,FALSE)'],
    ['(3 days, 2023-01-01, "a") IS TIME', '(FALSE,TRUE,FALSE)'],
    ['(3 days, 2023-01-01, "a") IS STRING', '(FALSE,FALSE,TRUE)'],
    ['(1, 2) IS LIST', 'TRUE'],
    ['(,1) IS LIST', 'TRUE'],
    ['1 IS LIST', 'FALSE'],
    ['NULL IS LIST', 'FALSE'],
  ]);
});

describe('`x IS PRESENT` = `NOT (x IS NULL)`: never NULL', () => {
  reckons([
    ['NULL IS PRESENT', 'FALSE'],
    ['(1/0) IS PRESENT', 'FALSE'],
    ['0 IS PRESENT', 'TRUE'],
  ]);
});

describe('rendering in `||` and STRING', () => {
  reckons([
    ['NULL || "x"', '"nullx"'],
    ['TRUE || FALSE', '"truefalse"'],
    ['5.0 || ""', '"5"'],
    ['4.70 || ""', '"4.7"'],
    ['1/3 || ""', '"0.3333333333333333"'],
    ['-0 || ""', '"0"'],
    ['3 days || " left"', '"3 days left"'],
    ['1 day || ""', '"1 day"'],
    ['"on " || 1990-03-15T13:45:01', '"on 1990-03-15T13:45:01"'],
    ['"on " || 1990-03-15', '"on 1990-03-15T00:00:00"'],
    ['"at " || 1990-03-15T13:45:01.25', '"at 1990-03-15T13:45:01.25"'],
    ['"list=" || (1, 2, 3)', '"list=(1,2,3)"'],
    ['"" || ()', '"()"'],
    ['"" || (,1)', '"(,1)"'],
    ['"" || ("a", "b")', '"(a,b)"'],
    ['STRING 5', '"5"'],
    ['STRING NULL', '"null"'],
    ['STRING (1, 2)', '"(1,2)"'],
    ['STRING ("a", "bc")', '"abc"'],
    ['STRING REVERSE EXTRACT CHARACTERS "abcde"', '"edcba"'],
  ]);
});

describe('texts', () => {
  reckons([
    ['TRIM "  a b "', '"a b"'],
    ['TRIM LEFT "  a "', '"a "'],
    ['TRIM RIGHT "  a "', '"  a"'],
    ['FIND "e" IN STRING "Example Here"', '7'],
    ['FIND "E" IN STRING "Example Here"', '1'],
    ['FIND "s" IN STRING "Example Here"', '0'],
    ['FIND "e" IN STRING "Example Here" STARTING AT 10', '10'],
    ['FIND "e" IN STRING "Example Here" STARTING AT 99', '0'],
    ['FIND "e" IN STRING "Example Here" STARTING AT 1.5', 'NULL'],
    ['FIND 2 IN STRING "Example"', 'NULL'],
    ['SUBSTRING 2 CHARACTERS FROM "abcdefg"', '"ab"'],
    ['SUBSTRING 100 CHARACTERS FROM "abcdefg"', '"abcdefg"'],
    ['SUBSTRING 3 CHARACTERS STARTING AT 4 FROM "abcdefg"', '"def"'],
    ['SUBSTRING -3 CHARACTERS STARTING AT 4 FROM "abcdefg"', '"bcd"'],
    ['SUBSTRING 2.3 CHARACTERS FROM "abcdefg"', 'NULL'],
    ['SUBSTRING 3 CHARACTERS FROM ("Positive", 2)', '("Pos",NULL)'],
    ['LENGTH OF "Example"', '7'],
    ['LENGTH OF ("Negative", "Pos", 2)', '(8,3,NULL)'],
    ['UPPERCASE "Example"', '"EXAMPLE"'],
    ['LOWERCASE "Example"', '"example"'],
    ['EXTRACT CHARACTERS "abc"', '("a","b","c")'],
    ['REVERSE (1, 2, 3)', '(3,2,1)'],
    ['"fatal heart attack" MATCHES PATTERN "%heart%"', 'TRUE'],
    ['"fatal heart attack" MATCHES PATTERN "heart"', 'FALSE'],
    ['"abnormal values" MATCHES PATTERN "%value_"', 'TRUE'],
    ['"5%" MATCHES PATTERN "_\\%"', 'TRUE'],
    ['"" MATCHES PATTERN "%"', 'TRUE'],
    ['"aab" MATCHES PATTERN "%a_"', 'TRUE'],
    ['5 MATCHES PATTERN "5"', 'NULL'],
  ]);
});

describe('FORMATTED WITH', () => {
  reckons([
    ['(1, 2, 3.3) FORMATTED WITH "%2.2d::%2.2d::%2.2d"', '"01::02::03"'],
    ['10.60528 FORMATTED WITH "The result was %.2f mg"', '"The result was 10.61 mg"'],
    ['1998-01-10T17:25:00 FORMATTED WITH "%.0t"', '"1998"'],
    ['1998-01-10T17:25:00 FORMATTED WITH "%.2t"', '"1998-01-10"'],
    ['("ten", "twenty") FORMATTED WITH "%s, %s or more"', '"ten, twenty or more"'],
    ['(97, 98) FORMATTED WITH "%c%c"', '"ab"'],
    ['1 FORMATTED WITH "%3d%%"', '"  1%"'],
    ['1 FORMATTED WITH "%03d"', '"001"'],
    ['(4, 42) FORMATTED WITH "%0*d"', '"0042"'],
    ['1 FORMATTED WITH "%-+3i|"', '"+1 |"'],
    ['-5.5 FORMATTED WITH "%08.2f"', '"-0005.50"'],
    ['"abc" FORMATTED WITH "%3.2s"', '" ab"'],
    ['8 FORMATTED WITH "%o"', '"10"'],
    ['63 FORMATTED WITH "%x"', '"3f"'],
    ['5.1234 FORMATTED WITH "%.4e"', '"5.1234e+00"'],
    ['0.0001 FORMATTED WITH "%g"', '"0.0001"'],
    ['NULL FORMATTED WITH "%d"', '"null"'],
    ['1 FORMATTED WITH "%d %d"', '"1 null"'],
  ]);
});

describe('arithmetic', () => {
  reckons([
    ['1/0', 'NULL'],
    ['0/0', 'NULL'],
    ['7/2', '3.5'],
    ['2 ** 3', '8'],
    ['(-1) ** 0.5', 'NULL'],
    ['10 ** 400', 'NULL'],
    ['SQRT -1', 'NULL'],
    ['LOG10 1000', '3'],
    ['LOG 0', 'NULL'],
    ['INT 1.9', '1'],
    ['INT -1.5', '-2'],
    ['FLOOR -1.5', '-2'],
    ['CEILING -1.5', '-1'],
    ['TRUNCATE -1.5', '-1'],
    ['ROUND 0.5', '1'],
    ['ROUND -2.5', '-3'],
    ['ROUND 0.49999999999999994', '0'],
    ['ABS -2', '2'],
    ['COSINE 0', '1'],
    ['2 * 3 days', '6 days'],
    ['6 days / 2', '3 days'],
    ['6 days / 2 days', '3'],
    ['"5.5" AS NUMBER', '5.5'],
    ['"x" AS NUMBER', 'NULL'],
    ['TRUE AS NUMBER', '1'],
    ['5 AS STRING', '"5"'],
    ['"2023-06-30" AS TIME', '2023-06-30T00:00:00'],
  ]);
});

describe('EXTRACT and REPLACE of times', () => {
  reckons([
    ['EXTRACT YEAR 2023-06-30T23:59:58.5', '2023'],
    ['EXTRACT MONTH 2023-06-30', '6'],
    ['EXTRACT DAY 2023-06-30', '30'],
    ['EXTRACT HOUR 2023-06-30T23:59:58', '23'],
    ['EXTRACT MINUTE 2023-06-30T23:59:58', '59'],
    ['EXTRACT SECOND 2023-06-30T23:59:58.5', '58.5'],
    ['REPLACE YEAR OF 2024-02-29 WITH 2023', '2023-02-28T00:00:00'],
    ['REPLACE MONTH OF 2023-05-31 WITH 13', 'NULL'],
    ['REPLACE HOUR OF 2023-05-31T10:20:30 WITH 23', '2023-05-31T23:20:30'],
  ]);
});

describe('calendar-day windows: midnight of NOW by EXTRACT', () => {
  reckons([
    [
      'NOW - (EXTRACT HOUR NOW) HOURS - (EXTRACT MINUTE NOW) MINUTES - (EXTRACT SECOND NOW) SECONDS',
      '2023-06-30T00:00:00',
    ],
  ]);
});

describe('elements of lists', () => {
  reckons([
    ['(10, 20, 30)[2]', '20'],
    ['(10, 20)[5]', 'NULL'],
    ['(10, 20)[1.5]', 'NULL'],
    ['(10, 20, 30)[1, 3]', '(10,30)'],
    ['MINIMUM 2 FROM (11, 14, 13, 12)', '(11,12)'],
    ['MAXIMUM 2 FROM (11, 14, 13, 12)', '(14,13)'],
    ['FIRST 2 FROM (1, 2, 3)', '(1,2)'],
    ['LAST 2 FROM (1, 2, 3)', '(2,3)'],
    ['LAST 5 FROM (1, 2, 3)', '(1,2,3)'],
    ['LAST 0 FROM (1, 2, 3)', '()'],
    ['LAST (-1) FROM (1, 2, 3)', 'NULL'],
    ['INDEX MINIMUM (12, 11, 13)', '2'],
    ['INDEX MAXIMUM (12, 11, 13)', '3'],
    ['INDEX MINIMUM ()', 'NULL'],
    ['INCREASE (1, 4, 2)', '(3,-2)'],
    ['DECREASE (1, 4, 2)', '(-3,2)'],
    ['PERCENT INCREASE (10, 15)', '(,50)'],
    ['% DECREASE (10, 5)', '(,50)'],
    ['INCREASE (,1)', '()'],
    ['INCREASE (2023-01-01, 2023-01-03)', '(,2 days)'],
  ]);
});

describe('with USING the aggregate is of the elements made anew', () => {
  reckons([
    ['SUM (1, 2, 3) USING IT * 2', '12'],
    ['ANY (1, 2, 3) USING (IT > 2)', 'TRUE'],
    ['AT LEAST 2 FROM (TRUE, NULL, TRUE)', 'TRUE'],
    ['AT LEAST 2 FROM (TRUE, NULL, FALSE)', 'NULL'],
    ['AT MOST 1 FROM (TRUE, FALSE, FALSE)', 'TRUE'],
    ['AT MOST 1 FROM (TRUE, TRUE, NULL)', 'FALSE'],
  ]);
});
