import type { ChangeTable, Lsn } from './database.js';
import { batches, type CapturePool, columnsOf, literal, rows, stream, textsOf } from './sqlserver-rows.js';
import { bracketed } from './sqlserver-values.js';

/** Operations of a change table: 1 deleted, 2 inserted, 3 the row before an update, 4 the row after it. */
const gone: ReadonlySet<number> = new Set([1, 3]);

/** The newest capture instance of a table, if the database and the table are captured by the server. */
export async function changeTableOf(pool: CapturePool, table: string): Promise<ChangeTable | undefined> {
  const [database] = await rows(pool, 'SELECT is_cdc_enabled FROM sys.databases WHERE database_id = DB_ID()');
  if (database?.[0] !== true && database?.[0] !== 1) return undefined;
  const [found] = await rows(
    pool,
    `SELECT TOP (1) capture_instance, object_id FROM cdc.change_tables WHERE source_object_id = OBJECT_ID(N'${literal(table)}') ORDER BY create_date DESC`,
  );
  if (!found) return undefined;
  const instance = String(found[0]);
  const columns = await columnsOf(pool, String(Number(found[1])));
  return {
    columns: columns.map(({ column }) => column),
    async window() {
      const [edge] = await rows(
        pool,
        `SELECT CONVERT(VARCHAR(20), sys.fn_cdc_get_min_lsn(N'${literal(instance)}'), 2), CONVERT(VARCHAR(20), sys.fn_cdc_get_max_lsn(), 2)`,
      );
      const [oldest, newest] = edge ?? [];
      return {
        oldest: String(oldest ?? '').toLowerCase(),
        newest: newest === null || newest === undefined ? null : String(newest).toLowerCase(),
      };
    },
    changes(after, upTo) {
      const text = `SELECT __$operation, ${columns.map(({ select }) => select).join(', ')} FROM cdc.${bracketed(`fn_cdc_get_all_changes_${instance}`)}(sys.fn_cdc_increment_lsn(${binary(after)}), ${binary(upTo)}, N'all update old') ORDER BY __$start_lsn, __$seqval, __$operation`;
      return batches(stream(pool, text, columns.length + 1), (row) => ({
        values: textsOf(columns, row, 1),
        gone: gone.has(Number(row[0])),
      }));
    },
  };
}

function binary(lsn: Lsn): string {
  if (!/^[0-9a-f]{20}$/.test(lsn)) throw new Error('a log sequence number is not 20 hexadecimal digits');
  return `CONVERT(BINARY(10), '${lsn}', 2)`;
}
