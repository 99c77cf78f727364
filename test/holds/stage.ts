import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TrustCode } from '../../src/access/grant.js';
import { type Role, roleDeclarations } from '../../src/access/role.js';
import { defaultTrusts } from '../../src/commands/token.js';
import { type Config, loadConfig } from '../../src/config/environment.js';
import { issueToken, loadDevelopmentIssuer } from '../../src/server/authentication/issuer.js';
import { serve } from './served.js';

/** Where scenes are played: a home that holds a release of synthetic sources, of which each scene has a copy. */
export class Stage {
  #copies = 0;

  private constructor(
    readonly root: string,
    readonly folder: string,
    private readonly home: string,
    readonly landing: string,
    private readonly trusts: readonly TrustCode[],
  ) {}

  /** On a home that is loaded already. It is served once: a server makes its keys with the first. */
  static async on(root: string, folder: string, home: string, landing: string): Promise<Stage> {
    await (await serve(root, home)).stop();
    const trusts = await defaultTrusts(configOf(home), ['operations'], () => undefined);
    return new Stage(root, folder, home, landing, trusts ?? []);
  }

  /** Makes the sources and the home. */
  static async make(root: string, folder: string, patients: number): Promise<Stage> {
    const [home, landing] = [join(folder, 'home'), join(folder, 'landing')];
    const run = (...args: string[]): void => {
      const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'maplewood.cjs'), ...args], {
        env: { ...process.env, MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' },
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
    };
    run('synth', '--out', landing, '--patients', String(patients), '--seed', '7', '--years', '2');
    run('etl', 'run', '--landing', landing);
    return Stage.on(root, folder, home, landing);
  }

  /** A copy of the home. */
  copy(): Config {
    this.#copies += 1;
    const home = join(this.folder, `copy-${this.#copies}`);
    mkdirSync(home);
    cpSync(this.home, home, { recursive: true });
    return configOf(home);
  }

  /** A token for each of so many users of a role. */
  tokens({ home }: Config, role: Role, users: number, from = 0): string[] {
    const issuer = loadDevelopmentIssuer(home, { create: true });
    return Array.from({ length: users }, (_, at) =>
      issueToken(issuer, {
        roles: [role],
        ...(roleDeclarations[role].needsTrusts ? { trusts: this.trusts } : {}),
        oid: userId(role, from + at),
      }),
    );
  }
}

const userId = (role: Role, number: number): string => {
  const digits = Buffer.from(role).toString('hex').slice(0, 8).padEnd(8, '0');
  return `${digits}-0000-4000-8000-${String(number).padStart(12, '0')}`;
};

export const configOf = (home: string): Config =>
  loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' }, home);
