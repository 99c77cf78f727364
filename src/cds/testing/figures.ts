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
