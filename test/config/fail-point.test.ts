import { armFailPoint, around, type FailPoint, pass, readFailPoint } from '../../src/config/fail-point.js';

describe('MAPLEWOOD_FAILPOINT', () => {
  it.each<[string, FailPoint | undefined]>([
    ['release.before-link', { does: 'kill', point: 'release.before-link', passing: 1 }],
    ['release.before-link:12', { does: 'kill', point: 'release.before-link', passing: 12 }],
    ['stop:sql.before-copy:3', { does: 'stop', point: 'sql.before-copy', passing: 3 }],
    ['list:/tmp/passed points', { does: 'list', file: '/tmp/passed points' }],
    ['release.before-link:0', undefined],
    ['release before link', undefined],
    ['list:', undefined],
  ])('%s', (text, expected) => {
    expect(readFailPoint(text)).toEqual(expected);
  });
});

describe('a fail point', () => {
  afterEach(() => armFailPoint(null));

  /** What happens while points are passed under a setting. */
  async function happening(setting: string, work: () => Promise<unknown>): Promise<string[]> {
    const happened: string[] = [];
    armFailPoint(readFailPoint(setting) ?? null, {
      signal: (name) => happened.push(name),
      note: (file, point) => happened.push(`${file} ${point}`),
    });
    await work();
    return happened;
  }

  it('acts at the passing that was asked for, and only then', async () => {
    const passings = async () => {
      for (const point of ['a', 'b', 'a', 'b', 'b']) pass(point);
    };
    expect(await happening('b:2', passings)).toEqual(['SIGKILL']);
    expect(await happening('stop:a:2', passings)).toEqual(['SIGSTOP']);
    expect(await happening('b:4', passings)).toEqual([]);
  });

  it('lies before and after each step, in the order in which they are passed', async () => {
    const work = () => around('release', 'rename', async () => pass('within'));
    expect(await happening('list:f', work)).toEqual([
      'f release.before-rename',
      'f within',
      'f release.after-rename',
    ]);
  });

  it('is not passed after a step that failed', async () => {
    const work = () =>
      around('release', 'link', () => Promise.reject(new Error('taken'))).catch(() => undefined);
    expect(await happening('list:f', work)).toEqual(['f release.before-link']);
  });
});
