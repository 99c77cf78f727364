import supertest from 'supertest';
import type { TrustCode } from '../../src/access/grant.js';
import type { Role } from '../../src/access/role.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import { servedApp } from './served-app.js';
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
  let count = 0;
  const counted = (warehouse: Warehouse): Warehouse => ({
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
  });
  const { url, close } = await servedApp(config, ({ warehouse }) => ({ warehouse: counted(warehouse) }));
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
    close,
  };
}
