import type { Elements, Meaning, Rows, Scalar } from './meaning.js';
import { NotCompilable } from './reason.js';
import { isTime, pipelineKey, type Term } from './term.js';
import type { Terms } from './terms.js';
import { commonForm, inForm } from './times.js';

/** One of two values by a condition, in a type that can hold both. Error: `TYPE` or `TIME` where there is none. */
export function chosenOf(terms: Terms, condition: Term, left: Term, right: Term): Term {
  if (left === right) return left;
  const [one, other] = isTime(left) || isTime(right) ? sameForm(terms, left, right) : [left, right];
  if (one.type !== other.type && one.type !== 'null' && other.type !== 'null')
    throw new NotCompilable('TYPE');
  const type = one.type === 'null' ? other.type : one.type;
  return terms.apply('choose', type, condition, one, other);
}

function sameForm(terms: Terms, left: Term, right: Term): [Term, Term] {
  for (const each of [left, right])
    if (!isTime(each) && each.type !== 'null') throw new NotCompilable('TYPE');
  const form = commonForm([left, right]);
  return [inForm(terms, left, form), inForm(terms, right, form)];
}

/** What a name stands for after two branches. Error: there is nothing that it could stand for. */
export function chosenMeaning(terms: Terms, condition: Term, left: Meaning, right: Meaning): Meaning {
  if (left === right) return left;
  if (left.kind === 'scalar' && right.kind === 'scalar') return chosenScalar(terms, condition, left, right);
  if (left.kind === 'rows' && right.kind === 'rows' && sameRows(left, right)) return left;
  if (left.kind === 'elements' && right.kind === 'elements') return chosenList(terms, condition, left, right);
  throw new NotCompilable('LIST');
}

function chosenScalar(terms: Terms, condition: Term, left: Scalar, right: Scalar): Scalar {
  const rowKey =
    left.rowKey && right.rowKey ? chosenOf(terms, condition, left.rowKey, right.rowKey) : undefined;
  return {
    kind: 'scalar',
    value: chosenOf(terms, condition, left.value, right.value),
    time: chosenTime(terms, condition, left.time, right.time),
    ...(rowKey ? { rowKey } : {}),
  };
}

function chosenTime(terms: Terms, condition: Term, left: Term | null, right: Term | null): Term | null {
  if (left === right) return left;
  if (left === terms.unavailable || right === terms.unavailable) return terms.unavailable;
  return chosenOf(terms, condition, left ?? terms.null, right ?? terms.null);
}

const sameRows = (left: Rows, right: Rows): boolean =>
  left.value === right.value &&
  left.time === right.time &&
  pipelineKey(left.pipeline) === pipelineKey(right.pipeline);

function chosenList(terms: Terms, condition: Term, left: Elements, right: Elements): Elements {
  if (left.items.length !== right.items.length) throw new NotCompilable('LIST');
  const items = left.items.flatMap((item, at) => {
    const other = right.items[at];
    return other ? [chosenScalar(terms, condition, item, other)] : [];
  });
  return { kind: 'elements', items };
}
