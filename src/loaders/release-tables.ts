import { MaplewoodError } from '../errors.js';
import type { PlanContext } from './plan/plan.js';

/** What a question gets for which the release is too old. */
export const olderRelease = (): MaplewoodError =>
  new MaplewoodError(
    'WAREHOUSE_UNAVAILABLE',
    'The release was made by an earlier version and has nothing of this. Run: maplewood etl run',
  );

/** Error: `WAREHOUSE_UNAVAILABLE` where the release, of an earlier version, lacks a table that a statement reads. */
export function assertTables(tables: Iterable<string>, { tables: there }: PlanContext['release']): void {
  for (const table of tables) if (!there.has(table)) throw olderRelease();
}
