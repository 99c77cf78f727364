import { value } from './text.js';

const data = `
 x := 5; TIME x := 2023-01-01; y := 3; TIME OF y := TIME x;
 z := 2; TIME z := 2023-01-03; w := 5; TIME w := 2023-02-01; n := 1;
 t := TRUE; TIME t := 2023-01-01; u := FALSE; TIME u := 2023-01-01;`;

const timeOf = (table: readonly (readonly [string, string])[]): void => {
  it.each(table)('TIME OF (%s) = %s', (expression, literal) => {
    expect(value(`TIME OF (${expression})`, data)).toBe(literal);
  });
};

const day1 = '2023-01-01T00:00:00';
const day3 = '2023-01-03T00:00:00';

describe('primary time: null unless it comes from READ or `TIME x := …`', () => {
  timeOf([
    ['5', 'NULL'],
    ['n', 'NULL'],
    ['x', day1],
    ['NOW', 'NULL'],
    ['x, n', `(${day1},NULL)`],
    ['TIME OF x', day1],
  ]);
  it('comes from READ', () => {
    const facts = { reads: { visits: [{ value: 1, time: '2023-06-01T10:00:00' }] } };
    expect(value('TIME OF v', 'v := READ LAST {visits};', facts)).toBe('2023-06-01T10:00:00');
  });
  it('can be taken away', () => {
    expect(value('TIME OF x', `${data} TIME x := NULL;`)).toBe('NULL');
  });
  it('can be set for each element of a list', () => {
    expect(value('TIME OF l', 'l := (1, 2); TIME l := (2023-01-01, 2023-01-03);')).toBe(`(${day1},${day3})`);
  });
});

describe('unary operator: primary time kept', () => {
  timeOf([
    ['- x', day1],
    ['NOT t', day1],
    ['SQRT x', day1],
    ['x DAYS', day1],
    ['x IS NULL', day1],
    ['STRING x', day1],
    ['"a" AS NUMBER', 'NULL'],
    ['x IS NUMBER', day1],
  ]);
});

describe('binary operator: primary time kept if both operands have the same, else null', () => {
  timeOf([
    ['x + y', day1],
    ['x + z', 'NULL'],
    ['x + 1', 'NULL'],
    ['x > y', day1],
    ['t AND u', day1],
    ['x || y', day1],
    ['x || z', 'NULL'],
    ['(x, z) + (y, z)', `(${day1},${day3})`],
  ]);
});

describe('COUNT, SLOPE: primary time null', () => {
  timeOf([
    ['COUNT (x, y)', 'NULL'],
    ['SLOPE (x, z)', 'NULL'],
  ]);
});

describe('SUM, AVERAGE, EXIST: primary time kept only if all elements share it', () => {
  timeOf([
    ['SUM (x, y)', day1],
    ['SUM (x, z)', 'NULL'],
    ['AVERAGE (x, y)', day1],
    ['AVERAGE (x, z)', 'NULL'],
    ['EXIST (x, y)', day1],
    ['EXIST (x, z)', 'NULL'],
  ]);
});

describe('MIN, MAX, FIRST, LAST: primary time of the chosen element', () => {
  timeOf([
    ['MIN (x, z)', day3],
    ['MAX (x, z)', day1],
    ['FIRST (x, z)', day1],
    ['LAST (x, z)', day3],
    ['(x, z)[2]', day3],
    ['MEDIAN (x, y, z)', day1],
    ['FIRST (MIN 1 FROM (x, z))', day3],
  ]);
});

describe('MIN and MAX choose the latest of equal elements', () => {
  timeOf([
    ['MAX (w, x)', '2023-02-01T00:00:00'],
    ['MAX (x, w)', '2023-02-01T00:00:00'],
    ['MIN (x, w)', '2023-02-01T00:00:00'],
    ['FIRST (MAX 1 FROM (w, x))', '2023-02-01T00:00:00'],
  ]);
});

describe('EARLIEST and LATEST go by primary time', () => {
  it.each([
    ['EARLIEST (z, x)', '5'],
    ['LATEST (z, x, y)', '2'],
    ['LATEST (x, y)', '3'],
    ['EARLIEST (x, y)', '5'],
    ['LATEST 2 FROM (z, x, w)', '(2,5)'],
    ['INDEX EARLIEST (z, x)', '2'],
    ['INDEX LATEST (z, x)', '1'],
    ['NEAREST 2023-01-20 FROM (x, z, w)', '5'],
    ['INDEX NEAREST 2023-01-20 FROM (x, z, w)', '3'],
    ['INTERVAL (x, z, w)', '(2 days,29 days)'],
    ['SLOPE (x, z)', '-1.5'],
  ])('%s = %s', (expression, literal) => {
    expect(value(expression, data)).toBe(literal);
  });
});

describe('READ results are sorted by primary time, so on them FIRST = EARLIEST and LAST = LATEST', () => {
  const facts = {
    reads: {
      visits: [
        { value: 3, time: '2023-06-03' },
        { value: 1, time: '2023-06-01' },
        { value: 2, time: '2023-06-02' },
      ],
    },
  };
  it.each([
    ['v', '(1,2,3)'],
    ['FIRST v', '1'],
    ['EARLIEST v', '1'],
    ['LAST v', '3'],
    ['LATEST v', '3'],
  ])('%s = %s', (expression, literal) => {
    expect(value(expression, 'v := READ {visits};', facts)).toBe(literal);
  });
});
