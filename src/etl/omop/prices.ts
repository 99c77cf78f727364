import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { referenceFile } from '../code-lists.js';
import { quoted } from '../sql.js';

interface PriceRow {
  readonly component: string;
  /** HRG root; empty for the price of all others. */
  readonly code: string;
  readonly price: string;
  readonly valid_from: string;
  readonly valid_to: string;
}

/** Unit prices in pounds: `reference/unit_price.csv`. */
export interface Prices {
  /** SQL: price of a unit on a day, exact; null where none is valid. */
  of(component: 'acute' | 'emergency' | 'community', code: string, day: string): string;
}

export async function loadPrices(referenceDir: string): Promise<Prices> {
  const rows = parse(await readFile(referenceFile(referenceDir, 'unit_price'), 'utf8'), {
    columns: true,
  }) as PriceRow[];
  return {
    of(component, code, day) {
      const whens = rows
        .filter((row) => row.component === component)
        .sort((a, b) => Number(a.code === '') - Number(b.code === ''))
        .map((row) => {
          const tests = [
            row.code === '' ? '' : `${code} = ${quoted(row.code)}`,
            row.valid_from === '' ? '' : `${day} >= DATE ${quoted(row.valid_from)}`,
            row.valid_to === '' ? '' : `${day} <= DATE ${quoted(row.valid_to)}`,
          ].filter((test) => test !== '');
          return `when ${tests.join(' and ') || 'true'} then cast(${quoted(row.price)} as decimal(15,2))`;
        });
      return whens.length === 0 ? 'cast(null as decimal(15,2))' : `case ${whens.join(' ')} end`;
    },
  };
}
