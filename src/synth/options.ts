import { MaplewoodError } from '../errors.js';

type SynthFormat = 'parquet' | 'csv' | 'csv.gz';

export interface SynthOptions {
  /** Folder that receives one sub-folder a dataset, and `faults.json`. */
  out: string;
  /** Registered patients, 1 … 100,000,000. */
  patients: number;
  seed: number;
  /** Length of the observed period in years, 1 … 10. */
  years: number;
  /** 0 = a faultless delivery, 0.15 = about as faulty as a poor real one, 1 = every probability at its cap. */
  faultRate: number;
  /** Folder of the code lists (`reference/`). */
  referenceDir: string;
  /** First day of the observed period, ISO. */
  start?: string;
  format?: SynthFormat;
  /** Also FHIR Observations: the vital signs of some people in hospital. */
  observations?: boolean;
}

/** Checked options with everything that follows from them. */
export interface SynthPlan {
  readonly out: string;
  readonly patients: number;
  readonly seed: number;
  readonly years: number;
  readonly faultRate: number;
  /** Multiplier of every fault probability; the probabilities are stated for a rate of 0.15. */
  readonly faultScale: number;
  readonly referenceDir: string;
  readonly start: string;
  /** Last observed day, inclusive. */
  readonly end: string;
  readonly format: SynthFormat;
  readonly observations: boolean;
  readonly trusts: number;
  readonly practices: number;
  /** Digits of the number in a patient id, so that ids sort as text. */
  readonly idDigits: number;
}

const referenceFaultRate = 0.15;

/** A trust for about 5,000 people, so that it is no cottage hospital; above 100,000 one for 25,000. */
const trustsFor = (patients: number): number =>
  patients <= 100_000
    ? Math.min(10, Math.max(3, Math.round(patients / 5_000)))
    : Math.min(200, 10 + Math.ceil((patients - 100_000) / 25_000));

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new MaplewoodError('USAGE', `--${name} must be a whole number from ${least} to ${most}.`);
  }
}

function isoDay(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(text) ||
    Number.isNaN(day.getTime()) ||
    !day.toISOString().startsWith(text)
  ) {
    throw new MaplewoodError('USAGE', '--start must be a calendar day such as 2024-01-01.');
  }
  if (text < '1995-01-01' || text > '2100-01-01') {
    throw new MaplewoodError('USAGE', '--start must lie between 1995-01-01 and 2100-01-01.');
  }
  return day;
}

/** The last day of a period of whole years: 2024-01-01 and 2 years give 2025-12-31. */
function lastDay(start: Date, years: number): string {
  const day = new Date(start);
  day.setUTCFullYear(day.getUTCFullYear() + years);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

/**
 * Ten trusts serve up to 100,000 patients; beyond, one more per 25,000, so that a trust keeps a bed base of
 * a plausible size. Practices grow with the square root, between lists of 200 and 8,000 patients.
 */
export function planSynthesis(options: SynthOptions): SynthPlan {
  requireInteger('patients', options.patients, 1, 100_000_000);
  requireInteger('years', options.years, 1, 10);
  requireInteger('seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  if (!(options.faultRate >= 0 && options.faultRate <= 1)) {
    throw new MaplewoodError('USAGE', '--fault-rate must be a number from 0 to 1.');
  }
  const format = options.format ?? 'parquet';
  if (!['parquet', 'csv', 'csv.gz'].includes(format)) {
    throw new MaplewoodError('USAGE', '--format must be parquet, csv or csv.gz.');
  }
  if (options.out === '') throw new MaplewoodError('USAGE', 'out must name a folder.');
  const { patients } = options;
  const start = options.start ?? '2024-01-01';
  return {
    out: options.out,
    patients,
    seed: options.seed,
    years: options.years,
    faultRate: options.faultRate,
    faultScale: options.faultRate / referenceFaultRate,
    referenceDir: options.referenceDir,
    start,
    end: lastDay(isoDay(start), options.years),
    format,
    observations: options.observations ?? false,
    trusts: trustsFor(patients),
    practices: Math.max(20, Math.round(Math.sqrt(patients) / 2), Math.ceil(patients / 8000)),
    idDigits: Math.max(6, String(patients - 1).length),
  };
}
