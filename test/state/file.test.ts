import { appendFileSync, copyFileSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventsFile, fileStateStore } from '../../src/state/file.js';
import type { NewEvent } from '../../src/state/store.js';
import { temporaryFolder } from '../support/landing.js';

const root = temporaryFolder();
let made = 0;
const newFolder = (): string => {
  made += 1;
  return join(root, String(made));
};
const event = (subject: string, kind = 'grant'): NewEvent => ({
  kind,
  subject,
  actor: 'tenant/user',
  body: { reason: 'line one\nline two', minutes: 30 },
  recordedAt: '2026-01-15T12:00:00.000Z',
});
const subjects = (events: readonly { readonly subject: string }[]): string[] =>
  events.map(({ subject }) => subject);

describe('a state of events in a file', () => {
  it('gives back what was added, in order and by kind, to a new process too', async () => {
    const folder = newFolder();
    const store = fileStateStore(folder);
    expect([await store.version(), await store.events('grant')]).toEqual([0, []]);
    expect(await store.append(event('a'))).toEqual({ id: 1, ...event('a') });
    await store.append(event('b', 'other'));
    await store.append(event('c'));
    for (const each of [store, fileStateStore(folder)]) {
      expect(await each.events('grant')).toEqual([
        { id: 1, ...event('a') },
        { id: 3, ...event('c') },
      ]);
      expect(await each.version()).toBe(3);
    }
  });

  it('is for its owner alone', async () => {
    const folder = newFolder();
    await fileStateStore(folder).append(event('a'));
    expect(statSync(join(folder, eventsFile)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('shows what another process has added, and numbers events alike', async () => {
    const folder = newFolder();
    const [one, other] = [fileStateStore(folder), fileStateStore(folder)];
    const added = await Promise.all(
      Array.from({ length: 40 }, (_none, at) => (at % 2 ? one : other).append(event(String(at)))),
    );
    expect(added.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_none, at) => at + 1),
    );
    expect(await one.events('grant')).toEqual(await other.events('grant'));
    expect(await one.events('grant')).toHaveLength(40);
  });

  it('closes the line that a killed process has torn, and loses no whole one', async () => {
    const folder = newFolder();
    const before = fileStateStore(folder);
    await before.append(event('a'));
    const whole = readFileSync(join(folder, eventsFile), 'utf8');
    for (const kept of [1, 20, whole.length - 1]) {
      appendFileSync(join(folder, eventsFile), whole.slice(0, kept));
      const after = fileStateStore(folder);
      expect(subjects(await after.events('grant'))).not.toContain('');
      await after.append(event(`after ${kept}`));
    }
    // Of the last one only the end of the line was missing: closed, it is whole.
    const expected = ['a', 'after 1', 'after 20', 'a', `after ${whole.length - 1}`];
    for (const store of [before, fileStateStore(folder)])
      expect(subjects(await store.events('grant'))).toEqual(expected);
  });

  it('reads a file anew that was put in its place', async () => {
    const folder = newFolder();
    const file = join(folder, eventsFile);
    const store = fileStateStore(folder);
    await store.append(event('a'));
    copyFileSync(file, `${file}.backup`);
    await store.append(event('b'));
    expect(await store.version()).toBe(2);
    renameSync(`${file}.backup`, file);
    expect(subjects(await store.events('grant'))).toEqual(['a']);
  });

  it('is unavailable where the file cannot be read, and refuses what a database could not keep', async () => {
    const folder = newFolder();
    const store = fileStateStore(folder);
    await store.append(event('a'));
    await expect(store.append(event('x'.repeat(201)))).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(fileStateStore(join(folder, eventsFile)).append(event('a'))).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
    });
    await expect(fileStateStore(join(folder, eventsFile)).events('grant')).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
    });
  });
});
