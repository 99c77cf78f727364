import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { openVault, type Vault } from '../../../src/access/vault/client.js';
import type { MaplewoodError } from '../../../src/errors.js';
import { answer, type StandInVault, standInVault } from '../../support/vault.js';

let vault: StandInVault;
const none = async () => undefined;
const never = new AbortController().signal;
const open = (patience = 2_000): Promise<Vault> =>
  openVault(vault.url, none, never, { patience: { question: patience, token: patience } });

const failing = async (work: Promise<unknown>): Promise<MaplewoodError> => {
  try {
    await work;
  } catch (error) {
    return error as MaplewoodError;
  }
  throw new Error('nothing was thrown');
};
const unavailable = (message: RegExp) =>
  expect.objectContaining({ code: 'KEY_UNAVAILABLE', message: expect.stringMatching(message) });

beforeEach(async () => {
  vault = await standInVault({
    'maplewood-a': 'one',
    'maplewood-b': 'two',
    other: 'three',
    'Maplewood-C': 'four',
  });
});
afterEach(() => vault.close());

describe('a vault', () => {
  it('gives the value of a secret, which no log can print', async () => {
    const value = await (await open()).value('maplewood-a');
    expect(value?.reveal()).toBe('one');
    expect(inspect(value) + JSON.stringify(value)).not.toContain('one');
    expect(vault.asked).toEqual(['/secrets/maplewood-a']);
  });

  it('has no secret that was never set', async () => {
    expect(await (await open()).value('maplewood-z')).toBeUndefined();
  });

  it('has no secret that is disabled', async () => {
    vault.held.set('maplewood-a', { disabled: 'one' });
    expect(await (await open()).value('maplewood-a')).toBeUndefined();
    vault.instead = (_, response) => {
      answer(response, 200, { value: 'one', attributes: { enabled: false } });
      return true;
    };
    expect(await (await open()).value('maplewood-a')).toBeUndefined();
  });

  it('names its enabled secrets, page by page', async () => {
    vault.held.set('maplewood-b', { disabled: 'two' });
    expect(await (await open()).names()).toEqual(['maplewood-a', 'other', 'maplewood-c']);
    expect(vault.asked).toEqual(['/secrets', '/secrets']);
  });

  it('is asked with the token of this process, and once for that', async () => {
    let tokens = 0;
    const asked = await openVault(vault.url, async () => `token-${++tokens}`, never);
    await asked.names();
    await asked.value('maplewood-a');
    expect(vault.authorizations).toEqual(Array(3).fill('Bearer token-1'));
  });

  it('stands in for one without a token', async () => {
    await (await open()).value('maplewood-a');
    expect(vault.authorizations).toEqual([undefined]);
  });

  it('cannot be asked without an identity, of which nothing is told', async () => {
    const without = openVault(vault.url, () => Promise.reject(new Error('tenant hunter2')), never);
    const error = await failing(without);
    expect(error).toEqual(unavailable(/this process has no identity.*\. Give its machine/));
    expect(error.message).not.toContain('hunter2');
    expect(vault.asked).toEqual([]);
  });

  it('cannot be asked where the identity takes too long', async () => {
    const patience = { question: 1_000, token: 20 };
    const without = openVault(vault.url, () => new Promise(() => undefined), never, { patience });
    expect(await failing(without)).toEqual(unavailable(/no identity/));
  });

  it.each([401, 403, 429, 500, 502, 503])('that answers %d is out of reach', async (status) => {
    vault.instead = (_, response) => {
      answer(response, status, { error: { code: 'Any', message: 'hunter2' } });
      return true;
    };
    const asked = await open();
    for (const work of [asked.value('maplewood-a'), asked.names()]) {
      const error = await failing(work);
      expect(error).toEqual(unavailable(new RegExp(`status ${status}.*\\. \\w`)));
      expect(error.message).not.toContain('hunter2');
      expect(error.exitCode).toBe(75);
    }
  });

  it('says which secret an identity may not read, and the right that it needs', async () => {
    vault.instead = (_, response) => {
      answer(response, 403, { error: { code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } } });
      return true;
    };
    const error = await failing((await open()).value('maplewood-a'));
    expect(error.message).toMatch(/the secret maplewood-a \(status 403\)\. .*Key Vault Secrets User/);
  });

  it.each<[string, number, string]>([
    ['no JSON', 200, '{"value": "x'],
    ['a list', 200, '["x"]'],
    ['nothing', 200, ''],
    ['no value', 200, '{"id":"x"}'],
    ['a number', 200, '{"value":1}'],
    ['another status', 418, '{"value":"x"}'],
  ])('that answers with %s is out of reach', async (_, status, text) => {
    vault.instead = (_request, response) => {
      response.writeHead(status).end(text);
      return true;
    };
    const asked = await open();
    expect(await failing(asked.value('maplewood-a'))).toEqual(unavailable(/no answer of a vault.*secret/));
    expect(await failing(asked.names())).toEqual(unavailable(/no answer of a vault.*list/));
  });

  it('whose list is not there is none', async () => {
    vault.instead = (_, response) => {
      answer(response, 404, {});
      return true;
    };
    expect(await failing((await open()).names())).toEqual(unavailable(/no answer of a vault.*404/));
  });

  it('cannot be reached where nothing listens', async () => {
    await vault.close();
    expect(await failing((await open()).names())).toEqual(
      unavailable(/cannot be reached \(ECONNREFUSED\)\. Check/),
    );
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['says nothing', () => undefined],
    ['stops in the middle of an answer', (response) => void response.writeHead(200).write('{"value":')],
    [
      'sends a byte now and then',
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('is given up in time when it %s', async (_, act) => {
    vault.instead = (_request, response) => {
      act(response);
      return true;
    };
    const began = performance.now();
    expect(await failing((await open(150)).names())).toEqual(unavailable(/did not answer in time/));
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it('is given five seconds', async () => {
    vault.instead = () => true;
    const asked = await openVault(vault.url, none, never);
    const began = performance.now();
    await failing(asked.names());
    expect(performance.now() - began).toBeGreaterThan(4_900);
    expect(performance.now() - began).toBeLessThan(12_000);
  });

  it('cannot fill memory', async () => {
    let sent = 0;
    vault.instead = (_, response) => {
      response.writeHead(200);
      const block = 'x'.repeat(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && sent < 256 * 1024 * 1024) {
          sent += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
      };
      more();
      return true;
    };
    const error = await failing((await open(10_000)).value('maplewood-a'));
    expect(error).toEqual(unavailable(/it is too large/));
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('leads nowhere else', async () => {
    const seen: string[] = [];
    const elsewhere = createServer(({ url }, response) => {
      seen.push(String(url));
      answer(response, 200, { value: 'stolen' });
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/secrets/maplewood-a`;
    try {
      vault.instead = (_, response) => {
        response.writeHead(302, { location: other }).end();
        return true;
      };
      expect(await failing((await open()).value('maplewood-a'))).toEqual(unavailable(/cannot be reached/));
      for (const nextLink of [
        other,
        other.replace('127.0.0.1', 'localhost'),
        '//attacker.example/secrets',
        'http://',
        `${vault.url}@127.0.0.1:9/`,
      ]) {
        vault.instead = (_, response) => {
          answer(response, 200, { value: [], nextLink });
          return true;
        };
        expect(await failing((await open()).names())).toEqual(unavailable(/it goes on elsewhere/));
      }
      expect(seen).toEqual([]);
    } finally {
      await new Promise((resolve) => elsewhere.close(resolve));
    }
  });

  it('has a list with an end', async () => {
    vault.instead = (_, response) => {
      answer(response, 200, { value: [], nextLink: `${vault.url}/secrets?api-version=7.4` });
      return true;
    };
    expect(await failing((await open()).names())).toEqual(unavailable(/it has no end/));
    expect(vault.asked).toHaveLength(200);
  });

  it('lists nothing that has no name of a secret', async () => {
    vault.instead = (_, response) => {
      const ids = ['https://x/secrets/a/../b', 'https://x/keys/c', 7, null, 'https://x/secrets/maplewood-ok'];
      answer(response, 200, { value: [...ids.map((id) => ({ id })), null, 'x'] });
      return true;
    };
    expect(await (await open()).names()).toEqual(['maplewood-ok']);
  });

  it('is not waited for any longer once the process is told to stop', async () => {
    vault.instead = () => true;
    const stop = new AbortController();
    const asked = await openVault(vault.url, none, stop.signal);
    const work = failing(asked.names());
    setTimeout(() => stop.abort(), 50);
    expect((await work).name).toBe('AbortError');
  });
});
