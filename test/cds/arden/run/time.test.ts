import fc from 'fast-check';
import {
  add,
  dateOf,
  dayNumber,
  dayOfWeek,
  timeAt,
  timeOfInstant,
} from '../../../../src/cds/arden/run/time.js';

const london = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/** What the clocks of the time zone database show, as if it were UTC. */
function wallByIntl(instant: number): number {
  const parts = new Map(london.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? Number.NaN;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

const utc = Date.parse;
const wall = (text: string): number => utc(`${text}Z`);

describe('engine times are Europe/London wall clock without zone', () => {
  it('shows the wall clock of every instant from 1900 to 2099 as the time zone database does', () => {
    const seconds = fc.integer({ min: utc('1900-01-01Z') / 1000, max: utc('2099-12-31Z') / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        expect(timeOfInstant(second * 1000).wall).toBe(wallByIntl(second * 1000));
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('shows it as the time zone database does around every change of the clock', () => {
    let before = wallByIntl(utc('1915-01-01Z')) - utc('1915-01-01Z');
    let changes = 0;
    for (let instant = utc('1915-01-01Z'); instant < utc('2040-01-01Z'); instant += 86_400_000) {
      const offset = wallByIntl(instant) - instant;
      if (offset === before) continue;
      before = offset;
      changes += 1;
      for (let at = instant - 90_000_000; at <= instant + 3_600_000; at += 1_800_000)
        expect([at, timeOfInstant(at).wall]).toEqual([at, wallByIntl(at)]);
    }
    expect(changes).toBeGreaterThan(240);
  });
});

describe('a computed wall clock stands for the first instant at which the clock is at or past it', () => {
  it.each([
    ['in winter', '2023-01-15T12:00:00', '2023-01-15T12:00:00Z'],
    ['in summer', '2023-07-15T12:00:00', '2023-07-15T11:00:00Z'],
    ['in the hour that is left out: the moment of the change', '2023-03-26T01:30:00', '2023-03-26T01:00:00Z'],
    ['at its end', '2023-03-26T02:00:00', '2023-03-26T01:00:00Z'],
    ['in the hour that comes twice: the first', '2023-10-29T01:30:00', '2023-10-29T00:30:00Z'],
    ['after it', '2023-10-29T02:00:00', '2023-10-29T02:00:00Z'],
    ['in double summer time', '1943-06-01T12:00:00', '1943-06-01T10:00:00Z'],
    ['in the standard time of 1968 to 1971', '1970-01-15T12:00:00', '1970-01-15T11:00:00Z'],
  ])('%s', (_, clock, instant) => {
    expect(timeAt(wall(clock))?.instant).toBe(utc(instant));
  });

  it('is the first instant, for any wall clock', () => {
    const minutes = fc.integer({ min: utc('1916-01-01Z') / 60_000, max: utc('2050-01-01Z') / 60_000 });
    fc.assert(
      fc.property(minutes, (minute) => {
        const clock = minute * 60_000;
        const instant = timeAt(clock)?.instant ?? Number.NaN;
        expect(timeOfInstant(instant).wall).toBeGreaterThanOrEqual(clock);
        // Nothing in the three hours before shows it or later.
        for (let earlier = 1; earlier <= 180; earlier += 1)
          expect(timeOfInstant(instant - earlier * 60_000).wall).toBeLessThan(clock);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('is no time outside of the years 1 to 9999', () => {
    expect(timeAt(wall('9999-12-31T23:59:59'))).toBeDefined();
    expect(timeAt(utc('+010000-01-01T00:00:00Z'))).toBeUndefined();
    expect(timeAt(utc('0000-12-31T00:00:00Z'))).toBeUndefined();
    expect(timeAt(Number.NaN)).toBeUndefined();
  });
});

describe('arithmetic is on wall clocks, comparison on instants', () => {
  const at = (text: string) => timeAt(wall(text)) ?? { wall: Number.NaN, instant: Number.NaN };

  it('adds days over a change of the clock without losing an hour of the clock', () => {
    const later = add(at('2023-03-25T12:00:00'), { unit: 'seconds', amount: 86_400 });
    expect(later).toEqual({ wall: wall('2023-03-26T12:00:00'), instant: utc('2023-03-26T11:00:00Z') });
  });

  it('adds months as the calendar does, whatever the year', () => {
    const anyDay = fc.integer({ min: dayNumber(1900, 1, 1), max: dayNumber(2100, 12, 31) });
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -600, max: 600 }), (days, months) => {
        const start = dateOf(days);
        const moved = add(timeAt(days * 86_400_000) ?? { wall: 0, instant: 0 }, {
          unit: 'months',
          amount: months,
        });
        const end = dateOf(Math.floor((moved?.wall ?? Number.NaN) / 86_400_000));
        expect(end.year * 12 + end.month).toBe(start.year * 12 + start.month + months);
        const last = new Date(Date.UTC(end.year, end.month, 0)).getUTCDate();
        expect(end.day).toBe(Math.min(start.day, last));
      }),
    );
  });

  it('counts days and weekdays as the calendar does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        expect(dateOf(days)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        expect(dayNumber(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(days);
        expect(dayOfWeek(days) % 7).toBe(date.getUTCDay());
      }),
    );
  });
});
