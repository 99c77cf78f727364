import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doctor } from '../../src/commands/doctor.js';
import type { Config } from '../../src/config/environment.js';
import type { ErrorCode } from '../../src/errors.js';
import { loadAt, loadedHome, quiet } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { contentOf, releaseFolder, served } from '../support/release.js';

/** Checks of deliveries, and against the release before, belong to one run. */
const lasting = /^(?!quality_result$)/;
const folder = temporaryFolder();
let config: Config;
let landing: string;
let content: Record<string, string>;

beforeAll(async () => {
  ({ config, landing } = await loadedHome(folder, { patients: 200 }, { measuresAlone: true }));
  content = await contentOf(config, lasting);
});

/** A file of silver, in the folder of whichever run wrote it. */
function silver(end: string): string {
  const at = join(config.home.lake, 'silver');
  const found = readdirSync(at, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(`/${end}`));
  return join(at, found.at(-1)!);
}
const release = async (): Promise<string> =>
  join(releaseFolder(config), (await served(config)).manifest!.file);

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}

/** What `doctor --full` says to it. */
async function diagnosis(): Promise<string> {
  let out = '';
  const context = { ...quiet(), config: () => config, out: (text: string) => (out += text) };
  await doctor.run(['--full'], context).catch(() => undefined);
  return /FAIL lake and release are as they were written: (.*)/.exec(out)?.[1] ?? 'healthy';
}

/** A delivery that is news, without any row of its own. */
let deliveries = 0;
function deliverNothing(): void {
  deliveries += 1;
  writeFileSync(join(landing, 'csds_contacts', `empty-${deliveries}.csv`), `${header}\n`);
}
const header =
  'contact_id,patient_id,contact_date,contact_duration_mins,service_name,contact_type,attended,trust_code';

describe('a damaged release', () => {
  it.each([
    ['cut', async () => truncateSync(await release(), 100_000)],
    ['gone', async () => rmSync(await release())],
  ])('that is %s is made anew although nothing was delivered', async (_name, spoil) => {
    const { ids } = await served(config);
    await spoil();
    expect(await diagnosis()).toMatch(/\.duckdb (has \d+ bytes instead of|is missing)/);
    const report = await loadAt(config, landing);
    expect(report).toMatchObject({ outcome: 'published', release: ids.at(-1)! + 1 });
    expect(report.warnings).toContainEqual(
      expect.stringMatching(/\.duckdb .*: gold was made anew from silver/),
    );
    expect(await contentOf(config, lasting)).toEqual(content);
    expect(await diagnosis()).toBe('healthy');
  });
});

describe('damaged silver', () => {
  it.each([
    ['rows', 'sus_episodes.parquet', flipBit],
    ['patient numbers', 'patient_number.parquet', flipBit],
    ['state', 'state.json', (path: string) => truncateSync(path, 50)],
  ])('%s: all is made anew from bronze', async (_name, file, spoil) => {
    spoil(silver(file));
    expect(await diagnosis()).toContain(`${file} in the lake is missing or damaged`);
    deliverNothing();
    const report = await loadAt(config, landing);
    expect(report.warnings).toContainEqual(
      expect.stringContaining(`${file} in the lake is missing or damaged`),
    );
    expect(await contentOf(config, /^(fact|dim|mart)_/)).toEqual(
      Object.fromEntries(Object.entries(content).filter(([table]) => /^(fact|dim|mart)_/.test(table))),
    );
    expect(await diagnosis()).toBe('healthy');
  });
});

describe('damaged bronze', () => {
  it('stops the run that would read it, and names the file and its delivery', async () => {
    const before = await served(config);
    const at = join(config.home.lake, 'bronze', 'patients');
    const path = join(at, readdirSync(at)[0]!);
    const whole = readFileSync(path);
    flipBit(path);
    const damaged =
      /^bronze\/patients\/\S+ in the lake, which holds the rows of patients\/patients\.parquet, is/;
    expect(await diagnosis()).toMatch(damaged);
    await expect(loadAt(config, landing, true)).rejects.toMatchObject({
      code: 'LAKE_DAMAGED' satisfies ErrorCode,
      message: expect.stringMatching(damaged),
    });
    expect(await served(config)).toEqual(before);
    writeFileSync(path, whole);
    expect(await loadAt(config, landing, true)).toMatchObject({ outcome: 'published' });
  });
});
