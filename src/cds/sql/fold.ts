import { apply } from '../arden/run/operators/table.js';
import type { Operator } from '../arden/syntax.js';
import type { Value } from '../arden/value.js';
import { NotCompilable } from './reason.js';

/** Elements and characters that an expression of constants may make. */
const most = 100_000;

/** The value of an operator, as the interpreter computes it. Error: `LIST` for more than anybody writes on purpose. */
export function fold(operator: Operator, operands: readonly Value[]): Value {
  let left = most;
  const charge = (work: number): void => {
    left -= work;
    if (left < 0) throw new NotCompilable('LIST');
  };
  return apply(operator, operands, { ignoreCase: false, charge });
}
