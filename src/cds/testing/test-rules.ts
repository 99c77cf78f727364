import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rules } from '../rules/read-rules.js';
import { caseChecker } from './check-case.js';
import { isFixture, readFixture } from './fixture.js';

/** What the test cases of a rule came to. */
export interface Tested {
  readonly rule: string;
  readonly passed: number;
  /** What the rule should have done and what it did instead; also what is wrong with the file of cases. */
  readonly failed: readonly { readonly it: string; readonly problems: readonly string[] }[];
}

/** Runs rules on their test cases, `tests/<mlmname>.yaml` of their folder. A rule without the file has failed. */
export const testRules = ({ rules, registry }: Rules, folder: string): Promise<readonly Tested[]> =>
  Promise.all(
    rules.map(async ({ name, mlm }) => {
      const text = await readFile(join(folder, 'tests', `${name}.yaml`), 'utf8').catch(() => undefined);
      const fixture =
        text === undefined ? { problems: ['there is no such file'] } : readFixture(text, registry);
      const unreadable = (problems: readonly string[]): Tested => ({
        rule: name,
        passed: 0,
        failed: [{ it: `has test cases in tests/${name}.yaml`, problems }],
      });
      if (!isFixture(fixture)) return unreadable(fixture.problems);
      if (fixture.rule !== name) return unreadable([`they are those of ${fixture.rule}`]);
      const check = caseChecker(mlm, registry);
      const failed = fixture.cases.flatMap((one) => {
        const problems = check(one);
        return problems.length > 0 ? [{ it: one.it, problems }] : [];
      });
      return { rule: name, passed: fixture.cases.length - failed.length, failed };
    }),
  );
