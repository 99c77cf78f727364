import type { FactColumn, FactCondition, ValueSet } from '../fact.js';

/** A value as a column of a fact has it: a day `YYYY-MM-DD`, an instant in UTC, whole seconds, ending in `Z`. */
export type FactValue = string | number | boolean | null;

/** Columns of a row of a fact by name. One that is not there is null. */
export type FactValues = Readonly<Record<string, FactValue>>;

/** Says whether a condition holds for a value of a column: the same as in SQL, where unknown keeps no row. */
export function matcher(
  condition: FactCondition,
  declared: FactColumn,
  valueSets: ReadonlyMap<string, ValueSet>,
): (value: FactValue) => boolean {
  if (condition.kind === 'null') return (value) => (value === null) !== condition.not;
  const holds = known(condition, declared, valueSets);
  return (value) => value !== null && holds(value);
}

/** The same for a value that is there. */
function known(
  condition: Exclude<FactCondition, { kind: 'null' }>,
  declared: FactColumn,
  valueSets: ReadonlyMap<string, ValueSet>,
): (value: Exclude<FactValue, null>) => boolean {
  switch (condition.kind) {
    case 'compare':
      return (value) => compares(condition.operator, value, condition.value);
    case 'in':
      return (value) => condition.values.some((one) => one === value) !== condition.not;
    case 'starts with':
      return (value) => String(value).startsWith(condition.text);
    case 'contains':
      return (value) => itemsOf(value).includes(condition.item);
    case 'value set': {
      const codes = (valueSets.get(condition.name)?.codes ?? []).filter(
        ({ system }) => system === declared.system,
      );
      const isOne = (item: string): boolean =>
        codes.some(({ code, match }) => (match === 'exact' ? item === code : item.startsWith(code)));
      return declared.type === 'codes'
        ? (value) => itemsOf(value).some(isOne) !== condition.not
        : (value) => isOne(String(value)) !== condition.not;
    }
  }
}

const itemsOf = (value: FactValue): string[] => String(value).split(',');

type Operator = (FactCondition & { kind: 'compare' })['operator'];

function compares(operator: Operator, value: FactValue, to: FactValue): boolean {
  const order = orderOf(value, to);
  if (order === undefined) return false;
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Texts by code point, which UTF-8 keeps as the order of bytes. Undefined: values of two types. */
function orderOf(value: FactValue, to: FactValue): number | undefined {
  if (typeof value !== typeof to) return undefined;
  if (typeof value === 'string') return Buffer.compare(Buffer.from(value), Buffer.from(String(to)));
  return Number(value) - Number(to);
}
