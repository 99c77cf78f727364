import 'reflect-metadata';
import { compiled } from '../support/compiled.js';
import { loadedHome } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { cancellation } from './cancellation.js';
import { failure } from './failure.js';
import { brokenOnes, type Finding, printFindings, trend } from './figures.js';
import { hostile } from './hostile.js';
import { overload } from './overload.js';
import { refresh } from './refresh.js';
import { soak } from './soak.js';
import { Stage } from './stage.js';
import { stop } from './stop.js';

const folder = temporaryFolder();
let stage: Stage;

beforeAll(async () => {
  await compiled(folder);
  const { config, landing } = await loadedHome(folder, {});
  stage = await Stage.on(root, folder, config.home.root, landing);
}, 180_000);

/** What is promised of times holds on a machine that does nothing else: `npm run test:holds` judges it. */
const untimed = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ promise }) => !/p99|within 250 ms|memory does not grow/.test(promise));

const isFull = process.env['MAPLEWOOD_TEST_FULL'] === '1';

describe('a server', () => {
  it.each([
    ['ten times as many requests as it can answer', () => overload(stage, { seconds: 1, calm: 1 })],
    ['callers who read nothing, or send nothing, or nonsense', () => hostile(stage, 2)],
    ['callers who go away', () => cancellation(stage, 40)],
    [
      'whatever it needs going away and coming back',
      () => failure(stage, ['readOnly', 'silent', 'keysRemoved', 'vaultGone']),
    ],
    ['being told to stop, twice, or killed', () => stop(stage, 1)],
    ...(isFull
      ? ([
          ['a refresh beside clinicians', () => refresh(stage, 10)],
          ['a publish under a mixed load', () => soak(stage, 60)],
        ] as const)
      : []),
  ] as const)(
    'holds under %s',
    async (_what, play) => {
      const findings = untimed(await play());
      expect(findings.length).toBeGreaterThan(0);
      expect(printFindings(brokenOnes(findings))).toBe('');
    },
    120_000,
  );
});

describe('a trend', () => {
  it('is told with how far it may be wrong', () => {
    const line = Array.from({ length: 100 }, (_, x) => ({ x, y: 3 + 2 * x + (x % 2) }));
    const { slope, margin } = trend(line);
    expect(Math.abs(slope - 2)).toBeLessThan(margin);
    expect(margin).toBeLessThan(0.01);
  });

  it('is surer of many points than of few', () => {
    const points = (n: number) =>
      Array.from({ length: n }, (_, x) => ({ x: (100 * x) / n, y: (x * 7919) % 13 }));
    expect(trend(points(1_000)).margin).toBeLessThan(trend(points(50)).margin / 2);
  });
});
