import { MaplewoodError } from '../../errors.js';
import { addDays } from '../../warehouse/grain.js';
import type { PlanContext } from './plan.js';

/**
 * The instant at which a local day ends, ISO 8601 in UTC: what was loaded before it was known on that day. Undefined
 * where no day is asked for. Error: `BAD_USER_INPUT` for a day before the first load, which nothing was known on.
 */
export function instantOf(
  asOf: string | undefined,
  { release }: Pick<PlanContext, 'release'>,
): string | undefined {
  if (asOf === undefined) return undefined;
  if (release.firstLoad === null || asOf < release.firstLoad) {
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      `asOf must not lie before ${release.firstLoad ?? 'the first load'}, the first day of which versions are kept.`,
    );
  }
  return midnight(addDays(asOf, 1));
}

const londonHour = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: 'numeric',
  hourCycle: 'h23',
});

/** The instant at which a local day begins, ISO 8601 in UTC. Clocks never change at midnight in Europe/London. */
export function midnight(day: string): string {
  const utc = new Date(`${day}T00:00:00Z`);
  const ahead = Number(londonHour.format(utc));
  return new Date(utc.getTime() - ahead * 3_600_000).toISOString().replace('.000Z', 'Z');
}
