import type { StateStore } from '../../state/store.js';
import { formatWallClock } from '../arden/run/format.js';
import type { Rule } from '../rules/read-rules.js';
import type { Step } from './back-test.js';

/** Kinds of events that hold figures of tests and back-tests; their subject is the name of the rule. */
export const testKind = 'cds_test';
export const backTestKind = 'cds_backtest';

/** How a test of a rule went. */
export interface TestFigures {
  readonly version: string;
  readonly sha256: string;
  readonly passed: number;
  readonly failed: number;
  /** Release over which both engines were compared, and in how many patients they differed; null: over none. */
  readonly release: number | null;
}

/** What a rule would have found at one time of the past. */
export interface BackTestFigures extends Omit<Step, 'rule' | 'now'> {
  readonly version: string;
  readonly sha256: string;
  readonly release: number;
  /** Wall clock, and the step between times. */
  readonly now: string;
  readonly step: string;
}

/** Who runs tests: whoever may use the command line of the installation. */
const actor = 'command line';

/** Keeps how a test of a rule went. */
export async function keepTest(
  state: StateStore,
  rule: Rule,
  figures: Pick<TestFigures, 'passed' | 'failed' | 'release'>,
): Promise<void> {
  const body: TestFigures = { ...identityOf(rule), ...figures };
  await state.append({ kind: testKind, subject: rule.name, actor, body: { ...body }, recordedAt: now() });
}

/** Keeps what a step of a back-test of a rule found. */
export async function keepStep(
  state: StateStore,
  rule: Rule,
  found: Step,
  { release, step }: Pick<BackTestFigures, 'release' | 'step'>,
): Promise<void> {
  const { now: at, rule: subject, ...counts } = found;
  const body: BackTestFigures = {
    ...identityOf(rule),
    release,
    now: formatWallClock(at.wall),
    step,
    ...counts,
  };
  await state.append({ kind: backTestKind, subject, actor, body: { ...body }, recordedAt: now() });
}

const identityOf = ({ mlm, sha256 }: Rule): Pick<TestFigures, 'version' | 'sha256'> => ({
  version: mlm.slots.find(({ name }) => name === 'version')?.text ?? '',
  sha256,
});

const now = (): string => new Date().toISOString();

/** The figures of tests and back-tests that are kept. Error of both members: `STATE_UNAVAILABLE`. */
export interface RuleFigures {
  /** How the last test of a text of a rule went; undefined where it was never tested. */
  tested(rule: string, sha256: string): Promise<(TestFigures & Kept) | undefined>;
  /** Steps of back-tests of a text of a rule, the one kept last first. */
  backTested(rule: string, sha256: string): Promise<readonly (BackTestFigures & Kept)[]>;
}

interface Kept {
  /** Instant at which it was kept. */
  readonly recordedAt: string;
}

export function figuresIn(state: StateStore): RuleFigures {
  const newestFirst = async (kind: string, rule: string, sha256: string) =>
    (await state.events(kind))
      .filter(({ subject, body }) => subject === rule && body['sha256'] === sha256)
      .map(({ body, recordedAt }) => ({ ...body, recordedAt }))
      .reverse();
  return {
    async tested(rule, sha256) {
      const [last] = await newestFirst(testKind, rule, sha256);
      return last as (TestFigures & Kept) | undefined;
    },
    backTested: async (rule, sha256) =>
      (await newestFirst(backTestKind, rule, sha256)) as unknown as (BackTestFigures & Kept)[],
  };
}
