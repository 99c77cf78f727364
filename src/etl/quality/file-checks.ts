import { contracts } from '../contracts/index.js';
import { quoted } from '../sql.js';
import { type Check, check } from './check.js';
import { deliveredTable, history, rereadTable } from './delivered-file.js';
import type { CheckLimits } from './limits.js';

/** Loads that must have been for a file to be unusual, and for a collapse to stop the publish. */
const fewestLoads = 3;
const loadsForCollapse = 5;
/** Checks of delivered files, before their rows are staged: one a dataset and kind, counted in one pass. */
export const fileChecks = (limits: CheckLimits): Check[] => [
  ...[...contracts.values()].flatMap(({ dataset, freshness }) => {
    const own = `dataset = ${quoted(dataset)}`;
    const loaded = `${own} and status = 'loaded'`;
    const files = (
      id: string,
      violated: string,
      described: Pick<Check, 'category' | 'severity' | 'description'>,
      among = loaded,
      told = 'name',
    ): Check =>
      check({
        id: `${dataset}.${id}`,
        subject: dataset,
        level: 'file',
        from: deliveredTable,
        violations: `count(*) filter (${among} and ${violated})`,
        denominator: `count(*) filter (${among})`,
        detail: `string_agg(${told}, '; ' order by name) filter (${among} and ${violated})`,
        touches: [dataset],
        ...described,
      });
    const usual = `${loaded} and loads >= ${fewestLoads} and usual > 0`;
    const collapse = `${loaded} and loads >= ${loadsForCollapse} and usual > 0`;
    const volume = "name || ': ' || cast(rows as bigint) || ' rows, usually ' || cast(usual as bigint)";
    return [
      files(
        'file_readable',
        "status <> 'loaded'",
        {
          category: 'conformance',
          severity: 'warn',
          description: 'files that were quarantined as a whole',
        },
        own,
      ),
      files('file_schema', 'drifted > 0', {
        category: 'conformance',
        severity: 'warn',
        description:
          'files whose columns are not those of the contract: added, missing, renamed, of another type',
      }),
      files('file_rows', 'rows = 0', {
        category: 'completeness',
        severity: 'warn',
        description: 'files without a row',
      }),
      check({
        id: `${dataset}.file_keys`,
        subject: dataset,
        level: 'file',
        category: 'conformance',
        severity: 'warn',
        description: 'surplus rows of a key within one file; the first is kept',
        from: deliveredTable,
        violations: `sum(repeated_keys) filter (${loaded})`,
        denominator: `sum(rows) filter (${loaded})`,
        detail: `string_agg(name || ': ' || cast(repeated_keys as bigint), '; ' order by name) filter (${loaded} and repeated_keys > 0)`,
        touches: [dataset],
      }),
      files(
        'file_volume',
        `(rows > usual * ${limits.volumeFactor} or rows < usual / ${limits.volumeFactor})`,
        {
          category: 'plausibility',
          severity: 'warn',
          description: `files with over ${limits.volumeFactor} times the median rows of the last ${history} loads, or under one over that`,
        },
        usual,
        volume,
      ),
      files(
        'file_volume_collapse',
        `rows < usual * ${limits.volumeCollapsePct / 100}`,
        {
          category: 'plausibility',
          severity: 'error',
          description: `files with under ${limits.volumeCollapsePct} % of the median rows of the last ${history} loads`,
        },
        collapse,
        volume,
      ),
      ...(freshness === undefined
        ? []
        : [
            files(
              'file_freshness',
              `age > ${limits.freshnessDays}`,
              {
                category: 'plausibility',
                severity: 'warn',
                description: `files whose newest ${freshness} lies over ${limits.freshnessDays} days before the day of load`,
              },
              `${loaded} and age is not null`,
              "name || ': ' || cast(age as bigint) || ' days'",
            ),
            files(
              'file_order',
              'behind > 0',
              {
                category: 'plausibility',
                severity: 'warn',
                description: `files whose newest ${freshness} lies before that of a delivery already published`,
              },
              `${loaded} and behind is not null`,
              "name || ': ' || cast(behind as bigint) || ' days'",
            ),
          ]),
    ];
  }),
  check({
    id: 'bronze.content_hash',
    subject: 'bronze',
    level: 'file',
    category: 'conformance',
    severity: 'error',
    description: 'files of bronze whose content is not what was written',
    from: rereadTable,
    violations: 'count(*) filter (not intact)',
    detail: "string_agg('batch ' || batch, '; ' order by batch) filter (not intact)",
    touches: ['all datasets'],
  }),
];
