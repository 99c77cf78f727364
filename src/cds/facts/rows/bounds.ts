import type { RawBuilder } from 'kysely';
import { bind } from '../../../warehouse/value.js';
import type { Time } from '../../arden/value.js';

/** The calendar day of a time, YYYY-MM-DD, and its instant in UTC in whole seconds, as gold has them. */
export const dayText = ({ wall }: Time): string => new Date(wall).toISOString().slice(0, 10);
export const instantText = ({ instant }: Time): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

/**
 * A time as the bound that a stored time is compared with by `<=`: a day stands for 00:00 of it, and instants are stored
 * in whole seconds, so that nothing lies between the bound and the time.
 */
export const upperBound = (stored: 'date' | 'instant', time: Time): RawBuilder<unknown> =>
  stored === 'date' ? bind({ kind: 'date' }, dayText(time)) : bind({ kind: 'instant' }, instantText(time));
