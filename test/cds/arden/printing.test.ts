import * as fc from 'fast-check';
import { printExpression } from '../../../src/cds/arden/print-expression.js';
import { printMlm } from '../../../src/cds/arden/print-mlm.js';
import { expressionTree, generatedNames, mlmTree, withoutPlaces } from './generate-tree.js';
import { parseSlots, parseText } from './mlm-text.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';

describe('MLM file format: printing', () => {
  it('an expression printed and parsed is the same tree', () => {
    fc.assert(
      fc.property(expressionTree, (expression) => {
        const assigned = generatedNames.map((name) => `${name} := 1;`).join(' ');
        const { mlms } = parseSlots({ data: `${assigned} alpha := ${printExpression(expression)};` });
        const statement = mlms[0]?.data.at(-1);
        expect(withoutPlaces(statement?.kind === 'assign' ? statement.value : undefined)).toEqual(
          withoutPlaces(expression),
        );
      }),
      { numRuns: full ? 20_000 : 2_000, seed: 7 },
    );
  });

  it('an MLM printed and parsed is the same tree', () => {
    fc.assert(
      fc.property(mlmTree, (mlm) => {
        const { mlms } = parseText(printMlm(mlm));
        expect(withoutPlaces(mlms)).toEqual([withoutPlaces(mlm)]);
      }),
      { numRuns: full ? 5_000 : 500, seed: 7 },
    );
  });
});
