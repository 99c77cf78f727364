import { CdsRule } from '../schema/cds-rules.js';
import { datasets } from '../schema/datasets.js';
import { datasetOf } from '../schema/declare/dataset.js';

/** Rules tell how they were tested, which is no part of a release. */
const toldByState: ReadonlySet<string> = new Set([datasetOf(CdsRule).key]);

/**
 * Root fields whose answer hangs on nothing but the question, the grant, the release and the declarations of the build.
 * Rows of people are not among them, nor what tells who asks or what people did.
 */
const kept: ReadonlySet<string> = new Set([
  '__typename',
  '__schema',
  '__type',
  'release',
  'datasets',
  'explainAccess',
  'lineage',
  'bedForecast',
  ...datasets
    .filter((one) => one.kind === 'measure' || !one.people)
    .map(({ key }) => key)
    .filter((key) => !toldByState.has(key)),
]);

/** Whether an answer may be given again to the same question of the same grant, until the next release. */
export const mayBeKept = (rootFields: Iterable<string>): boolean =>
  [...rootFields].every((name) => kept.has(name));
