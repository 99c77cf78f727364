import type { LoadContext } from '../../loaders/load.js';
import { assertTables } from '../../loaders/release-tables.js';
import type { Statement } from '../../warehouse/dialect.js';
import type { Time } from '../arden/value.js';
import type { FactReference } from '../facts/fact.js';
import type { Registry } from '../facts/registry.js';
import type { FactPlans } from '../facts/rows/fact-plan.js';
import { fetchRows, type RowsByBraces } from '../facts/rows/fetch.js';
import { columnsOf, type Reads } from './reads.js';

/** The rows of all READs of some rules for patients of the release, as they were known at a time: one statement a fact. */
export async function rowsInGold(
  rules: readonly Reads[],
  patients: readonly number[],
  now: Time,
  { valueSets }: Pick<Registry, 'valueSets'>,
  context: LoadContext,
  plans: FactPlans,
): Promise<ReadonlyMap<number, RowsByBraces>> {
  const references = new Map<string, FactReference>(rules.flatMap((rule) => [...rule.references]));
  const { plan, handle, signal, requestId, account } = context;
  const readable = async ({ tables = [] }: Statement): Promise<void> => assertTables(tables, plan.release);
  const found = await fetchRows(
    { references, patients, now },
    {
      handle: {
        read: (statement, output, reading) =>
          readable(statement).then(() => handle.read(statement, output, reading)),
      },
      gold: plan.gold,
      dialect: plan.dialect,
      valueSets,
      plans,
      options: { signal, requestId, lane: 'point' },
    },
  );
  account.addColumns(
    [...references.values()].flatMap((reference) =>
      [...columnsOf(reference)].map(
        (column) => ({ name: `${reference.fact.name}.${column}`, class: 'S' }) as const,
      ),
    ),
  );
  return found;
}
