import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listChanges } from '../../../src/etl/cdc/manifest.js';
import type { CaptureReport } from '../../../src/etl/cdc/report.js';
import { folderLake } from '../../../src/lake/folder.js';
import { root, temporaryFolder } from '../../support/landing.js';
import { openReader } from '../../support/release.js';

/** Rows of the table, and megabytes that the process may have in memory: 1 GB of the engine and Node's own. */
const rows = 1_000_000;
const most = 1_600;

const long = process.env['MAPLEWOOD_TEST_FULL'] === '1' && existsSync('/proc/self/status');
if (!long)
  process.stdout.write('cdc volume: SKIPPED, since MAPLEWOOD_TEST_FULL is not 1 (or this is not Linux)\n');

(long ? describe : describe.skip)('a large table', () => {
  const folder = long ? temporaryFolder() : '';
  const snapshots = join(folder, 'snapshots');

  /** A state of the table: `shift` rows come, as many go, and every hundredth changes. */
  async function deliver(shift: number, size = rows): Promise<void> {
    mkdirSync(snapshots, { recursive: true });
    const reader = await openReader();
    await reader.rows(`copy (
      select 'P' || n as patient_id, 'PSEUDO_' || n as nhs_number, date '1950-01-01' + cast(n % 20000 as integer) as date_of_birth,
        case n % 2 when 0 then 'F' else 'M' end as gender, 'A' as ethnicity,
        case when n % 100 = 0 then 1 + ${shift} else 1 + n % 10 end as deprivation_decile, 'A81001' as registered_practice
      from range(${shift}, ${size + shift}) t(n)
    ) to '${join(snapshots, 'patients.parquet')}' (format parquet)`);
    reader.close();
  }

  /** A capture in a process of its own, with its largest size in memory in MB; killed after `killAfter` ms. */
  async function captured(
    home = 'home',
    killAfter?: number,
  ): Promise<{ report: CaptureReport | undefined; peak: number }> {
    const child = spawn(
      process.execPath,
      [join(root, 'bin', 'maplewood.cjs'), 'cdc', 'capture', '--from', snapshots, '--json'],
      { env: { ...process.env, MAPLEWOOD_HOME: join(folder, home) }, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let out = '';
    let peak = 0;
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    const kill = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    const watch = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // The process has just ended.
      }
    }, 20);
    await new Promise((resolve) => child.once('close', resolve));
    clearInterval(watch);
    clearTimeout(kill);
    return { report: out === '' ? undefined : (JSON.parse(out) as CaptureReport), peak };
  }

  it('of a million rows is captured in bounded memory, at first and after a change', async () => {
    for (const [shift, expected] of [
      [0, { inserts: rows, updates: 0, deletes: 0, unchanged: 0 }],
      [5, { inserts: 5, updates: rows / 100 - 1, deletes: 5, unchanged: rows - rows / 100 - 4 }],
    ] as const) {
      await deliver(shift);
      const { report, peak } = await captured();
      process.stdout.write(`cdc volume: ${report?.seconds.toFixed(1)} s, ${peak.toFixed(0)} MB at most\n`);
      expect(report?.tables[0]).toMatchObject({ rows, ...expected });
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThan(most);
    }
  }, 1_800_000);

  it('gives the same changes once, when it is killed at any moment and run again', async () => {
    const read = async (home: string) => {
      const reader = await openReader();
      const sums: unknown[] = [];
      for (const { file } of await listChanges(folderLake(join(folder, home, 'lake')))) {
        sums.push(
          ...(await reader.rows(
            `select _op, count(*) as rows, count(distinct patient_id) as keys, bit_xor(hash(columns(* exclude (_captured_at))::varchar)) from '${join(folder, home, 'lake', file)}' group by _op order by _op`,
          )),
        );
      }
      reader.close();
      return sums;
    };
    await deliver(0, 50_000);
    await captured('undisturbed');
    await deliver(5, 50_000);
    const started = performance.now();
    await captured('undisturbed');
    const whole = performance.now() - started;
    const expected = await read('undisturbed');
    for (const part of [0.5, 0.7, 0.9]) {
      const home = `killed-${part}`;
      await deliver(0, 50_000);
      await captured(home, whole * part);
      await captured(home);
      await deliver(5, 50_000);
      await captured(home, whole * part);
      await captured(home);
      expect({ part, changes: await read(home) }).toEqual({ part, changes: expected });
    }
  }, 1_800_000);
});
