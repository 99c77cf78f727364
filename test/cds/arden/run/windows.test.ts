import { value } from './text.js';

const visits = (...times: string[]) => ({
  reads: { visits: times.map((time, index) => ({ value: index + 1, time })) },
});

/** The visits, numbered from 1, that a condition keeps. */
const kept = (condition: string, times: string[], data = ''): string =>
  value('v', `${data} v := READ {visits} WHERE ${condition};`, visits(...times));

describe('WITHIN PAST d: [NOW−d, NOW], closed at both ends', () => {
  it('has both ends, and nothing before', () => {
    const times = ['2023-06-27T23:59:58', '2023-06-27T23:59:59', '2023-06-30T23:59:59'];
    expect(kept('IT OCCURRED WITHIN PAST 3 DAYS', times)).toBe('(2,3)');
  });
  it('goes back by the calendar where the duration is in months', () => {
    const times = ['2023-05-30T23:59:58', '2023-05-30T23:59:59'];
    expect(kept('THEY OCCURRED WITHIN PAST 1 MONTH', times)).toBe('(,2)');
  });
  it('loses the day D−30 with NOW at 23:59:59, which a window from midnight has', () => {
    const today =
      'today := NOW - (EXTRACT HOUR NOW) HOURS - (EXTRACT MINUTE NOW) MINUTES - (EXTRACT SECOND NOW) SECONDS;';
    const times = ['2023-05-30', '2023-05-31', '2023-06-01'];
    expect(kept('IT OCCURRED WITHIN PAST 30 DAYS', times)).toBe('(,3)');
    expect(kept('IT OCCURRED WITHIN (today - 30 DAYS) TO NOW', times, today)).toBe('(2,3)');
  });
});

describe('WITHIN a TO b: closed at both ends', () => {
  it('has both ends', () => {
    const times = ['2023-06-01', '2023-06-02', '2023-06-04', '2023-06-04T00:00:01'];
    expect(kept('IT OCCURRED WITHIN 2023-06-02 TO 2023-06-04', times)).toBe('(2,3)');
    expect(kept('IT OCCURRED NOT WITHIN 2023-06-02 TO 2023-06-04', times)).toBe('(1,4)');
  });
});

describe('WITHIN d PRECEDING / FOLLOWING / SURROUNDING t: [t−d, t] / [t, t+d] / [t−d, t+d]', () => {
  const times = ['2023-06-07', '2023-06-08', '2023-06-10', '2023-06-12', '2023-06-13'];
  it.each([
    ['PRECEDING', '(2,3)'],
    ['FOLLOWING', '(3,4)'],
    ['SURROUNDING', '(2,3,4)'],
  ])('%s', (word, literal) => {
    expect(kept(`IT OCCURRED WITHIN 2 DAYS ${word} 2023-06-10`, times)).toBe(literal);
  });
});

describe('WITHIN SAME DAY AS t: same calendar day', () => {
  it('is of the wall clock', () => {
    const times = ['2023-06-09T23:59:59', '2023-06-10T00:00:00', '2023-06-10T23:59:59', '2023-06-11'];
    expect(kept('IT OCCURRED WITHIN SAME DAY AS 2023-06-10T12:00:00', times)).toBe('(2,3)');
    expect(kept('IT OCCURRED WITHIN SAME DAY AS 2023-06-10', ['2023-06-09T23:30:00Z'])).toBe('(,1)');
  });
});

describe('BEFORE, AFTER: strict; EQUAL, AT: equality', () => {
  const times = ['2023-06-09', '2023-06-10', '2023-06-11'];
  it.each([
    ['BEFORE', '(,1)'],
    ['AFTER', '(,3)'],
    ['EQUAL', '(,2)'],
    ['AT', '(,2)'],
    ['NOT BEFORE', '(2,3)'],
  ])('%s', (word, literal) => {
    expect(kept(`IT OCCURRED ${word} 2023-06-10`, times)).toBe(literal);
  });
});

describe('`x OCCURRED op` = `TIME OF x IS op`; NOT may follow IS and OCCURRED', () => {
  const data = 'x := 1; TIME x := 2023-06-10;';
  it.each([
    ['x OCCURRED BEFORE NOW', 'TRUE'],
    ['TIME OF x IS BEFORE NOW', 'TRUE'],
    ['x OCCURRED NOT BEFORE NOW', 'FALSE'],
    ['TIME OF x IS NOT BEFORE NOW', 'FALSE'],
    ['x OCCURRED WITHIN PAST 1 YEAR', 'TRUE'],
    ['5 OCCURRED WITHIN PAST 1 YEAR', 'NULL'],
  ])('%s = %s', (expression, literal) => {
    expect(value(expression, data)).toBe(literal);
  });
});

describe('`d AGO`, `d BEFORE t`, `d AFTER t`, `d FROM t`: NOW − d, t − d, t + d, t + d', () => {
  it.each([
    ['3 DAYS AGO', '2023-06-27T23:59:59'],
    ['1 MONTH AGO', '2023-05-30T23:59:59'],
    ['3 DAYS BEFORE 2023-06-10', '2023-06-07T00:00:00'],
    ['3 DAYS AFTER 2023-06-10', '2023-06-13T00:00:00'],
    ['3 DAYS FROM 2023-06-10', '2023-06-13T00:00:00'],
    ['COUNT (1, 2) DAYS AFTER 2023-06-10', '2023-06-12T00:00:00'],
  ])('%s = %s', (expression, literal) => {
    expect(value(expression)).toBe(literal);
  });
});

describe('NOW is constant during one run; EVENTTIME is when the evoking event happened', () => {
  it('has the times of the host', () => {
    const facts = { event: 'admission', eventTime: '2023-06-30T08:00:00' };
    expect(value('NOW', '', facts)).toBe('2023-06-30T23:59:59');
    expect(value('EVENTTIME', '', facts)).toBe('2023-06-30T08:00:00');
    expect(value('TRIGGERTIME', '', facts)).toBe('2023-06-30T08:00:00');
    expect(value('EVENTTIME')).toBe('NULL');
  });
});

describe('times are compared and ordered by their instants', () => {
  it('knows the two 01:30 of the day on which the clock goes back apart', () => {
    const first = '2023-10-29T00:30:00Z';
    const second = '2023-10-29T01:30:00Z';
    const facts = { now: '2023-12-31', ...visits(second, first) };
    expect(value('v', 'v := READ {visits};', facts)).toBe('(2,1)');
    expect(value('TIME OF FIRST v = TIME OF LAST v', 'v := READ {visits};', facts)).toBe('FALSE');
    expect(value('TIME OF LAST v - TIME OF FIRST v', 'v := READ {visits};', facts)).toBe('0 seconds');
  });
});

describe('a row later than NOW is not seen', () => {
  it('has no look-ahead', () => {
    const facts = visits('2023-06-30T23:59:59', '2023-07-01');
    expect(value('v', 'v := READ {visits};', facts)).toBe('(,1)');
  });
});
