import supertest from 'supertest';
import type { TrustCode } from '../../src/access/grant.js';
import type { Role } from '../../src/access/role.js';
import { listen } from '../../src/commands/serve.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { quiet } from './home.js';
import { closedBeforeFolders } from './landing.js';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what a test asserts
  readonly body: any;
}

export interface TestServer {
  readonly url: string;
  /** Sends one operation as a role; `trusts` becomes the claim of the token. */
  query(role: Role, query: string, variables?: object, trusts?: readonly string[]): Promise<Answer>;
  close(): Promise<void>;
}

/** The real server on a free port of this machine, with tokens of its development issuer. */
export async function serveAt(config: Config): Promise<TestServer> {
  const stop = new AbortController();
  const server = await listen(config, quiet(stop.signal), false);
  const stopped = server.untilStopped();
  const close = async (): Promise<void> => {
    stop.abort();
    await stopped;
  };
  closedBeforeFolders(close);
  const tokens = new Map<string, string>();
  const tokenFor = (role: Role, trusts?: readonly string[]): string => {
    const key = JSON.stringify([role, trusts]);
    const token =
      tokens.get(key) ?? developmentToken(config, [role], trusts as readonly TrustCode[] | undefined);
    tokens.set(key, token);
    return token;
  };
  return {
    url: server.url,
    async query(role, query, variables = {}, trusts) {
      const { status, body } = await supertest(server.url)
        .post('/graphql')
        .set('authorization', `Bearer ${tokenFor(role, trusts)}`)
        .send({ query, variables });
      return { status, body };
    },
    close,
  };
}
