import { formatWallClock } from '../../../src/cds/arden/run/format.js';
import { stepsOf } from '../../../src/cds/testing/steps.js';

const days = (from: string, to: string, step: string): string[] => {
  const steps = stepsOf(from, to, step);
  if (typeof steps === 'string') throw new Error(steps);
  return steps.times.map(({ wall }) => formatWallClock(wall));
};

describe('§14: steps of a back-test, NOW = FROM, FROM + STEP … TO', () => {
  it('a day stands for its last second, and both ends are steps', () => {
    expect(days('2023-06-28', '2023-06-30', '1')).toEqual([
      '2023-06-28T23:59:59',
      '2023-06-29T23:59:59',
      '2023-06-30T23:59:59',
    ]);
    expect(days('2023-06-28', '2023-06-29T23:59:58', '1')).toHaveLength(1);
  });

  it('months are counted from FROM, so that the last days of months stay such', () => {
    expect(days('2024-01-31', '2024-04-30', '1m')).toEqual([
      '2024-01-31T23:59:59',
      '2024-02-29T23:59:59',
      '2024-03-31T23:59:59',
      '2024-04-30T23:59:59',
    ]);
  });

  it('steps keep the wall clock over a change of the clock', () => {
    expect(days('2024-03-30T12:00:00', '2024-03-31T12:00:00', '1d')).toEqual([
      '2024-03-30T12:00:00',
      '2024-03-31T12:00:00',
    ]);
  });

  it.each([
    ['7', '7 days'],
    ['1d', '1 day'],
    ['2 weeks', '2 weeks'],
    ['1 Month', '1 month'],
    ['1y', '1 year'],
  ])('%s is a step of %s', (given, step) => {
    expect(stepsOf('2023-01-01', '2023-06-30', given)).toMatchObject({ step });
  });

  it.each([
    ['2023-06-30', '2023-06-29', '1'],
    ['June', '2023-06-29', '1'],
    ['2023-06-30', '2023-06-31', '1'],
    ['2023-06-30', '2023-06-30', '0'],
    ['2023-06-30', '2023-06-30', '-1'],
    ['2023-06-30', '2023-06-30', '1 hour'],
    ['2000-01-01', '2023-06-30', '1'],
  ])('%s to %s by %s is refused in words', (from, to, step) => {
    expect(stepsOf(from, to, step)).toEqual(expect.any(String));
  });
});
