import { writeFileSync } from 'node:fs';
import type { Lake } from '../../../src/lake/lake.js';
import { CaptureFixture, type Row, tableOf } from './fixture.js';

class Stopped extends Error {}

/** A lake at whose n-th operation the process stops: before it is done, or right after. */
function stopping(lake: Lake, at: number, after: boolean): { lake: Lake; done: () => number } {
  let count = 0;
  const stop = (): void => {
    throw new Stopped();
  };
  const watched = <A extends unknown[], R>(operation: (...args: A) => R) => {
    return (...args: A): R => {
      count += 1;
      // A process that has stopped does nothing more, tidying included.
      if (count > at || (count === at && !after)) stop();
      const result = operation(...args);
      if (count !== at) return result;
      if (result instanceof Promise) return result.then(stop) as R;
      stop();
      return result;
    };
  };
  return {
    lake: {
      path: watched((name) => lake.path(name)),
      seal: watched((name) => lake.seal(name)),
      putIfAbsent: watched((name, content) => lake.putIfAbsent(name, content)),
      readJson: watched((name) => lake.readJson(name)),
      size: watched((name) => lake.size(name)),
      list: watched((folder) => lake.list(folder)),
      removeDrafts: watched((folder) => lake.removeDrafts(folder)),
      exists: watched((name) => lake.exists(name)),
      remove: watched((name) => lake.remove(name)),
    },
    done: () => count,
  };
}

const first: readonly Row[] = [
  ['w', '1', 'free', '1', null],
  ['w', '2', 'free', '2', ''],
  ['w', '3', 'taken', '3', 'x'],
  ['w', '4', 'taken', '4', 'x'],
  ['w', '5', 'taken', '5', 'x'],
];
const second: readonly Row[] = [
  ['w', '1', 'free', '1', null],
  ['w', '2', 'free', '2', null],
  ['w', '4', 'taken', '4', 'x'],
  ['w', '5', 'taken', '5', 'x'],
  ['w', '6', 'free', null, 'x'],
];

describe('a capture that is stopped', () => {
  const captured = async (after: boolean, at: number) => {
    const fixture = new CaptureFixture();
    try {
      await fixture.capture(fixture.database(tableOf(first)));
      const { lake, done } = stopping(fixture.lake, at, after);
      const stopped = await fixture.capture(fixture.database(tableOf(second)), { lake }).then(
        () => false,
        () => true,
      );
      await fixture.capture(fixture.database(tableOf(second)));
      return {
        stopped,
        done: done(),
        changes: await fixture.changes(),
        // Which run wrote it makes no difference.
        state: (await fixture.lake.list('cdc/pas/beds')).map((name) => name.replace(/-\d+/, '')),
      };
    } finally {
      await fixture.close();
    }
  };

  it.each([
    ['before', false],
    ['after', true],
  ])(
    '%s any operation on the lake gives the same changes when it is run again',
    async (_name, after) => {
      const undisturbed = await captured(after, Number.POSITIVE_INFINITY);
      expect(undisturbed.stopped).toBe(false);
      expect(undisturbed.changes.slice(5).map(({ op, row }) => [op, row['bed']])).toEqual([
        ['U', '2'],
        ['I', '6'],
        ['D', '3'],
      ]);
      expect(undisturbed.done).toBeGreaterThan(10);
      for (let at = 1; at <= undisturbed.done; at += 1) {
        const { stopped, changes, state } = await captured(after, at);
        expect({ at, stopped, changes, state }).toEqual({
          at,
          stopped: true,
          changes: undisturbed.changes,
          state: undisturbed.state,
        });
      }
    },
    120_000,
  );

  it('in the middle of a read begins again and says so', async () => {
    const fixture = new CaptureFixture();
    await fixture.capture(fixture.database(tableOf(first)));
    fixture.lake.path('cdc/pas/beds/staged-1/rows-000001.parquet');
    const report = await fixture.table(fixture.database(tableOf(second)));
    expect(report.notes).toEqual([
      'an earlier capture was interrupted; the table was read again from its start',
    ]);
    expect(await fixture.lake.list('cdc/pas/beds')).toEqual(['000000000002-2.parquet']);
    await fixture.close();
  });

  it('before its commit leaves files that the next one removes, and nothing of those committed', async () => {
    const fixture = new CaptureFixture();
    await fixture.capture(fixture.database(tableOf(first)));
    const [committed] = await fixture.changeFiles();
    for (const name of ['000000000001-9', '000000000002-9'])
      writeFileSync(fixture.lake.path(`changes/beds/${name}.parquet`), 'left');
    await fixture.capture(fixture.database(tableOf(second)));
    expect(await fixture.lake.list('changes/beds')).toEqual([
      '000000000001-1.parquet',
      '000000000001.json',
      '000000000002-2.parquet',
      '000000000002.json',
    ]);
    expect((await fixture.changeFiles())[0]).toEqual(committed);
    await fixture.close();
  });

  it('by another run that took its number commits nothing', async () => {
    const fixture = new CaptureFixture();
    const lake: Lake = { ...fixture.lake, putIfAbsent: async () => false };
    await expect(fixture.capture(fixture.database(tableOf(first)), { lake })).rejects.toMatchObject({
      code: 'RELEASE_OVERTAKEN',
    });
    expect(await fixture.changeFiles()).toEqual([]);
    await fixture.close();
  });

  it('does not compare with a state that is damaged', async () => {
    const fixture = new CaptureFixture();
    await fixture.capture(fixture.database(tableOf(first)));
    await fixture.lake.remove('cdc/pas/beds/000000000001-1.parquet');
    await expect(fixture.capture(fixture.database(tableOf(second)))).rejects.toMatchObject({
      code: 'ETL_FAILED',
      message: expect.stringContaining('missing or damaged'),
    });
    await fixture.close();
  });
});
