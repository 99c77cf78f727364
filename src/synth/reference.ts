import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError } from '../errors.js';
import { literal } from './random.js';

/**
 * Table `medicine_price(bnf_code, bnf_name, unit_price)`: names from the code list, and a list price a piece
 * that is plausible but invented (a hash of the code; inhalers and new medicines are dear).
 */
export async function medicinePriceTable(referenceDir: string): Promise<string> {
  const file = join(referenceDir, 'bnf.csv');
  try {
    await access(file);
  } catch (cause) {
    throw new MaplewoodError('CONFIGURATION', `The code list ${file} cannot be read.`, { cause });
  }
  return `CREATE OR REPLACE TABLE medicine_price AS
    SELECT code AS bnf_code, display AS bnf_name,
           CASE WHEN presentation LIKE '%inhaler%' OR presentation LIKE 'inhalation%' THEN 0.19
                WHEN left(code, 7) IN ('0208020', '0601023') AND code NOT LIKE '0208020V%' THEN 0.62
                ELSE 0.02 + (hash(code) % 9)::DOUBLE / 100 END AS unit_price
    FROM read_csv(${literal(file)}, header = true, all_varchar = true)`;
}
