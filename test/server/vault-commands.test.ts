import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, maplewood } from '../faults/command.js';
import { compiled } from '../support/compiled.js';
import { loadedHome } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { answer, type StandInVault, secretsOfHome, standInVault } from '../support/vault.js';

const folder = temporaryFolder();
let landing: string;
let whole: Readonly<Record<string, string>>;
let vault: StandInVault;
/** A home of its own, so that nothing is found in it but what is looked for. */
const home = join(folder, 'vaulted');

beforeAll(async () => {
  await compiled(folder);
  const loaded = await loadedHome(folder, {}, { measuresAlone: true });
  ({ landing } = loaded);
  whole = {
    ...secretsOfHome(loaded.config.home.keys),
    'maplewood-token-a1': Buffer.from(Array.from({ length: 32 }, (_, at) => 7 + 3 * at)).toString('base64'),
    'maplewood-cursor': Buffer.from(Array.from({ length: 32 }, (_, at) => 8 + 3 * at)).toString('base64'),
    'maplewood-audit': Buffer.from(Array.from({ length: 32 }, (_, at) => 9 + 3 * at)).toString('base64'),
    'maplewood-deployment-id': 'where-it-runs',
  };
}, 180_000);
beforeEach(async () => {
  vault = await standInVault(whole);
});
afterEach(() => vault.close());

const run = (...args: readonly string[]) => maplewood(root, home, args, env());
const env = (): Record<string, string> => ({ MAPLEWOOD_KEY_VAULT_URL: vault.url, MAPLEWOOD_PORT: '0' });

/** Nothing of a key is told, not even of one that is wrong, and none is made in the home. */
function expectNothingTold({ out, said }: Ended): void {
  for (const value of vault.held.values()) expect(out + said).not.toContain(String(value).slice(0, 10));
  const keys = join(home, 'keys');
  expect(
    existsSync(keys) ? readdirSync(keys).filter((name) => name !== 'development-issuer.pem') : [],
  ).toEqual([]);
}

const away = (status: number): void => {
  vault.instead = (_, response) => {
    answer(response, status, { error: { code: 'Any' } });
    return true;
  };
};

describe('a load with keys in a vault', () => {
  it('is made with the warehouse key of the vault, and asks for nothing else', async () => {
    const ended = await run('etl', 'run', '--landing', landing, '--json').ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.out)).toMatchObject({ outcome: 'published' });
    expect(new Set(vault.asked)).toEqual(new Set(['/secrets/maplewood-warehouse']));
    expectNothingTold(ended);
  }, 120_000);

  it.each([403, 429, 500])('is to be tried again later where the vault answers %d', async (status) => {
    away(status);
    const ended = await run('etl', 'run', '--landing', landing).ended;
    expect(ended).toMatchObject({ code: 75, out: '' });
    expect(ended.said).toMatch(new RegExp(`^The Key Vault http\\S+ .*\\(status ${status}\\)\\. \\w.*\\n$`));
    expectNothingTold(ended);
  });

  it('is to be tried again later where nothing listens', async () => {
    const running = run('etl', 'run', '--landing', landing);
    await vault.close();
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 75, out: '' });
    expect(ended.said).toMatch(/cannot be reached \(ECONNREFUSED\)\. Check/);
  });

  it('is refused with exit code 2 without its key', async () => {
    vault.held.delete('maplewood-warehouse');
    const ended = await run('etl', 'run', '--landing', landing).ended;
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.said).toMatch(
      /^The warehouse key is missing \(secret maplewood-warehouse of http\S+\)\. Restore/,
    );
    expectNothingTold(ended);
  });
});

describe('the other commands with keys in a vault', () => {
  it('verify and export the audit, or are to be tried again', async () => {
    for (const verb of ['verify', 'export']) {
      const ended = await run('audit', verb).ended;
      expect(ended).toMatchObject({ code: 0, said: '' });
      expectNothingTold(ended);
    }
    expect(vault.asked).not.toContain('/secrets/maplewood-warehouse');
    away(503);
    for (const verb of ['verify', 'export'])
      expect(await run('audit', verb).ended).toMatchObject({ code: 75, out: '' });
  });

  it('say whether the keys can be read', async () => {
    const fine = await run('doctor').ended;
    expect(fine.out).toMatch(/ok {3}keys of the API can be read\n {2}ok {3}key of the warehouse can be read/);
    vault.held.set('maplewood-cursor', 'no key');
    vault.held.delete('maplewood-warehouse');
    const wrong = await run('doctor').ended;
    expect(wrong.code).toBe(2);
    expect(wrong.out).toMatch(
      /FAIL keys of the API can be read: The secret maplewood-cursor .* is not written in base64/,
    );
    expect(wrong.out).toMatch(
      /note key of the warehouse can be read, for loads: The warehouse key is missing/,
    );
    away(500);
    expect((await run('doctor').ended).out).toMatch(
      /FAIL keys of the API can be read: .* fails \(status 500\)/,
    );
    for (const ended of [fine, wrong]) expectNothingTold(ended);
  });
});

describe('a server that waits for its keys', () => {
  const waiting = async () => {
    const running = run('serve');
    await new Promise<void>((resolve) => running.child.stdout?.once('data', () => resolve()));
    return running;
  };

  it('ends with exit code 0 when it is told to stop', async () => {
    away(500);
    const { child, ended } = await waiting();
    child.kill('SIGTERM');
    const { code, signal, said } = await ended;
    expect([code, signal]).toEqual([0, null]);
    expect(said).toMatch(/Nothing is served until the keys can be read.*\nStopping: /);
  });

  it('ends with exit code 2 when one of them is wrong', async () => {
    away(500);
    const { ended } = await waiting();
    vault.held.set('maplewood-audit', 'no key');
    vault.instead = undefined;
    const all = await ended;
    expect(all.code).toBe(2);
    expect(all.said).toMatch(
      /\nThe secret maplewood-audit of http\S+ is not written in base64\. Set it.*\n$/,
    );
    expectNothingTold(all);
  });

  it('does not start without one of them', async () => {
    vault.held.delete('maplewood-audit');
    const all = await run('serve').ended;
    expect(all).toMatchObject({ code: 2, out: '' });
    expect(all.said).toMatch(
      /^The audit key is missing \(secret maplewood-audit of http\S+\)\. Restore and enable it/,
    );
  });
});
