import type { MeasureDataset } from '../../schema/declare/dataset.js';
import type { Arguments } from '../../schema/declare/metadata.js';
import { addDays, bucketStart } from '../../warehouse/grain.js';
import type { MeasureQuestion } from '../question.js';

/**
 * The first day of the only year that a question is about. Of a dataset of years grain ALL asks for the cells of one, that
 * of the argument or the last full one of the release, and so does the argument with grain YEAR. Undefined for any other
 * question.
 */
export function yearAsked(
  dataset: MeasureDataset,
  { grain }: MeasureQuestion,
  args: Arguments,
  dataAsOf: string,
): string | undefined {
  if (dataset.year === undefined) return undefined;
  const year = args[dataset.year] ?? null;
  if (grain !== 'ALL' && (grain !== 'YEAR' || year === null)) return undefined;
  return year === null ? lastFullYear(dataAsOf) : `${String(year).padStart(4, '0')}-01-01`;
}

/** First day of the last calendar year that the data cover to its end. */
const lastFullYear = (dataAsOf: string): string =>
  bucketStart('YEAR', addDays(bucketStart('YEAR', addDays(dataAsOf, 1)), -1));
