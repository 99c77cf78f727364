import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { TrustCode } from '../src/access/grant.js';
import { type Role, roleDeclarations, roles } from '../src/access/role.js';
import { developmentToken } from '../src/commands/token.js';
import { loadConfig } from '../src/config/environment.js';
import { newestRelease } from '../src/warehouse/duckdb/files.js';

/** Posts a body as a role and gives the text of the answer. Error: another status than 200, or an answer with errors. */
export type Asking = (role: Role, path: string, body: string) => Promise<string>;

export interface Serving {
  readonly asking: Asking;
  /** Milliseconds of CPU that the server has used so far. */
  cpu(): Promise<number>;
  stop(): void;
}

/** The trusts of the release that a home serves. */
async function trustsOf(warehouse: string): Promise<readonly TrustCode[]> {
  const manifest = await newestRelease(warehouse);
  if (!manifest) throw new Error('no release');
  const instance = await DuckDBInstance.create(join(warehouse, manifest.file), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const found = await connection.runAndReadAll('select trust_code from dim_trust order by 1 limit 50');
  connection.closeSync();
  instance.closeSync();
  return found.getRows().map(([code]) => code as TrustCode);
}

/** `keep`: answers are given again. `unrecorded`: what is asked is not recorded. */
export type Serves = 'live' | 'keep' | 'unrecorded';

/** The server of the bench in a process of its own; roles that need trusts have all of the release. */
export async function serving(home: string, serves: Serves = 'live'): Promise<Serving> {
  const child = fork(join(import.meta.dirname, 'api-server.js'), [home, serves], {
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const config = loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' }, home);
  const trusts = await trustsOf(config.home.warehouse);
  const tokens = new Map(
    roles.map((role) => [
      role,
      developmentToken(config, [role], roleDeclarations[role].needsTrusts ? trusts : undefined),
    ]),
  );
  return {
    async asking(role, path, body) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(role)}` },
        body,
      });
      const text = await answer.text();
      if (answer.status !== 200 || text.startsWith('{"errors"'))
        throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}\n${body.slice(0, 500)}`);
      return text;
    },
    async cpu() {
      child.send('cpu');
      const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
      return cpu;
    },
    stop: () => void child.kill(),
  };
}
