import fc from 'fast-check';
import { parseLiteral, printLiteral } from '../../../../src/cds/arden/run/literal.js';
import { timeAt, timeOfInstant } from '../../../../src/cds/arden/run/time.js';
import { list } from '../../../../src/cds/arden/run/values.js';
import type { Item } from '../../../../src/cds/arden/value.js';

const untimed = { primaryTime: null };

/** Single values that have a literal. */
export const anyItem: fc.Arbitrary<Item> = fc.oneof(
  fc.constant<Item>({ type: 'null', ...untimed }),
  fc.boolean().map((value): Item => ({ type: 'boolean', value, ...untimed })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value): Item => ({ type: 'number', value: value === 0 ? 0 : value, ...untimed })),
  fc.string({ unit: 'grapheme' }).map((value): Item => ({ type: 'string', value, ...untimed })),
  fc
    .integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })
    .map((instant): Item => ({ type: 'time', value: timeOfInstant(instant), ...untimed })),
  fc.integer({ min: 0, max: 86_399_999 }).map((value): Item => ({ type: 'time of day', value, ...untimed })),
  fc.integer({ min: 1, max: 7 }).map((value): Item => ({ type: 'day of week', value, ...untimed })),
  fc
    .tuple(fc.constantFrom('months' as const, 'seconds' as const), fc.integer({ min: -1e9, max: 1e9 }))
    .map(([unit, amount]): Item => ({ type: 'duration', value: { unit, amount: amount || 1 }, ...untimed })),
);

describe('values are printed and read as Arden literals', () => {
  it.each([
    'TRUE',
    'FALSE',
    'NULL',
    '5',
    '-2.5',
    '"text"',
    '"with ""quotes"""',
    '"a,b)"',
    '2023-06-30T23:59:59',
    '2023-06-30T23:59:59.25',
    '2 days',
    '1 day',
    '13 months',
    '10:30:00',
    'MONDAY',
    "'term'",
    '(1,2)',
    '(1,"a,b",NULL)',
    '(,1)',
    '(,"x")',
    '()',
  ])('%s', (literal) => {
    const value = parseLiteral(literal);
    expect(value && printLiteral(value)).toBe(literal);
  });

  it.each([
    [' true ', 'TRUE'],
    ['null', 'NULL'],
    ['5.0', '5'],
    ['.5', '0.5'],
    ['2023-06-30', '2023-06-30T00:00:00'],
    ['2023-06-30T23:59', '2023-06-30T23:59:00'],
    ['2023-06-30T22:59:59Z', '2023-06-30T23:59:59'],
    ['2023-06-30T22:59:59-0000', '2023-06-30T23:59:59'],
    ['2023-06-30T22:59:59+01:00', '2023-06-30T22:59:59'],
    ['2 WEEKS', '14 days'],
    ['1 YEAR', '1 year'],
    ['( 1 , 2 )', '(1,2)'],
    ['( )', '()'],
    ['(5)', '5'],
  ])('reads %s', (text, literal) => {
    const value = parseLiteral(text);
    expect(value && printLiteral(value)).toBe(literal);
  });

  it.each([
    '',
    'text',
    '"open',
    'two days',
    '2023-13-01',
    '2023-02-29',
    '2023-06-30T24:00',
    '1,2',
    '(1,2',
    '(1,,2)',
    '(,)',
    '2 dayz',
    '2 constructor',
    '1e999',
  ])('does not read %s', (text) => {
    expect(parseLiteral(text)).toBeUndefined();
  });

  it('reads again what it prints', () => {
    fc.assert(
      fc.property(fc.oneof(anyItem, fc.array(anyItem).map(list)), (value) => {
        expect(parseLiteral(printLiteral(value))).toEqual(value);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  it('tells the instants of the hour that comes twice apart', () => {
    const second = timeOfInstant(Date.parse('2023-10-29T01:30:00Z'));
    expect(timeAt(second.wall)).not.toEqual(second);
    expect(printLiteral({ type: 'time', value: second, ...untimed })).toBe('2023-10-29T01:30:00Z');
  });
});
