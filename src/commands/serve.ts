import { once } from 'node:events';
import { type ApiKeys, keyring } from '../access/keyring.js';
import type { Config } from '../config/environment.js';
import { ensureHome } from '../config/home.js';
import { assertServable } from '../config/serving.js';
import { type App, createApp } from '../server/app.js';
import type { WaitingServer } from '../server/waiting.js';
import { bind } from './bind.js';
import { type Command, type CommandContext, parse } from './command.js';
import { operatorOf } from './operator.js';
import { openParts, type ServerParts } from './parts.js';
import { waitForKeys } from './wait-for-keys.js';

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
  /** Resolves when the server was told to stop and has finished what it had begun. Errors: those of a start that had to wait. */
  untilStopped(): Promise<void>;
}

interface Serving {
  readonly app: App;
  readonly parts: ServerParts;
}

/**
 * Starts the server. Where its keys are in a vault it listens before it has them, and refuses requests until then.
 * Errors: `PORT_IN_USE`, `CONFIGURATION`, `HOME_NOT_WRITABLE`.
 */
export async function listen(config: Config, context: CommandContext, json: boolean): Promise<Listening> {
  assertServable(config);
  ensureHome(config.home);
  const operator = operatorOf(context, json);
  const { stopped } = context;

  const open = async (keys?: ApiKeys, waiting?: WaitingServer): Promise<Serving> => {
    const parts = await openParts(config, {
      root: context.root,
      note: operator.note,
      ...(keys ? { keys } : {}),
      ...(json ? { log: { write: context.err } } : {}),
    });
    const app = await createApp(parts, undefined, waiting);
    operator.use(app.log);
    return { app, parts };
  };
  const finish = async ({ app, parts }: Serving): Promise<void> => {
    if (!stopped.aborted) await once(stopped, 'abort');
    operator.state('stopping');
    await app.stop();
    await parts.close();
    operator.state('stopped');
  };

  const keys = keyring(config);
  if (keys.isRemote) {
    const waiting = await waitForKeys({ config, operator, stopped, keys, open });
    return {
      url: waiting.url,
      async untilStopped() {
        const serving = await waiting.taken;
        if (serving) await finish(serving);
      },
    };
  }
  const serving = await open();
  try {
    const url = await bind(serving.app.http, config);
    operator.state('listening');
    return { url, untilStopped: () => finish(serving) };
  } catch (error) {
    await serving.parts.close();
    throw error;
  }
}
