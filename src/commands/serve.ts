import { once } from 'node:events';
import type { Config } from '../config/environment.js';
import { ensureHome } from '../config/home.js';
import { assertServable } from '../config/serving.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { createApp } from '../server/app.js';
import type { Log } from '../server/observe/log.js';
import { type Command, type CommandContext, parse } from './command.js';
import { type Notice, openParts } from './parts.js';

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

/** Starts the server. Errors: `PORT_IN_USE`, `CONFIGURATION`, `HOME_NOT_WRITABLE`. */
export async function listen(config: Config, context: CommandContext, json: boolean): Promise<Listening> {
  assertServable(config);
  ensureHome(config.home);
  let log: Log | undefined;
  const parts = await openParts(config, {
    root: context.root,
    note: (notice) => (log ? told(notice, log) : context.err(`${notice.text}\n`)),
    ...(json ? { log: { write: context.err } } : {}),
  });
  const app = await createApp(parts);
  if (json) ({ log } = app);
  try {
    await app.http.listen({ host: config.host, port: config.port });
  } catch (error) {
    await parts.close();
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
  app.log.server({ state: 'listening' });
  const address = app.http.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: config.publicUrl ?? `http://${host}:${port}`,
    async untilStopped() {
      if (!context.stopped.aborted) await once(context.stopped, 'abort');
      if (!json)
        context.err('Stopping: running requests are finished first. Press Ctrl-C again to end at once.\n');
      app.log.server({ state: 'stopping' });
      await app.stop();
      await parts.close();
      app.log.server({ state: 'stopped' });
    },
  };
}

/** A line of the log for what else would be a sentence. */
function told(notice: Notice, log: Log): void {
  if (notice.kind === 'release') log.release({ release: notice.release });
  else if (notice.kind === 'releaseRefused')
    log.releaseRefused({ release: notice.release, error: notice.error });
  else log.audit({ state: 'unavailable' });
}
