import supertest from 'supertest';
import type { TrustCode } from '../../src/access/grant.js';
import type { Role } from '../../src/access/role.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import type { Answer, TestServer } from '../support/server.js';

/** A dataset's page, as every test reads it. */
export interface Page {
  readonly nodes: readonly Record<string, unknown>[];
  readonly edges: readonly { readonly cursor: string; readonly node: Record<string, unknown> }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
  readonly notices: readonly { readonly code: string }[];
}

/** One caller of the API: a role, its trusts, and what it gets back. */
export interface Caller {
  query(document: string, variables?: object): Promise<Answer>;
  /** The root field of an answer without errors. */
  page(field: string, variables?: { declared: string; values: object }): Promise<Page>;
  /** Code and message of the first error of a refused document. */
  refusal(document: string, variables?: object): Promise<{ status: number; code: string; message: string }>;
}

export function callerOf(server: () => TestServer, role: Role, trusts?: () => readonly string[]): Caller {
  const query = (document: string, variables: object = {}): Promise<Answer> =>
    server().query(role, document, variables, trusts?.());
  return {
    query,
    async page(field, variables) {
      const head = variables ? `query (${variables.declared}) ` : '';
      const { status, body } = await query(`${head}{ answer: ${field} }`, variables?.values);
      expect([status, body.errors]).toEqual([200, undefined]);
      return body.data.answer as Page;
    },
    async refusal(document, variables) {
      const { status, body } = await query(document, variables);
      expect(body.errors?.length).toBeGreaterThan(0);
      const [{ message, extensions }] = body.errors;
      expect(extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
      return { status, code: extensions.code, message };
    },
  };
}

/** A request as it goes over the wire, with whatever headers and body. */
export const post = (
  server: TestServer,
  config: Config,
  roles: readonly Role[],
  trusts?: readonly string[],
) =>
  supertest(server.url)
    .post('/graphql')
    .set(
      'authorization',
      `Bearer ${developmentToken(config, roles, trusts as readonly TrustCode[] | undefined)}`,
    );
