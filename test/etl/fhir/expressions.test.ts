import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { instant, londonDay, londonTime, minutesBetween } from '../../../src/etl/fhir/expressions.js';
import { nhsNumberCheck, nhsNumberStatus, validNhsNumber } from '../../../src/etl/fhir/nhs-number.js';
import { quoted } from '../../../src/etl/sql.js';

let value: (sql: string) => Promise<string | null>;
let close: () => void;

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  value = async (sql) => {
    const reader = await connection.runAndReadAll(`select cast((${sql}) as varchar)`);
    return reader.getRowsJS()[0]?.[0] as string | null;
  };
  close = () => {
    connection.closeSync();
    instance.closeSync();
  };
});
afterAll(() => close());

describe('a FHIR dateTime as London time', () => {
  it.each([
    ['1989-10-04T02:25:16-04:00', '1989-10-04 07:25:16'],
    ['2023-01-15T23:30:00-05:00', '2023-01-16 04:30:00'],
    ['2023-07-01T12:00:00Z', '2023-07-01 13:00:00'],
    ['2023-03-26T01:00:00Z', '2023-03-26 02:00:00'],
    ['2011-12-03T17:49:34.210+00:00', '2011-12-03 17:49:34.21'],
    ['2023-07-01T12:00:00', '2023-07-01 12:00:00'],
    ['2023-07-01', '2023-07-01 00:00:00'],
    ['2023-07', null],
    ['2023', null],
    ['2023-02-30T00:00:00Z', null],
    ['yesterday', null],
  ])('%s is %s', async (sent, local) => {
    expect(await value(londonTime(quoted(sent)))).toBe(local);
    expect(await value(londonDay(quoted(sent)))).toBe(local?.slice(0, 10) ?? null);
  });

  it('has the minutes that really passed over a change of the clocks', async () => {
    const between = (start: string, end: string) => value(minutesBetween(quoted(start), quoted(end)));
    expect(await between('2023-03-26T00:30:00Z', '2023-03-26T02:30:00+01:00')).toBe('60');
    expect(await between('2023-10-29T00:30:00+01:00', '2023-10-29T02:30:00+00:00')).toBe('180');
    expect(await between('2023-10-29', '2023-10')).toBeNull();
    expect(await value(instant(quoted('2023-07-01T12:00:00')))).toBe('2023-07-01 11:00:00+00');
  });
});

describe('the check of an NHS number', () => {
  it.each([
    ['9434765919', 'VALID'],
    ['943 476-5919', 'VALID'],
    ['4010232137', 'VALID'],
    ['9990000018', 'VALID'],
    ['9876544322', 'VALID'],
    ['9000000009', 'PALINDROME'],
    ['4000000004', 'PALINDROME'],
    ['9999999999', 'PALINDROME'],
    ['9000000015', 'BAD_CHECK_DIGIT'],
    ['943476591', 'WRONG_LENGTH'],
    ['94347659190', 'WRONG_LENGTH'],
    ['PSEUDO_00562E00FF16CA09', 'WRONG_LENGTH'],
    ['', 'WRONG_LENGTH'],
  ])('%s is %s', async (number, result) => {
    expect(await value(nhsNumberCheck(quoted(number)))).toBe(result);
    expect((await value(validNhsNumber(quoted(number)))) !== null).toBe(result === 'VALID');
  });

  it('finds no check digit for some bases', async () => {
    for (const base of ['123456789', '999000000']) {
      for (let digit = 0; digit < 10; digit += 1)
        expect(await value(nhsNumberCheck(quoted(`${base}${digit}`)))).not.toBe('VALID');
    }
  });

  it('agrees with the definition', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[0-9]{10}$/), async (number) => {
        const sum = [...number].slice(0, 9).reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
        const right = (11 - (sum % 11)) % 11 === Number(number[9]);
        const palindrome = [...number].reverse().join('') === number;
        expect(await value(nhsNumberCheck(quoted(number)))).toBe(
          !right ? 'BAD_CHECK_DIGIT' : palindrome ? 'PALINDROME' : 'VALID',
        );
      }),
      { numRuns: 100 },
    );
  });

  it('gives the verification status: what was sent, unless the check fails', async () => {
    const status = (number: string | null, sent: string) =>
      value(nhsNumberStatus(number === null ? 'cast(null as varchar)' : quoted(number), quoted(sent)));
    expect(await status('9434765919', '01')).toBe('01');
    expect(await status('9434765919', '')).toBe('02');
    expect(await status('9000000015', '01')).toBe('03');
    expect(await status(null, '')).toBe('07');
    expect(await status(null, '08')).toBe('08');
  });
});
