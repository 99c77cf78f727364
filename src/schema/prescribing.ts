import { persons, pounds, ratio, sum } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import { prescriptions } from './sources/prescriptions.js';

const source = 'NHS Business Services Authority, English Prescribing Dataset: definitions of items and costs';
const all = 'prescriptions by their day, of every practice';
const actualCost = pounds('actual_cost');
const items = sum('items');

@MeasureDataset({
  key: 'prescribing',
  title: 'Prescribing',
  description:
    'Prescribed items and what they cost, by the BNF chapter of the medicine and the practice that prescribed it, which need not be the one where the patient is registered. Prices compare on net ingredient cost, spending on actual cost.',
  source: prescriptions,
  roles: ['bi-reader', 'analyst', 'finance'],
  cubes: [{ by: ['BNF_CHAPTER', 'PRACTICE'], published: 'MONTH', mart: 'MONTH' }],
  rowsFloor: { default: 'WEEK' },
})
export abstract class Prescribing {
  @Dimension({
    by: 'BNF_CHAPTER',
    type: { kind: 'text', length: 8 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description: "BNF chapter: the first two characters of the BNF code; 'unknown' without one.",
  })
  readonly bnfChapterCode!: string | null;
  @Dimension({
    by: 'BNF_CHAPTER',
    type: { kind: 'text', length: 400 },
    sensitivity: 'Q',
    value: { from: 'label', table: 'dim_code', key: 'bnf_chapter', column: 'name', list: 'bnf_chapter' },
    description: 'Official name of the BNF chapter; supplied names of medicines are never shown.',
  })
  readonly bnfChapterName!: string | null;
  @Dimension({
    by: 'PRACTICE',
    type: { kind: 'text', length: 12 },
    sensitivity: 'O',
    value: { from: 'key' },
    description: "ODS code of the practice that prescribed; 'unknown' where none was supplied.",
  })
  readonly practiceCode!: string | null;
  @Dimension({
    by: 'PRACTICE',
    type: { kind: 'text', length: 200 },
    sensitivity: 'O',
    value: { from: 'label', table: 'dim_practice', key: 'practice_code', column: 'practice_name' },
    description: 'Name of the practice, as supplied; null where no delivery of practices has it.',
  })
  readonly practiceName!: string | null;

  @Measure({
    is: items,
    unit: 'items',
    sensitivity: 'Q',
    description: 'Prescribed items.',
    denominator: all,
    edgeCases: 'a prescription without a number of items is one item',
    source,
  })
  readonly items!: number | null;

  @Measure({
    is: pounds('net_ingredient_cost'),
    unit: 'pounds',
    sensitivity: 'S',
    description: 'Net ingredient cost: list price × quantity, before discount.',
    denominator: all,
    edgeCases: 'a prescription without a cost adds nothing',
    source,
  })
  readonly netIngredientCost!: string | null;

  @Measure({
    is: actualCost,
    unit: 'pounds',
    sensitivity: 'S',
    description: 'Actual cost: net ingredient cost less the average discount, plus the container allowance.',
    denominator: all,
    edgeCases: 'a prescription without a cost adds nothing',
    source,
  })
  readonly actualCost!: string | null;

  @Measure({
    is: ratio(actualCost, items),
    unit: 'pounds an item',
    sensitivity: 'S',
    description: 'Actual cost over items, to the penny.',
    numerator: 'actual cost',
    denominator: 'items of the cell',
    edgeCases: 'under disclosure control both are the released figures; null without items',
    source,
  })
  readonly costPerItem!: string | null;

  @Measure({
    is: persons(),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Distinct patients with a prescription.',
    denominator: all,
    edgeCases: 'a patient counts once in every cell, so that cells do not add up to their total',
    source,
  })
  readonly patients!: number | null;
}
