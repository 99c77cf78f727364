import { proveRandomRules } from '../../../src/cds/proof/random-rules.js';

const whole = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const rules = Number(process.env['MAPLEWOOD_TEST_CASES'] ?? (whole ? 10_000 : 2_000));
/** Where somebody asks for a number of rules, that there is a difference is enough. */
const shrink = process.env['MAPLEWOOD_TEST_CASES'] === undefined;
const seed = Number(process.env['MAPLEWOOD_TEST_SEED'] ?? 20_230_630);

describe('interpreter and statements', () => {
  it(
    `agrees on fired patients, variables, primary times, messages, returned values and evidence (seed ${seed})`,
    async () => {
      const { difference, left, rules: made } = await proveRandomRules({ seed, rules, whole, shrink });
      if (difference) throw new Error(`Property failed after ${difference.after} tests\n${difference.text}`);
      expect(left / made).toBeLessThan(0.1);
    },
    whole ? 7_200_000 : 900_000,
  );
});
