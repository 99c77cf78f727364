import { CdsCounts } from '../../src/schema/cds-counts.js';
import { datasetOf, declareDataset } from '../../src/schema/declare/dataset.js';

it('members of a dimension that does not split every cell cannot be reserved: totals would tell of them', () => {
  const counts = datasetOf(CdsCounts);
  if (counts.kind !== 'measure') throw new Error('counts are measures');
  abstract class Totals {}
  declareDataset(Totals, { ...counts, source: { ...counts.source, fixed: [] } });
  expect(() => datasetOf(Totals)).toThrow(/totals over ABOUT would tell of its reserved members/);
});
