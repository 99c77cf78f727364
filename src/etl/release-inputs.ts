import { contracts } from './contracts/index.js';
import type { DataDays } from './gold/calendar.js';
import type { GoldInputs } from './gold/load.js';
import { versionsView } from './gold/versions.js';
import type { OmopInputs } from './omop/build.js';
import type { EtlEffects, EtlOptions } from './options.js';
import { flagBit, type SilverResult } from './silver/load.js';
import { logNames } from './silver/log.js';
import type { CodeLists } from './silver/rules.js';

interface Made {
  readonly options: EtlOptions;
  readonly effects: EtlEffects;
  readonly codeLists: CodeLists;
  /** What became of the rows of each dataset. */
  readonly silver: ReadonlyMap<string, SilverResult>;
  readonly days: DataDays;
  /** Day of the run, `YYYY-MM-DD`. */
  readonly today: string;
  /** File with the numbers of the patients of the release before. */
  readonly knownPatients: string | undefined;
}

/** What the tables of a release are made of, once silver is. */
export function releaseInputs({ options, effects, codeLists, silver, days, today, knownPatients }: Made): {
  readonly gold: GoldInputs;
  readonly omop: OmopInputs | undefined;
} {
  const { marts, gold, referenceDir, anonymity, disclosure, sensitive, key } = options;
  return {
    gold: {
      context: {
        contracts,
        codeLists,
        sensitive,
        dataAsOf: days.dataAsOf,
        rows: (dataset) => logNames(dataset).silver,
        versions: versionsView,
        flagBit: (dataset, rule) => flagBit(silver.get(dataset), rule),
      },
      days,
      marts,
      gold,
      referenceDir,
      anonymity,
      knownPatients,
      pads: key,
      disclosure,
      progress: (step, done, total) => effects.progress('gold', step, done, total),
    },
    omop: options.omop
      ? {
          referenceDir,
          dataAsOf: days.dataAsOf,
          releasedOn: today,
          progress: (table, done, total) => effects.progress('omop', table, done, total),
        }
      : undefined,
  };
}
