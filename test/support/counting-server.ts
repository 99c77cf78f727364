import type { AddressInfo } from 'node:net';
import supertest from 'supertest';
import type { TrustCode } from '../../src/access/grant.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import type { Role } from '../../src/access/role.js';
import { openWarehouse } from '../../src/commands/serve.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { createApp } from '../../src/server/app.js';
import { loadDevelopmentIssuer } from '../../src/server/authentication/issuer.js';
import { trustedSource } from '../../src/server/authentication/trusted-source.js';
import { createVerifier } from '../../src/server/authentication/verify.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import type { Answer, TestServer } from './server.js';

export interface CountingServer extends TestServer {
  /** Sends one operation as a client of the tenant. */
  queryAs(client: string, role: Role, query: string, variables?: object): Promise<Answer>;
  /** Statements since the last call. */
  statements(): number;
  /** The text of every answer so far. */
  readonly answers: readonly string[];
}

/** A server that counts its statements and keeps its answers. */
export async function countingServer(config: Config): Promise<CountingServer> {
  const issuer = loadDevelopmentIssuer(config.home, { create: true });
  const source = trustedSource(config, () => issuer);
  const warehouse = await openWarehouse(config);
  let count = 0;
  const counted: Warehouse = {
    ...warehouse,
    open() {
      const handle = warehouse.open();
      return {
        ...handle,
        read(...call) {
          count += 1;
          return handle.read(...call);
        },
      };
    },
  };
  const app = await createApp({
    warehouse: counted,
    schemas: buildRoleSchemas(),
    verifier: createVerifier(source.options, { keys: source.keys, now: Date.now }),
    keys: loadServiceKeys(config.home, { create: true, dev: true }),
    settings: config.settings,
    searchAll: true,
  });
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`;
  const answers: string[] = [];
  const send = async (token: string, query: string, variables: object): Promise<Answer> => {
    const { status, body, text } = await supertest(url)
      .post('/graphql')
      .set('authorization', `Bearer ${token}`)
      .send({ query, variables });
    answers.push(text);
    return { status, body };
  };
  return {
    url,
    answers,
    statements() {
      const counted = count;
      count = 0;
      return counted;
    },
    query: (role, query, variables = {}, trusts) =>
      send(developmentToken(config, [role], trusts as readonly TrustCode[] | undefined), query, variables),
    queryAs: (client, role, query, variables = {}) =>
      send(developmentToken(config, [role], undefined, client), query, variables),
    async close() {
      await app.http.close();
      await warehouse.close();
    },
  };
}
