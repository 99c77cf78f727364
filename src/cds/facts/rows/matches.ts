import type { FactColumn, FactCondition, ValueSet } from '../fact.js';

/** A value as a column of a fact has it: a day `YYYY-MM-DD`, an instant in UTC, whole seconds, ending in `Z`. */
export type FactValue = string | number | boolean | null;

/** Columns of a row of a fact by name. One that is not there is null. */
export type FactValues = Readonly<Record<string, FactValue>>;

/** Whether a condition holds for a value: the same as in SQL, where unknown keeps no row. */
export function matches(
  condition: FactCondition,
  declared: FactColumn,
  value: FactValue,
  valueSets: ReadonlyMap<string, ValueSet>,
): boolean {
  if (condition.kind === 'null') return (value === null) !== condition.not;
  if (value === null) return false;
  switch (condition.kind) {
    case 'compare':
      return compares(condition.operator, value, condition.value);
    case 'in':
      return condition.values.some((one) => one === value) !== condition.not;
    case 'starts with':
      return String(value).startsWith(condition.text);
    case 'contains':
      return itemsOf(value).includes(condition.item);
    case 'value set': {
      const codes = (valueSets.get(condition.name)?.codes ?? []).filter(
        ({ system }) => system === declared.system,
      );
      const items = declared.type === 'codes' ? itemsOf(value) : [String(value)];
      return (
        items.some((item) =>
          codes.some(({ code, match }) => (match === 'exact' ? item === code : item.startsWith(code))),
        ) !== condition.not
      );
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
