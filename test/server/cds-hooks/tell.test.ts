import { join } from 'node:path';
import { identifiersFor } from '../../../src/access/identifiers.js';
import { loadServiceKeys } from '../../../src/access/keys.js';
import { type CardEvent, feedbackIn } from '../../../src/cds/hooks/ledger.js';
import { ensureHome } from '../../../src/config/home.js';
import { MaplewoodError } from '../../../src/errors.js';
import { feedbackDesk, type Teller } from '../../../src/server/cds-hooks/tell.js';
import { fileStateStore } from '../../../src/state/file.js';
import type { StateStore } from '../../../src/state/store.js';
import { configAt } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
const config = configAt(join(folder, 'home'));
ensureHome(config.home);
const identifiers = identifiersFor(loadServiceKeys(config.home, { create: true, dev: true }), 'ehr');
const now = new Date('2026-11-26T12:00:00Z');
const uuid = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
const shown: CardEvent = {
  cardUuid: uuid,
  rule: 'readmit_30d',
  outcome: 'shown',
  urgency: 70,
  reasonCode: null,
  comment: null,
  at: now.toISOString(),
  by: 'tenant/user',
  client: 'ehr',
};
const told = {
  card: uuid,
  outcome: 'overridden',
  reasonCode: null,
  comment: null,
  outcomeTimestamp: '2026-11-26T12:05:00Z',
} as const;

let made = 0;
/** A desk over a store of its own, with the card shown, and what happened at it in order. */
async function desk(changed: (store: StateStore) => StateStore = (store) => store) {
  made += 1;
  const store = fileStateStore(join(folder, String(made)));
  const happened: string[] = [];
  await feedbackIn(store, String).keep(shown, now.toISOString());
  const watched: StateStore = {
    ...changed(store),
    append: async (event) => {
      happened.push(String(event.body['outcome']));
      return changed(store).append(event);
    },
  };
  const { take } = feedbackDesk(feedbackIn(watched, String), []);
  const tell = (record: Teller['record']): Promise<void> =>
    take([told], { owner: { client: 'ehr', by: null }, by: 'ehr', identifiers, now, record });
  return { store, happened, tell };
}

describe('feedback', () => {
  it('is recorded before it is kept, and not again when it is told again', async () => {
    const { happened, tell } = await desk();
    const record = async (): Promise<void> => void happened.push('recorded');
    await tell(record);
    await tell(record);
    expect(happened).toEqual(['recorded', 'overridden']);
  });

  it('that cannot be recorded is not kept', async () => {
    const { store, happened, tell } = await desk();
    await expect(
      tell(async () => {
        throw new MaplewoodError('AUDIT_UNAVAILABLE');
      }),
    ).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(happened).toEqual([]);
    expect(await store.events('cds')).toHaveLength(1);
  });

  it('that cannot be kept is recorded as such', async () => {
    const { tell } = await desk((store) => ({
      ...store,
      append: async () => {
        throw new MaplewoodError('STATE_UNAVAILABLE');
      },
    }));
    const records: (string | undefined)[] = [];
    const record: Teller['record'] = async (error) =>
      void records.push((error as MaplewoodError | undefined)?.code);
    await expect(tell(record)).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' });
    expect(records).toEqual([undefined, 'STATE_UNAVAILABLE']);
  });
});
