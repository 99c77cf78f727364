import type { Diagnostics } from './diagnostics.js';
import type { Token } from './token.js';
import { rankText } from './version.js';
import { reservedSince } from './words.js';

/**
 * Words of later versions than the one declared, in lenient mode: where the MLM does not use one as a name of its own, it
 * means what it means since. Each is reported once.
 */
export function admitLaterWords(
  slots: readonly (readonly Token[])[],
  assigned: ReadonlySet<string>,
  version: number,
  diagnostics: Diagnostics,
): void {
  const reported = new Set<string>();
  for (const token of slots.flat()) {
    const since = token.kind === 'name' ? reservedSince.get(token.value) : undefined;
    if (since === undefined || since > 208 || assigned.has(token.value)) continue;
    token.kind = 'word';
    if (reported.has(token.value)) continue;
    reported.add(token.value);
    diagnostics.departure(
      'VERSION',
      token.start,
      `${token.value.toUpperCase()} is a word since version ${rankText(since)}; this MLM is of version ${rankText(version)}`,
    );
  }
}
