import { formatWallClock } from '../cds/arden/run/format.js';
import type { Time } from '../cds/arden/value.js';
import type { RandomProof } from '../cds/proof/random-rules.js';
import type { Step } from '../cds/testing/back-test.js';
import type { Compared } from '../cds/testing/over-release.js';
import type { Steps } from '../cds/testing/steps.js';
import type { Tested } from '../cds/testing/test-rules.js';
import type { CommandContext } from './command.js';

/** Tells of a test of rules as it goes on. */
export interface Reporter {
  cases(tested: readonly Tested[]): void;
  random(seed: number, proof: RandomProof): void;
  release(id: number, now: Time, compared: readonly Compared[]): void;
  backTest(steps: Steps): void;
  step(step: Step): void;
  barred(rule: string, why: string): void;
  note(text: string): void;
}

/** As tables, or as lines of JSON that each have a `kind`. */
export const reporter = (context: CommandContext, json: boolean): Reporter =>
  json ? jsonReporter(context) : textReporter(context);

function jsonReporter({ out, err }: CommandContext): Reporter {
  const line = (kind: string, body: object): void => out(`${JSON.stringify({ kind, ...body })}\n`);
  return {
    cases(tested) {
      for (const one of tested) line('cases', one);
    },
    random: (seed, { rules, left, difference }) =>
      line('random', { seed, rules, left, difference: difference ?? null }),
    release(release, now, compared) {
      for (const one of compared) line('release', { release, now: formatWallClock(now.wall), ...one });
    },
    backTest: () => undefined,
    step: (step) => line('backtest', { ...step, now: formatWallClock(step.now.wall) }),
    barred: (rule, why) => line('barred', { rule, why }),
    note: (text) => err(`${text}\n`),
  };
}

/** Width of the names of rules. */
const wide = 28;
const head = (rule: string, ...columns: readonly string[]): string => row(rule, columns);
const row = (rule: string, cells: readonly (string | number)[]): string =>
  `  ${rule.padEnd(wide)}${cells.map((cell) => shown(cell).padStart(11)).join('')}\n`;
const shown = (cell: string | number): string =>
  typeof cell === 'number' ? cell.toLocaleString('en-GB') : cell;

function textReporter({ out }: CommandContext): Reporter {
  let last = '';
  return {
    cases(tested) {
      out(`Test cases\n${head('rule', 'passed', 'failed')}`);
      for (const { rule, passed, failed } of tested) {
        out(row(rule, [passed, failed.length]));
        for (const { it, problems } of failed) out(`    ${it}: ${problems.join('; ')}\n`);
      }
      const passed = tested.reduce((sum, one) => sum + one.passed, 0);
      const failed = tested.reduce((sum, one) => sum + one.failed.length, 0);
      out(row('all', [passed, failed]));
    },
    random(seed, { rules, left, difference }) {
      out(`\nInterpreter against statements, ${rules} random rules with --seed ${seed}: `);
      out(
        difference
          ? `they differ\n${difference.text}\n`
          : `they agree; ${left} rules run in the interpreter alone\n`,
      );
    },
    release(id, now, compared) {
      out(`\nInterpreter against statements, release ${id} as of ${formatWallClock(now.wall)}\n`);
      out(head('rule', 'evaluated', 'fired', 'undecided', 'engines'));
      for (const { rule, evaluated, fired, undecided, differences } of compared) {
        out(row(rule, [evaluated, fired, undecided, differences.length > 0 ? 'differ' : 'agree']));
        for (const difference of differences) out(`    ${difference}\n`);
      }
    },
    backTest({ times, step }) {
      const [first, end] = [times.at(0), times.at(-1)];
      if (!first || !end) return;
      out(
        `\nBack-test from ${formatWallClock(first.wall)} to ${formatWallClock(end.wall)} by ${step}: ${times.length} steps\n`,
      );
      out(head('rule', 'day', 'fired', 'patients', 'new', 'resolved', 'cards/day'));
    },
    step({ rule, now, fired, patients, new: opened, resolved, cardsADay }) {
      const cards = cardsADay === null ? '-' : cardsADay.toFixed(1);
      const day = formatWallClock(now.wall).slice(0, 10);
      out(row(rule === last ? '' : rule, [day, fired, patients, opened, resolved, cards]));
      last = rule;
    },
    barred: (rule, why) => out(`  ${rule.padEnd(wide)} barred: it ${why}\n`),
    note: (text) => out(`\n${text}\n`),
  };
}
