import type { Row } from '../loaders/rows.js';
import type { RowDataset } from '../schema/declare/dataset.js';
import { CdsResult, detailFields } from '../schema/people/cds-results.js';
import type { RequestContext } from './context.js';
import type { Selection } from './selection.js';

/** Fields of a row that are made of more than its columns. */
export const detailsOf = ({ type }: Pick<RowDataset, 'type'>): readonly string[] =>
  type === CdsResult ? detailFields : [];

/** True for such a field, at its schema coordinate; else undefined. */
export const isDetail = (coordinate: string): true | undefined =>
  detailFields.some((name) => coordinate === `${CdsResult.name}.${name}`) || undefined;

/** Makes those that are asked for below rows, which have their `id`: two statements, whatever the number of rows. */
export async function loadDetails(
  dataset: RowDataset,
  rows: readonly Row[],
  selection: Selection,
  { details, load }: Pick<RequestContext, 'details' | 'load'>,
  keep: (row: Row, name: string, value: unknown) => void,
): Promise<void> {
  const asked = detailsOf(dataset).filter((name) => selection.has(name));
  if (asked.length === 0 || !details) return;
  load.account.addColumns(asked.map((name) => ({ name: `${dataset.type.name}.${name}`, class: 'S' })));
  const tokens = load.plan.identifiers.of('event');
  const keys = rows.map((row) => tokens.decode(String(row['id'])));
  for (let at = 0; at < keys.length; at += mostAtOnce) {
    const part = keys.slice(at, at + mostAtOnce);
    const found = await details(
      part.filter((key) => key !== null),
      load,
    );
    for (const [index, key] of part.entries()) {
      const row = rows[at + index];
      const detail = key === null ? undefined : found.get(Buffer.from(key).toString('hex'));
      if (row) for (const name of asked) keep(row, name, detail?.[name as keyof typeof detail] ?? null);
    }
  }
}

/** The engines take 2,000 parameters. */
const mostAtOnce = 1_500;
