import type { ChangeTable, DatabaseServer } from '../../../src/etl/cdc/database.js';
import type { TableColumn } from '../../../src/etl/cdc/row-hash.js';
import { bedColumns, CaptureFixture, type Row, tableOf } from './fixture.js';

const lsn = (n: number): string => n.toString(16).padStart(20, '0');

/** A database whose server records changes, as this product sees one. */
class Recorded implements DatabaseServer {
  rows = new Map<string, Row>();
  log: { at: number; gone: boolean; values: Row }[] = [];
  /** Changes before this position have been cleaned away. */
  oldest = 1;
  now = 1;
  columns: readonly TableColumn[] = bedColumns;
  reads = 0;

  set(...values: Row): void {
    const key = `${values[0]}/${values[1]}`;
    const before = this.rows.get(key);
    this.now += 1;
    if (before) this.log.push({ at: this.now, gone: true, values: before });
    this.log.push({ at: this.now, gone: false, values });
    this.rows.set(key, values);
  }

  delete(ward: string, bed: string): void {
    const before = this.rows.get(`${ward}/${bed}`)!;
    this.now += 1;
    this.log.push({ at: this.now, gone: true, values: before });
    this.rows.delete(`${ward}/${bed}`);
  }

  async read(table: string) {
    this.reads += 1;
    return tableOf([...this.rows.values()]).read(table);
  }

  async changeTable(): Promise<ChangeTable | undefined> {
    return {
      columns: this.columns,
      window: async () => ({ oldest: lsn(this.oldest), newest: lsn(this.now) }),
      changes: (after, upTo) => this.#between(after, upTo),
    };
  }

  async *#between(after: string, upTo: string) {
    yield this.log.filter(({ at }) => lsn(at) > after && lsn(at) <= upTo);
  }

  async close() {}
}

let fixture: CaptureFixture;
let server: Recorded;
beforeEach(async () => {
  fixture = new CaptureFixture();
  server = new Recorded();
  server.set('w', '1', 'free', '1', null);
  server.set('w', '2', 'free', '2', null);
  server.set('w', '3', 'free', '3', null);
  await fixture.capture(fixture.database(server, true));
});
afterEach(() => fixture.close());

const captured = () => fixture.table(fixture.database(server, true));
const later = async () => (await fixture.changes()).slice(3).map(({ op, row, before }) => [op, row, before]);
const bed = (number: string, state: string, days: string) => ({
  ward: 'w',
  bed: number,
  state,
  days,
  note: null,
});

describe("a server's own record of changes", () => {
  it('is read instead of the table, after a first capture of all of it', async () => {
    server.set('w', '1', 'taken', '1', null);
    server.delete('w', '2');
    server.set('w', '4', 'free', '4', null);
    expect(await captured()).toMatchObject({
      read: 'changes',
      rows: 4,
      inserts: 1,
      updates: 1,
      deletes: 1,
      unchanged: 1,
      duplicates: 0,
    });
    expect(server.reads).toBe(1);
    expect(await later()).toEqual([
      ['U', bed('1', 'taken', '1'), bed('1', 'free', '1')],
      ['I', bed('4', 'free', '4'), null],
      ['D', bed('2', 'free', '2'), bed('2', 'free', '2')],
    ]);
  });

  it('counts for its last state: what came and went in between is no change', async () => {
    server.set('w', '1', 'taken', '1', null);
    server.set('w', '1', 'free', '1', null);
    server.set('w', '5', 'free', '5', null);
    server.delete('w', '5');
    server.delete('w', '2');
    server.set('w', '2', 'taken', '2', null);
    expect(await captured()).toMatchObject({ inserts: 0, updates: 1, deletes: 0, unchanged: 2 });
    expect(await later()).toEqual([['U', bed('2', 'taken', '2'), bed('2', 'free', '2')]]);
  });

  it('moves the position even where nothing has changed in the end, and is not asked twice', async () => {
    server.set('w', '1', 'taken', '1', null);
    server.set('w', '1', 'free', '1', null);
    expect(await captured()).toMatchObject({ read: 'changes', rows: 4, sequence: null });
    expect(await captured()).toMatchObject({ read: 'nothing', rows: 3, sequence: null });
    server.oldest = server.now;
    server.set('w', '1', 'taken', '1', null);
    expect(await captured()).toMatchObject({ read: 'changes', updates: 1 });
    expect(server.reads).toBe(1);
  });

  it('that does not reach back to the last capture is replaced by the whole table', async () => {
    server.set('w', '1', 'taken', '1', null);
    server.delete('w', '3');
    server.log = [];
    server.oldest = server.now;
    expect(await captured()).toMatchObject({
      read: 'table',
      updates: 1,
      deletes: 1,
      unchanged: 1,
      notes: ['the change table does not reach back to the last capture, so all of the table was compared'],
    });
    server.set('w', '1', 'free', '1', null);
    expect(await captured()).toMatchObject({ read: 'changes', updates: 1 });
    expect(server.reads).toBe(2);
  });

  it('of a database that was restored to an earlier moment is replaced by the whole table', async () => {
    server.now = 1;
    server.rows.delete('w/3');
    expect(await captured()).toMatchObject({ read: 'table', deletes: 1, unchanged: 2 });
  });

  it('with other columns than the last capture is replaced by the whole table', async () => {
    server.columns = bedColumns.slice(0, 4);
    server.set('w', '1', 'taken', '1', 'new');
    expect(await captured()).toMatchObject({
      read: 'table',
      updates: 1,
      notes: ['the change table has other columns than the last capture, so all of the table was compared'],
    });
  });

  it('shows a changed key as a deletion and an insertion', async () => {
    server.now += 1;
    server.log.push({ at: server.now, gone: true, values: ['w', '3', 'free', '3', null] });
    server.log.push({ at: server.now, gone: false, values: ['w', '33', 'free', '3', null] });
    expect(await captured()).toMatchObject({ inserts: 1, deletes: 1, unchanged: 2 });
  });

  it('is optional: without it whole tables are compared', async () => {
    server.changeTable = async () => undefined;
    server.set('w', '1', 'taken', '1', null);
    expect(await captured()).toMatchObject({
      read: 'table',
      updates: 1,
      notes: ['the server records no changes of this table, so all of it was compared'],
    });
    expect(await fixture.table(fixture.database(server))).toMatchObject({ read: 'table', notes: [] });
  });
});
