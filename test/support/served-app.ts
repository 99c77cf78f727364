import type { AddressInfo } from 'node:net';
import { openParts, type PartsEffects, type ServerParts } from '../../src/commands/parts.js';
import type { Config } from '../../src/config/environment.js';
import { ensureHome } from '../../src/config/home.js';
import { type App, createApp } from '../../src/server/app.js';
import type { AppEffects, AppOptions } from '../../src/server/options.js';
import { closedBeforeFolders, root } from './landing.js';

export interface ServedApp {
  readonly app: App;
  readonly parts: ServerParts;
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The server as `serve` puts it together, on a free port of this machine; `changed` puts other parts in its place. */
export async function servedApp(
  config: Config,
  changed: (parts: ServerParts) => Partial<AppOptions> = () => ({}),
  { now = () => new Date(), ...effects }: Partial<PartsEffects & Pick<AppEffects, 'now'>> = {},
): Promise<ServedApp> {
  ensureHome(config.home);
  const parts = await openParts(config, { note: () => undefined, root, ...effects });
  const app = await createApp(
    { ...parts, observe: { ...parts.observe, strict: true }, ...changed(parts) },
    { now, random: Math.random },
  );
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.http.server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await app.http.close();
      await parts.close();
    })();
    return closing;
  };
  closedBeforeFolders(close);
  return { app, parts, url: `http://127.0.0.1:${port}`, port, close };
}
