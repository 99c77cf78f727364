import type { Mlm } from '../arden/syntax.js';

const slotOf = ({ slots }: Mlm, name: string): string =>
  slots.find((slot) => slot.name === name)?.text.replaceAll(/\s+/g, ' ') ?? '';

/** The version that a rule gives itself. */
export const versionOf = (mlm: Mlm): string => slotOf(mlm, 'version');

export const titleOf = (mlm: Mlm): string => slotOf(mlm, 'title');

export const purposeOf = (mlm: Mlm): string => slotOf(mlm, 'purpose');
