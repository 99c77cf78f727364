import type { ColumnarResult, OutputColumn } from '../warehouse/warehouse.js';
import { hiddenColumn, isInternal } from './plan/plan.js';

export type Row = Readonly<Record<string, unknown>>;
type RowMaker = (
  columns: readonly (readonly unknown[])[],
  rows: number,
  names: (mask: number) => string | null,
) => Row[];

const apiName = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Makes the function that turns columns into objects of one shape. It is written out as an object literal, since
 * an object grown key by key costs twice as much; the names come from declarations and are checked.
 */
function makeRowMaker(output: readonly OutputColumn[]): RowMaker {
  const fields: string[] = [];
  let mask = -1;
  output.forEach(({ name }, index) => {
    if (name === hiddenColumn) mask = index;
    else if (!isInternal(name)) {
      if (!apiName.test(name)) throw new Error(`${name} is no API name`);
      fields.push(`${name}: c${index}[r]`);
    }
  });
  fields.push(`suppressed: ${mask < 0 ? 'null' : `names(c${mask}[r])`}`);
  const head = output.map((_column, index) => `const c${index} = columns[${index}];`).join(' ');
  return new Function(
    'columns',
    'rows',
    'names',
    `${head} const out = new Array(rows); for (let r = 0; r < rows; r++) out[r] = { ${fields.join(', ')} }; return out;`,
  ) as RowMaker;
}

/** Row makers by shape, bounded: there is one a set of columns asked for. */
export class RowMakers {
  private readonly byShape = new Map<string, RowMaker>();

  constructor(private readonly limit = 500) {}

  /** The first `count` rows as objects. `suppressed` names the hidden measures of a row, or is null. */
  rows(
    output: readonly OutputColumn[],
    hideable: readonly string[],
    result: ColumnarResult,
    count: number,
  ): Row[] {
    const shape = output.map(({ name }) => name).join(' ');
    let make = this.byShape.get(shape);
    if (!make) {
      make = makeRowMaker(output);
      if (this.byShape.size >= this.limit) this.byShape.clear();
      this.byShape.set(shape, make);
    }
    const texts = new Map<number, string | null>([[0, null]]);
    const names = (mask: number): string | null => {
      let text = texts.get(mask);
      if (text === undefined) {
        text = hideable.filter((_name, bit) => Math.floor(mask / 2 ** bit) % 2 === 1).join(' ');
        texts.set(mask, text);
      }
      return text;
    };
    return make(result.columns, count, names);
  }
}

/** Number of hidden cells among the first `count` rows. */
export function countHidden(output: readonly OutputColumn[], result: ColumnarResult, count: number): number {
  const index = output.findIndex(({ name }) => name === hiddenColumn);
  const masks = index < 0 ? undefined : (result.columns[index] as readonly number[] | undefined);
  if (!masks) return 0;
  let hidden = 0;
  for (let row = 0; row < count; row++)
    for (let mask = masks[row] ?? 0; mask > 0; mask = Math.floor(mask / 2)) hidden += mask % 2;
  return hidden;
}
