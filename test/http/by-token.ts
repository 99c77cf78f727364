import { identifiersFor } from '../../src/access/identifiers.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import type { Config } from '../../src/config/environment.js';
import { fromRelease } from '../support/release.js';
import type { Caller } from './client.js';

/** Rows of the release by the token under which a caller sees them; `sql` selects their 128-bit `key` too. */
export async function factsByToken<T extends object>(
  config: Config,
  caller: Caller,
  sql: string,
  entity: 'event' | 'patient',
): Promise<Map<string, T>> {
  const keys = loadServiceKeys(config.home, { create: false, dev: true });
  const { body } = await caller.query('{ me { client } }');
  const rows = await fromRelease<T & { key: Uint8Array }>(config, sql);
  const tokens = identifiersFor(keys, body.data.me.client)
    .of(entity)
    .encode(rows.map(({ key }) => Buffer.from((key as unknown as { bytes?: Uint8Array }).bytes ?? key)));
  return new Map(rows.map((row, at) => [tokens[at]!, row]));
}
