import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a stand-in holds under a name: a value, or a value that was disabled. */
export type Held = string | { readonly disabled: string };

export interface StandInVault {
  readonly url: string;
  readonly port: number;
  /** May be changed at any time. */
  readonly held: Map<string, Held>;
  /** What was asked for, such as `/secrets/maplewood-cursor`, in its order. */
  readonly asked: string[];
  /** The authorization of each question. */
  readonly authorizations: (string | undefined)[];
  /** Answers in place of the vault, as long as it is set; what returns false is left to the vault. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

export interface VaultShape {
  readonly port?: number;
  /** Secrets on a page of the list. */
  readonly page?: number;
}

/**
 * A server of this machine that speaks the part of the REST API of Key Vault that is used: "Get Secrets" by pages and "Get
 * Secret", version 7.4, with its errors.
 */
export async function standInVault(
  secrets: Readonly<Record<string, Held>> = {},
  { port = 0, page = 3 }: VaultShape = {},
): Promise<StandInVault> {
  const held = new Map(Object.entries(secrets));
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    asked.push(url.pathname);
    authorizations.push(request.headers.authorization);
    if (vault.instead?.(request, response)) return;
    if (request.method !== 'GET' || url.searchParams.get('api-version') !== '7.4')
      return answer(response, 400, problem('BadParameter', 'The request is not one of version 7.4.'));
    if (url.pathname === '/secrets') return answer(response, 200, listed(held, url, page));
    const name = /^\/secrets\/([A-Za-z0-9-]+)$/.exec(url.pathname)?.[1] ?? '';
    return answered(response, `${url.origin}/secrets/${name}`, held.get(name));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const vault: StandInVault = {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    held,
    asked,
    authorizations,
    instead: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return vault;
}

/** One page, and where the next one is. */
function listed(held: ReadonlyMap<string, Held>, { origin, searchParams }: URL, page: number): object {
  const from = Number(searchParams.get('$skiptoken') ?? 0);
  const names = [...held];
  return {
    value: names.slice(from, from + page).map(([name, value]) => ({
      id: `${origin}/secrets/${name}`,
      attributes: { enabled: typeof value === 'string' },
    })),
    nextLink:
      from + page < names.length
        ? `${origin}/secrets?api-version=7.4&$skiptoken=${from + page}&maxresults=${page}`
        : null,
  };
}

function answered(response: ServerResponse, id: string, value: Held | undefined): void {
  if (value === undefined) answer(response, 404, problem('SecretNotFound', 'There is none.'));
  else if (typeof value === 'object') answer(response, 403, disabled);
  else answer(response, 200, { value, id: `${id}/0123456789abcdef`, attributes: { enabled: true } });
}

const disabled = {
  error: {
    code: 'Forbidden',
    message: 'Operation get is not allowed on a disabled secret.',
    innererror: { code: 'SecretDisabled' },
  },
};

const problem = (code: string, message: string): object => ({ error: { code, message } });

export function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** What a vault holds in place of the key files of a home. */
export function secretsOfHome(keys: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(keys).flatMap((file) => {
      const bytes = readFileSync(join(keys, file));
      if (file === 'deployment-id') return [[`maplewood-${file}`, bytes.toString('utf8')]];
      if (!file.endsWith('.key')) return [];
      return [[`maplewood-${file.slice(0, -'.key'.length)}`, bytes.toString('base64')]];
    }),
  );
}
