import { defaultSettings } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';

/**
 * The numbers that checks compare with. Each can be set under its name in `checks` of the configuration file; `k` is that
 * by which rows are made.
 */
export interface CheckLimits {
  /** A file is unusual with more than this many times, or less than one over this of, the median rows. */
  readonly volumeFactor: number;
  /** Below this share of the median rows, in percent, a file stops the publish. */
  readonly volumeCollapsePct: number;
  /** Oldest that the newest day of a file may be on the day of load, in days. */
  readonly freshnessDays: number;
  /** A file is quarantined where more of a column's values, in percent, are not of its type. */
  readonly uncastablePct: number;
  /** Population stability index above which a column has drifted; 0.25 is the usual line of a major shift. */
  readonly stabilityIndex: number;
  /** From this many patients on, too many whose rows show nothing stop the publish; fewer patients are warned of. */
  readonly suppressionPatients: number;
  /** Fewest patients who may show the same in rows. */
  readonly k: number;
  /** Check → share of violations in percent up to which it passes. */
  readonly thresholds: ReadonlyMap<string, number>;
}

const named = {
  'volume.factor': 'volumeFactor',
  'volume.collapse_pct': 'volumeCollapsePct',
  'freshness.days': 'freshnessDays',
  'column.uncastable_pct': 'uncastablePct',
  'distribution.stability_index': 'stabilityIndex',
  'suppression.patients': 'suppressionPatients',
} as const satisfies Record<string, keyof CheckLimits>;

export const defaultLimits: CheckLimits = {
  volumeFactor: 3,
  volumeCollapsePct: 10,
  freshnessDays: 45,
  uncastablePct: 50,
  stabilityIndex: 0.25,
  suppressionPatients: 1_000,
  k: defaultSettings.rows.anonymity.k,
  thresholds: new Map(),
};

const isNamed = (name: string): name is keyof typeof named => Object.hasOwn(named, name);

/**
 * Limits from the configuration's `checks`. Error: `CONFIGURATION` for a name that is neither a limit nor a check,
 * since a misspelt limit must not silently be none.
 */
export function checkLimits(
  configured: ReadonlyMap<string, number>,
  checks: ReadonlySet<string>,
  { k }: Pick<CheckLimits, 'k'> = defaultLimits,
): CheckLimits {
  const thresholds = new Map<string, number>();
  const numbers: { -readonly [K in (typeof named)[keyof typeof named]]?: number } = {};
  for (const [name, value] of configured) {
    if (isNamed(name)) numbers[named[name]] = value;
    else if (checks.has(name)) thresholds.set(name, value);
    else
      throw new MaplewoodError(
        'CONFIGURATION',
        `MAPLEWOOD_CONFIG: checks names ${name}, which is no check. Use the id of a check in the run report, or one of ${Object.keys(named).join(', ')}.`,
      );
  }
  return { ...defaultLimits, ...numbers, k, thresholds };
}
