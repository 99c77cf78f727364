import { MaplewoodError } from '../../errors.js';
import type { ReleaseManifest } from '../../warehouse/duckdb/files.js';
import type { BronzeBatch } from '../bronze.js';
import { contracts } from '../contracts/index.js';
import { fhirDataset } from '../landing.js';
import type { Ledger } from '../ledger.js';
import type { SilverResult } from '../silver/load.js';
import { stops } from './accept.js';
import type { QualityResult } from './check.js';
import type { SourceTotal } from './store.js';

/** FHIR brings its own patients and organisations. */
const isFhir = (batch: BronzeBatch): boolean => batch.dataset === fhirDataset && batch.status === 'loaded';

/** A release needs patients and trusts, or FHIR resources; the first one cannot be made without. */
export function requireDatasets(ledger: Ledger, served: ReleaseManifest | undefined): void {
  if (served || ledger.batches.some(isFhir)) return;
  for (const contract of contracts.values()) {
    if (!contract.requiredForRelease) continue;
    const delivered = ledger.batches.filter((batch) => batch.dataset === contract.dataset);
    if (delivered.some((batch) => batch.status === 'loaded')) continue;
    const refused = delivered.find((batch) => batch.status === 'quarantined');
    throw new MaplewoodError(
      'REQUIRED_DATASET_MISSING',
      refused
        ? `${contract.dataset} is needed for the first release, and its only file ${refused.name} was quarantined: ${refused.reason ?? ''}`
        : `${contract.dataset} is needed for the first release. Deliver ${contract.dataset}/*.csv or .parquet, or FHIR, and run again.`,
    );
  }
}

/**
 * What came of each dataset's rows, over all its files; and of the FHIR resources, if there are any. Datasets that only
 * FHIR fills are named where it has filled them.
 */
export function sourceTotals(
  ledger: Ledger,
  silver: ReadonlyMap<string, SilverResult>,
  fhir: SilverResult['balances'],
): SourceTotal[] {
  const delivered = [...contracts.values()].filter(
    ({ dataset, origin }) => origin !== 'fhir' || (silver.get(dataset)?.balances.length ?? 0) > 0,
  );
  const names = [...delivered.map(({ dataset }) => dataset), ...(fhir.length > 0 ? [fhirDataset] : [])];
  return names.map((name) => {
    const balances = name === fhirDataset ? fhir : (silver.get(name)?.balances ?? []);
    const sum = (pick: (balance: (typeof balances)[number]) => number): number =>
      balances.reduce((total, row) => total + pick(row), 0);
    const batches = ledger.batches.filter((batch) => batch.dataset === name);
    return {
      name,
      rows: sum((row) => row.rows),
      silver: sum((row) => row.silver),
      duplicates: sum((row) => row.duplicates),
      quarantined: sum((row) => row.quarantined),
      files: batches.length,
      last_file: batches.at(-1)?.name ?? null,
    };
  });
}

/** Error `CHECK_FAILED`, which names every check of severity error that failed and was not accepted, and why. */
export function stopOnErrors(quality: readonly QualityResult[]): void {
  const failed = quality.filter((result) => stops(result) && result.accepted_reason === null);
  if (failed.length === 0) return;
  const which = failed
    .map(({ id, status, violated, denominator, description, detail }) =>
      status === 'error'
        ? `${id} (${detail ?? 'the check could not be computed'}: ${description})`
        : `${id} (${violated} of ${denominator}: ${description}${detail === null ? '' : `; ${detail}`})`,
    )
    .join('; ');
  throw new MaplewoodError(
    'CHECK_FAILED',
    `Nothing was published: ${which}. The last release stays served. Correct the delivery and run again, or let it pass with ${failed.map(({ id }) => `--accept ${id}`).join(' ')} --reason TEXT.`,
  );
}

/**
 * What a reader of the report should know of deliveries that are missing or not as declared. `filled`: datasets that
 * FHIR has rows of.
 */
export function warningsOf(
  ledger: Ledger,
  read: readonly BronzeBatch[],
  filled: ReadonlySet<string>,
): string[] {
  const absent = [...contracts.values()]
    .filter(
      ({ dataset, origin }) =>
        origin !== 'fhir' &&
        !filled.has(dataset) &&
        !ledger.batches.some((batch) => batch.dataset === dataset),
    )
    .map(({ dataset }) => dataset);
  return [
    ...absent.map((name) => `no file of ${name} was ever delivered; the dataset is empty`),
    ...read.flatMap((batch) => [
      ...batch.drift
        .filter(({ kind }) => kind === 'added')
        .map(
          ({ column }) =>
            `${batch.name}: column ${column ?? '(name not shown)'} is not declared; it stays in bronze`,
        ),
      ...batch.missingColumns.map((column) => `${batch.name}: column ${column} is missing and taken as null`),
      ...(batch.unreadable > 0
        ? [
            `${batch.name}: ${batch.unreadable} ${batch.unreadable === 1 ? 'row' : 'rows'} could not be read, now in quarantine`,
          ]
        : []),
    ]),
  ];
}
