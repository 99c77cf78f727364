import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../src/access/role.js';
import type { Config } from '../../src/config/environment.js';
import { configAt, loadAt, loadedHome, measuresAlone, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease, openReader } from '../support/release.js';
import { serveAt, type TestServer } from '../support/server.js';

const folder = temporaryFolder();

/** Delivers CSV texts as files of a dataset and loads them. */
async function deliver(config: Config, landing: string, files: Readonly<Record<string, string>>) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(landing, file, '..'), { recursive: true });
    writeFileSync(join(landing, file), text);
  }
  return loadAt(config, landing);
}

interface Version {
  readonly beds: number | null;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly is_current: boolean;
}

const versionsOf = (config: Config, trust: string): Promise<Version[]> =>
  fromRelease<Version>(
    config,
    `select beds, valid_from, valid_to, is_current from dim_trust_version where trust_code = '${trust}' order by valid_from`,
  );

describe('versions of trusts, practices and patients', () => {
  let config: Config;
  const landing = join(folder, 'landing');
  const trust = (beds: number): string => `trust_code,trust_name,beds\nRZ1,Trust one,${beds}\n`;
  const changes = (op: string, beds: number): string =>
    `trust_code,trust_name,beds,_op\nRZ1,Trust one,${beds},${op}\n`;

  beforeAll(async () => {
    ({ config } = await loadedHome(
      join(folder, 'base'),
      { patients: 30, faultRate: 0 },
      { measuresAlone: true },
    ));
  });

  it('follow one another without gap or overlap, the last one current', async () => {
    await deliver(config, landing, { 'trusts/1.csv': trust(10) });
    await deliver(config, landing, { 'trusts/2.csv': trust(20) });
    // Two in one night.
    await deliver(config, landing, { 'trusts/3.csv': trust(20), 'trusts/4.csv': trust(10) });
    const versions = await versionsOf(config, 'RZ1');
    expect(versions.map(({ beds, is_current }) => [beds, is_current])).toEqual([
      [10, false],
      [20, false],
      [10, true],
    ]);
    expect(versions.map(({ valid_to }) => valid_to)).toEqual([
      versions[1]!.valid_from,
      versions[2]!.valid_from,
      null,
    ]);
  });

  it('are closed by a deletion and opened again by a new row, with the gap between', async () => {
    await deliver(config, landing, { 'trusts/5.changes.csv': changes('D', 10) });
    expect((await versionsOf(config, 'RZ1')).at(-1)).toMatchObject({ beds: 10, is_current: false });
    expect(await fromRelease(config, "from dim_trust where trust_code = 'RZ1'")).toEqual([]);
    await deliver(config, landing, { 'trusts/6.changes.csv': changes('I', 30) });
    const versions = await versionsOf(config, 'RZ1');
    expect(versions.map(({ is_current }) => is_current)).toEqual([false, false, false, true]);
    expect(versions[3]!.valid_from.getTime()).toBeGreaterThan(versions[2]!.valid_to!.getTime());
  });

  it('leave the surplus rows of a file out, also once a later file touches their key', async () => {
    const other = (...beds: number[]): string =>
      `trust_code,trust_name,beds\n${beds.map((one) => `RZ2,Trust two,${one}\n`).join('')}`;
    await deliver(config, landing, { 'trusts/7.csv': other(10), 'trusts/8.csv': other(10, 11) });
    await deliver(config, landing, { 'trusts/9.csv': other(20) });
    expect((await versionsOf(config, 'RZ2')).map(({ beds }) => beds)).toEqual([10, 20]);
  });

  it('are the same however often they are made, those of a deleted patient too', async () => {
    const all = () =>
      fromRelease<{ n: number }>(config, 'select count(*)::int as n from dim_patient_version');
    const files = await openReader();
    mkdirSync(join(landing, 'patients'), { recursive: true });
    await files.rows(
      `copy (select *, 'D' as _op from '${join(folder, 'base', 'landing')}/patients/patients.parquet' order by patient_id limit 1) to '${landing}/patients/1.changes.csv' (header true)`,
    );
    files.close();
    await loadAt(config, landing);
    expect(await fromRelease(config, 'from dim_patient_version where not is_current')).toHaveLength(1);
    const before = [await versionsOf(config, 'RZ1'), await all()];
    await loadAt(config, landing, true);
    expect([await versionsOf(config, 'RZ1'), await all()]).toEqual(before);
  });

  it('a key has at most one current version, and no two that hold at once', async () => {
    for (const [table, key] of [
      ['dim_trust_version', 'trust_code'],
      ['dim_practice_version', 'practice_code'],
      ['dim_patient_version', 'patient_no'],
    ]) {
      expect(
        await fromRelease(
          config,
          `select ${key} from ${table} group by ${key} having count(*) filter (is_current) > 1
union all select a.${key} from ${table} a join ${table} b on a.${key} = b.${key} and a.batch_id < b.batch_id and (a.valid_to is null or a.valid_to > b.valid_from)`,
        ),
      ).toEqual([]);
    }
  });
});

describe('asOf', () => {
  const config = measuresAlone(configAt(join(folder, 'dated')));
  let server: TestServer;
  const on = (day: string) => () => new Date(`${day}T12:00:00Z`);
  const ask = (asOf: string | undefined, role: Role = 'operations') =>
    server.query(
      role,
      `{ bedOccupancy(by: [TRUST]${asOf ? `, asOf: "${asOf}"` : ''}) { nodes { trustName availableBeds occupiedBeds } } }`,
      {},
      role === 'operations' ? ['RAA'] : undefined,
    );

  beforeAll(async () => {
    const source = await synthAt(join(folder, 'dated-base'), { patients: 30, faultRate: 0 });
    await loadAt(config, source, false, on('2026-03-28'));
    const landing = join(folder, 'dated-news');
    const row = (name: string, beds: number) => `trust_code,trust_name,beds\nRAA,${name},${beds}\n`;
    mkdirSync(join(landing, 'trusts'), { recursive: true });
    writeFileSync(join(landing, 'trusts', '1.csv'), row('Second name', 20));
    // Half past eleven in the evening by London's summer clock.
    await loadAt(config, landing, false, () => new Date('2026-03-29T22:30:00Z'));
    writeFileSync(join(landing, 'trusts', '2.csv'), row('Third name', 30));
    await loadAt(config, landing, false, () => new Date('2026-03-29T23:30:00Z'));
    server = await serveAt(config);
  });
  afterAll(() => server.close());

  it('gives names and beds as they were known at the end of that local day, and the events of today', async () => {
    const [first, second, third, now] = await Promise.all(
      ['2026-03-28', '2026-03-29', '2026-03-30', undefined].map(
        async (day) => (await ask(day)).body.data.bedOccupancy.nodes[0],
      ),
    );
    expect(second).toMatchObject({ trustName: 'Second name', availableBeds: 20 });
    expect(third).toMatchObject({ trustName: 'Third name', availableBeds: 30 });
    expect(now).toEqual(third);
    expect(first.trustName).not.toBe('Second name');
    expect(first.occupiedBeds).toBe(now.occupiedBeds);
  });

  it('does not go back before the first load', async () => {
    expect((await ask('2026-03-27')).body.errors[0]).toMatchObject({
      message: expect.stringContaining('2026-03-28'),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('does not exist for roles under disclosure control', async () => {
    expect((await ask('2026-03-28', 'analyst')).body.errors[0]).toMatchObject({
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });
});
