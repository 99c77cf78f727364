import { patientsInCare } from '../../loaders/in-care.js';
import { type LoadContext, load, Plans } from '../../loaders/load.js';
import { columnVisible } from '../../schema/datasets.js';
import type { RowDataset } from '../../schema/declare/dataset.js';
import { peopleDatasets } from '../../schema/people/nested.js';
import { facts } from '../facts/registry.js';
import type { RowsByBraces } from '../facts/rows/fetch.js';
import type { Reads } from './reads.js';

/** A row of a fact that a rule has read. */
export interface ReadRow {
  readonly fact: string;
  readonly patient: number;
  /** Key of the row, hexadecimal. */
  readonly key: string;
}

/** Which of the rows that rules have read the caller may see too. */
export interface SeenRows {
  has(row: ReadRow): boolean;
  /** How the dataset of the fact names the row; null where the caller does not see it, or no dataset has such rows. */
  rowId(row: ReadRow): string | null;
}

/**
 * Asks the datasets for the rows of patients whom the caller may see, so that a row is seen here if it is there. Rows of facts
 * that no dataset has are seen of patients in care, as are all events without a trust.
 */
export async function seenRows(rows: readonly ReadRow[], context: LoadContext): Promise<SeenRows> {
  // Questions that name keys come once: their plans are not kept.
  const point: LoadContext = { ...context, lane: 'point', plans: new Plans(1) };
  const byDataset = new Map<RowDataset, Set<string>>();
  const without = new Set<number>();
  for (const row of rows) {
    if (row.fact === 'patient') continue;
    const dataset = datasetOf(row.fact, context);
    if (dataset) byDataset.set(dataset, (byDataset.get(dataset) ?? new Set<string>()).add(row.key));
    else without.add(row.patient);
  }
  const [inCare, ...found] = await Promise.all([
    patientsInCare([...without], point),
    ...[...byDataset].map(
      async ([dataset, keys]) => [dataset, await seenKeys(dataset, [...keys], point)] as const,
    ),
  ]);
  const seen = new Map(found);
  const rowId = ({ fact, key }: ReadRow): string | null => {
    const dataset = datasetOf(fact, context);
    return (dataset && seen.get(dataset)?.get(key)) ?? null;
  };
  return {
    rowId,
    has(row) {
      if (row.fact === 'patient') return true;
      return datasetOf(row.fact, context) ? rowId(row) !== null : inCare.has(row.patient);
    },
  };
}

/** The rows that a rule has read of a patient, those that its conditions leave out among them. */
export const rowsRead = ({ references }: Reads, patient: number, rows: RowsByBraces | undefined): ReadRow[] =>
  [...references].flatMap(([braces, { fact }]) =>
    (rows?.get(braces) ?? []).flatMap(({ key }) =>
      key === undefined ? [] : [{ fact: fact.name, patient, key }],
    ),
  );

/** The dataset of the rows of a fact, as far as the role has it. */
function datasetOf(fact: string, { plan }: LoadContext): RowDataset | undefined {
  const key = facts.get(fact)?.dataset;
  const dataset = key === undefined ? undefined : peopleDatasets.find((one) => one.key === key);
  return dataset && columnVisible(dataset, plan.grant.role, 'id') ? dataset : undefined;
}

/** The engines take 2,000 parameters. */
const mostAtOnce = 1_500;

/** The ids of the rows that the dataset shows, by their keys. */
async function seenKeys(
  dataset: RowDataset,
  keys: readonly string[],
  context: LoadContext,
): Promise<ReadonlyMap<string, string>> {
  const tokens = context.plan.identifiers.of('event');
  const seen = new Map<string, string>();
  for (let at = 0; at < keys.length; at += mostAtOnce) {
    const part = keys.slice(at, at + mostAtOnce);
    const ids = tokens.encode(part.map((key) => Buffer.from(key, 'hex')));
    const page = await load(
      dataset,
      {
        kind: 'row',
        dataset: dataset.key,
        where: { kind: 'test', column: 'id', op: 'in', value: ids.map(String) },
        orderBy: [],
        first: part.length,
        select: ['id'],
        total: false,
      },
      undefined,
      context,
    );
    const shown = new Set(page.rows.map(({ id }) => id));
    for (const [place, key] of part.entries()) {
      const id = ids[place];
      if (id != null && shown.has(id)) seen.set(key, id);
    }
  }
  return seen;
}
