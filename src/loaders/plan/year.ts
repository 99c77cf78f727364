import type { MeasureDataset } from '../../schema/declare/dataset.js';
import type { Arguments } from '../../schema/declare/metadata.js';
import { addDays, bucketStart } from '../../warehouse/grain.js';
import type { Filter } from '../filter.js';
import type { MeasureQuestion } from '../question.js';

/**
 * The question about a dataset of years: grain ALL asks for the cells of one year, that of the argument or the last full
 * one of the release, and so does the argument with grain YEAR. Any other question as it is.
 */
export function ofOneYear(
  dataset: MeasureDataset,
  question: MeasureQuestion,
  args: Arguments,
  dataAsOf: string,
): MeasureQuestion {
  if (dataset.year === undefined) return question;
  const year = args[dataset.year] ?? null;
  if (question.grain !== 'ALL' && (question.grain !== 'YEAR' || year === null)) return question;
  const first = year === null ? lastFullYear(dataAsOf) : `${year}-01-01`;
  const inYear: Filter = { kind: 'test', column: 'period', op: 'eq', value: first };
  return {
    ...question,
    grain: 'YEAR',
    where: question.where ? { kind: 'and', parts: [question.where, inYear] } : inYear,
  };
}

/** First day of the last calendar year that the data cover to its end. */
const lastFullYear = (dataAsOf: string): string =>
  bucketStart('YEAR', addDays(bucketStart('YEAR', addDays(dataAsOf, 1)), -1));
