import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadServiceKeys } from '../access/keys.js';
import type { Config } from '../config/environment.js';
import { ensureHome } from '../config/home.js';
import { assertServable, mayCreateKeys } from '../config/serving.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { buildRoleSchemas } from '../resolvers/build-schema.js';
import { createApp } from '../server/app.js';
import { loadDevelopmentIssuer, publicKeySet } from '../server/authentication/issuer.js';
import { trustedSource } from '../server/authentication/trusted-source.js';
import { createVerifier } from '../server/authentication/verify.js';
import { openDuckdbWarehouse } from '../warehouse/duckdb/release.js';
import type { Warehouse } from '../warehouse/warehouse.js';
import { openBreakGlass } from './break-glass.js';
import { type Command, type CommandContext, parse } from './command.js';

export const serve: Command = {
  name: 'serve',
  summary: 'Serve the current release over GraphQL.',
  usage: 'maplewood serve [--json]',
  async run(args, context) {
    const { values } = parse(serve, args, { json: { type: 'boolean', default: false } });
    const server = await listen(context.config(), context, values.json);
    context.out(`Maplewood serves ${server.url}/graphql\n`);
    await server.untilStopped();
  },
};

export interface Listening {
  readonly url: string;
  /** Resolves when the server was told to stop and has finished what it had begun. */
  untilStopped(): Promise<void>;
}

/** Milliseconds that running requests get when the server is told to stop. */
const patience = 20_000;

/** Starts the server. Errors: `PORT_IN_USE`, `CONFIGURATION`, `HOME_NOT_WRITABLE`. */
export async function listen(config: Config, context: CommandContext, json: boolean): Promise<Listening> {
  assertServable(config);
  ensureHome(config.home);
  const issuer = config.dev ? loadDevelopmentIssuer(config.home, { create: true }) : undefined;
  const source = trustedSource(config, () => issuer ?? loadDevelopmentIssuer(config.home, { create: false }));
  // Before anything is connected to: what is wrong with a key should not be told behind a network.
  const keys = loadServiceKeys(config.home, { create: mayCreateKeys(config), dev: config.dev });
  const warehouse = await openWarehouse(config, (text) => context.err(text));
  const glass = openBreakGlass(config, keys, (text) => context.err(text));
  const app = await createApp({
    warehouse,
    schemas: buildRoleSchemas(),
    verifier: createVerifier(source.options, { keys: source.keys, now: Date.now }),
    keys,
    settings: config.settings,
    searchAll: config.dev,
    ...(glass ? { breakGlass: glass.service, audit: glass.trail } : {}),
    ...(issuer ? { publicKeySet: publicKeySet(issuer) } : {}),
    ...(json ? { log: { write: context.err } } : {}),
  });
  try {
    await app.http.listen({ host: config.host, port: config.port });
  } catch (error) {
    await warehouse.close();
    if (systemCode(error) === 'EADDRINUSE') {
      throw new MaplewoodError(
        'PORT_IN_USE',
        `Port ${config.port} of ${config.host} is in use. Stop the program that listens there, or set MAPLEWOOD_PORT to another port.`,
      );
    }
    if (systemCode(error) === 'EACCES' || systemCode(error) === 'EADDRNOTAVAIL') {
      throw new MaplewoodError(
        'CONFIGURATION',
        `Cannot listen on ${config.host}:${config.port}. Set MAPLEWOOD_HOST and MAPLEWOOD_PORT.`,
      );
    }
    throw error;
  }
  const address = app.http.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: config.publicUrl ?? `http://${host}:${port}`,
    async untilStopped() {
      if (!context.stopped.aborted) await once(context.stopped, 'abort');
      context.err('Stopping: running requests are finished first. Press Ctrl-C again to end at once.\n');
      const timer = setTimeout(() => app.abort(), patience);
      await app.http.close();
      clearTimeout(timer);
      await glass?.audit.close();
      await warehouse.close();
    },
  };
}

/** The configured warehouse, for reading. */
export async function openWarehouse(
  config: Config,
  note: (text: string) => void = () => undefined,
): Promise<Warehouse> {
  if (config.warehouse.kind !== 'duckdb') {
    const { openMssqlWarehouse } = await import('../warehouse/mssql/release.js');
    return openMssqlWarehouse(config.warehouse.url.reveal());
  }
  const cores = availableParallelism();
  return openDuckdbWarehouse({
    folder: config.warehouse.path,
    spill: join(config.home.tmp, `serve-${process.pid}`),
    threads: cores,
    memoryLimit: '2GB',
    connections: Math.max(2, cores),
    waiting: 200,
    pollEvery: 250,
    onRelease: ({ id, error }) =>
      note(
        error === undefined
          ? `Release ${id} is served now.\n`
          : `Release ${id} could not be opened; the one before stays served.\n`,
      ),
  });
}
