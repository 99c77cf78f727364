import type { ArdenVersion } from './syntax.js';

/** The last version of the language that is known. */
export const latestVersion: ArdenVersion = [2, 10];

/** What a file of lenient mode is read as that has no `arden:` slot though it is not of version 1. */
export const undeclaredVersion: ArdenVersion = [2, 5];

/** A number that orders versions: 100 for version 1, 210 for 2.10. */
export const rank = ([major, minor]: ArdenVersion): number => major * 100 + minor;

/** `2.6` of `206`. */
export const rankText = (ranked: number): string =>
  ranked < 200 ? '1' : `${Math.trunc(ranked / 100)}.${ranked % 100}`;

const declared = /^(version\s+)?(\d{1,2})(?:\.(\d{1,2}))?$/i;

/** The version that an `arden:` slot declares, and whether it says so in the form of the standard. */
export function readVersion(text: string): { version: ArdenVersion; wellFormed: boolean } | undefined {
  if (/^ASTM\b/i.test(text)) return { version: [1, 0], wellFormed: false };
  const match = declared.exec(text);
  if (match === null) return undefined;
  const version: ArdenVersion = [Number(match[2]), Number(match[3] ?? 0)];
  const known =
    rank(version) === 100 || (rank(version) >= rank([2, 0]) && rank(version) <= rank(latestVersion));
  return { version: known ? version : latestVersion, wellFormed: known && match[1] !== undefined };
}
