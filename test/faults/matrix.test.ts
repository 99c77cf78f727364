import { compiled } from '../support/compiled.js';
import { root, temporaryFolder } from '../support/landing.js';
import { groupNames, groups, sample, tryAll } from './groups.js';
import { type Outcome, printOutcomes, verdict } from './outcome.js';
import { World } from './world.js';

const all = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const folder = temporaryFolder();
let world: World;

beforeAll(async () => {
  await compiled(folder);
  world = await World.make(root, folder);
}, 180_000);

/** The printed table, where an outcome is wrong. */
const wrongOnes = (outcomes: readonly Outcome[]): string => {
  const wrong = outcomes.filter((outcome) => verdict(outcome) === 'WRONG');
  return wrong.length === 0 ? '' : printOutcomes(wrong);
};

describe('a run that is disturbed', () => {
  const some: Readonly<Partial<Record<(typeof groupNames)[number], number>>> = {
    points: 1,
    stopped: 1,
    own: 1,
  };
  const chosen = all ? groupNames : groupNames.filter((name) => some[name] !== undefined);

  it.each(chosen)(
    '%s: leaves a whole release, and gives the same gold when it is run again',
    async (name) => {
      const faults = await groups[name](world, { every: false, randomKills: 20 });
      const tried = all ? faults : sample(faults, some[name] ?? 0, 20_260_101);
      expect(tried.length).toBeGreaterThan(0);
      expect(wrongOnes(await tryAll(tried, 2))).toBe('');
    },
    all ? 7_200_000 : 300_000,
  );
});
