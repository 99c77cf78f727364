import { type Table, value } from './text.js';

const reckons = (table: Table): void => {
  it.each(table)('%s = %s', (expression, literal) => {
    expect(value(expression)).toBe(literal);
  });
};

describe('COUNT counts NULL elements', () => {
  reckons([
    ['COUNT (12, NULL)', '2'],
    ['COUNT ()', '0'],
    ['COUNT NULL', '1'],
    ['COUNT 5', '1'],
  ]);
});

describe('EXIST: at least one element not NULL', () => {
  reckons([
    ['EXIST (NULL, 1)', 'TRUE'],
    ['EXIST (NULL, NULL)', 'FALSE'],
    ['EXIST ()', 'FALSE'],
    ['EXIST NULL', 'FALSE'],
    ['EXISTS 0', 'TRUE'],
  ]);
});

describe('SUM () = 0', () => {
  reckons([
    ['SUM ()', '0'],
    ['SUM (1, 2.5)', '3.5'],
    ['SUM (1 day, 6 days)', '7 days'],
    ['SUM (1 month, 1 day)', '2716146 seconds'],
  ]);
});

describe('AVERAGE, SUM with a NULL or non-number element → NULL', () => {
  reckons([
    ['SUM (1, NULL)', 'NULL'],
    ['SUM (1, "2")', 'NULL'],
    ['SUM (1, 1 day)', 'NULL'],
    ['AVERAGE (1, NULL)', 'NULL'],
    ['AVERAGE (1, TRUE)', 'NULL'],
    ['AVERAGE (12, 13, 17)', '14'],
    ['AVERAGE (2 days, 4 days)', '3 days'],
    ['AVERAGE (1990-03-10T03:10:00, 1990-03-12T03:10:00)', '1990-03-11T03:10:00'],
  ]);
});

describe('AVERAGE MEDIAN MIN MAX FIRST LAST STDDEV VARIANCE of `()` → NULL', () => {
  reckons(
    ['AVERAGE', 'MEDIAN', 'MIN', 'MAX', 'FIRST', 'LAST', 'EARLIEST', 'LATEST', 'STDDEV', 'VARIANCE'].map(
      (aggregate) => [`${aggregate} ()`, 'NULL'],
    ),
  );
});

describe('a NULL element in MIN, MAX, MEDIAN → NULL', () => {
  reckons([
    ['MIN (1, NULL)', 'NULL'],
    ['MAX (NULL, 1)', 'NULL'],
    ['MEDIAN (1, 2, NULL)', 'NULL'],
    ['MIN (3, 1, 2)', '1'],
    ['MAX ("a", "c", "b")', '"c"'],
    ['MIN NULL', 'NULL'],
  ]);
});

describe('STDDEV, VARIANCE: sample, n < 2 → NULL', () => {
  reckons([
    ['VARIANCE (12, 13, 14, 15, 16)', '2.5'],
    ['STDDEV (2, 4)', '1.4142135623730951'],
    ['STDDEV 3', 'NULL'],
    ['VARIANCE (,3)', 'NULL'],
    ['VARIANCE (1, NULL, 2)', 'NULL'],
  ]);
});

describe('MEDIAN of an even number = mean of the middle two', () => {
  reckons([
    ['MEDIAN (12, 17, 13)', '13'],
    ['MEDIAN (0, 5)', '2.5'],
    ['MEDIAN (4, 1, 3, 2)', '2.5'],
    ['MEDIAN (1 hour, 3 days, 4 years)', '3 days'],
  ]);
});

describe('ANY = OR fold, ALL = AND fold, NO = NOT ANY; non-boolean element = NULL', () => {
  reckons([
    ['ANY ()', 'FALSE'],
    ['ALL ()', 'TRUE'],
    ['NO ()', 'TRUE'],
    ['ANY (FALSE, NULL)', 'NULL'],
    ['ANY (NULL, TRUE)', 'TRUE'],
    ['ANY (FALSE, FALSE)', 'FALSE'],
    ['ALL (TRUE, NULL)', 'NULL'],
    ['ALL (FALSE, NULL)', 'FALSE'],
    ['ALL (TRUE, TRUE)', 'TRUE'],
    ['NO (FALSE, NULL)', 'NULL'],
    ['NO (TRUE, NULL)', 'FALSE'],
    ['ANY (3, "red")', 'NULL'],
    ['ALL TRUE', 'TRUE'],
  ]);
});

describe('READ without rows is `()`; READ LAST/FIRST without rows is NULL', () => {
  const facts = { reads: { visits: [] } };
  it.each([
    ['READ {visits}', '()'],
    ['READ LAST {visits}', 'NULL'],
    ['READ FIRST {visits}', 'NULL'],
    ['READ COUNT {visits}', '0'],
    ['READ EXIST {visits}', 'FALSE'],
    ['READ SUM {visits}', '0'],
    ['READ LAST 2 FROM {visits}', '()'],
  ])('%s = %s', (read, literal) => {
    expect(value('x', `x := ${read};`, facts)).toBe(literal);
  });
});

describe('`NOW - t >= 12 MONTHS` compares seconds with 12 × 2,629,746 s', () => {
  // A year of months is 365.2425 days; 365 days back is the same calendar day, yet less.
  reckons([
    ['2023-06-30T23:59:59 - 2022-06-30T23:59:59 >= 12 MONTHS', 'FALSE'],
    ['2023-06-30T23:59:59 - 2022-06-30T18:10:47 >= 12 MONTHS', 'TRUE'],
    ['2022-06-30T23:59:59 <= 2023-06-30T23:59:59 - 12 MONTHS', 'TRUE'],
  ]);
});

describe('number is a double', () => {
  reckons([
    ['5 / 2', '2.5'],
    ['AVERAGE (1, 2)', '1.5'],
    ['0.1 + 0.2', '0.30000000000000004'],
  ]);
});
