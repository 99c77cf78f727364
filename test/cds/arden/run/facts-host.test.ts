import { factsHost } from '../../../../src/cds/arden/run/facts-host.js';
import { timeAt } from '../../../../src/cds/arden/run/time.js';
import { now } from './text.js';

describe('a file of facts', () => {
  it('names reads by the text between the braces, trimmed, white space collapsed', () => {
    const host = factsHost({ now, reads: { ' spell:  ward ': [{ value: '"A"' }] } });
    expect(host.rows('spell:\n ward')).toEqual([
      { time: null, values: [expect.objectContaining({ value: 'A' })] },
    ]);
    expect(host.rows('spell')).toBeUndefined();
  });

  it('has several columns as an array, and values of JSON as well as literals', () => {
    const host = factsHost({
      now,
      reads: { a: [{ value: ['"x"', 5, true, null, '2 days'], time: '2023-01-01' }] },
    });
    expect(host.rows('a')?.[0]?.values.map(({ type }) => type)).toEqual([
      'string',
      'number',
      'boolean',
      'null',
      'duration',
    ]);
  });

  it('orders rows by time, those of one time as they stand', () => {
    const row = (value: number, time: string | null) => ({ value, time });
    const reads = { a: [row(1, '2023-02-01'), row(2, '2023-01-01'), row(3, '2023-02-01'), row(4, null)] };
    const values = factsHost({ now, reads })
      .rows('a')
      ?.map(({ values: [first] }) => first);
    expect(values).toMatchObject([{ value: 4 }, { value: 2 }, { value: 1 }, { value: 3 }]);
  });

  it('can be given another NOW and another event', () => {
    const time = timeAt(Date.UTC(2020, 0, 1));
    const host = factsHost({ now, event: 'a' }, { ...(time ? { now: time } : {}), event: 'b' });
    expect([host.now, host.event?.name]).toEqual([time, 'b']);
  });

  it.each([
    ['no object', [], 'the file must be an object'],
    ['no now', {}, '"now" is missing'],
    ['no time', { now: 'today' }, '"now" must be an ISO time'],
    ['an unknown key', { now, read: {} }, '"read" is not known'],
    [
      'a text without quotes',
      { now, reads: { a: [{ value: 'Chest pain' }] } },
      'is no literal. A text needs quotes',
    ],
    ['a list in a column', { now, reads: { a: [{ value: '(1,2)' }] } }, 'a list as the value of a column'],
    ['rows that are no array', { now, reads: { a: {} } }, 'must be an array'],
    ['a bad time of a row', { now, reads: { a: [{ value: 1, time: '1' }] } }, 'must be an ISO time'],
  ])('says what is wrong: %s', (_, json, problem) => {
    expect(() => factsHost(json)).toThrow(problem);
  });
});
