import { normalCode, normalPrefix } from '../codes.js';
import type { Fact, FactColumn, FactCondition } from '../fact.js';
import type { Registry } from '../registry.js';
import type { Cursor } from './cursor.js';

const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const;
type Comparison = (typeof comparisons)[number];

const forms =
  "a condition is column = literal (also <> < <= > >=), column [not] in ('a', 'b'), column [not] in valueset 'name', column starts with 'x', column contains 'item', column is [not] null";

/** A column and what is asked of it. */
interface Subject {
  readonly name: string;
  readonly offset: number;
  readonly column: FactColumn;
}

/** Conditions with `and` between them. */
export function conditionsOf(cursor: Cursor, fact: Fact, registry: Registry): FactCondition[] {
  const found: FactCondition[] = [];
  do {
    const { text, offset, column } = cursor.column(fact);
    found.push(conditionOf(cursor, { name: text, offset, column }, registry));
  } while (cursor.takeWord('and'));
  return found;
}

function conditionOf(cursor: Cursor, subject: Subject, registry: Registry): FactCondition {
  const { name } = subject;
  if (cursor.takeWord('is')) {
    const not = cursor.takeWord('not');
    cursor.needWord('null', 'is null, is not null');
    return { kind: 'null', column: name, not };
  }
  if (cursor.takeWord('starts')) {
    cursor.needWord('with', "starts with 'x'");
    need(cursor, subject, ['string'], 'starts with');
    return { kind: 'starts with', column: name, text: prefix(cursor, subject) };
  }
  if (cursor.takeWord('contains')) {
    need(cursor, subject, ['codes'], 'contains');
    return { kind: 'contains', column: name, item: String(literal(cursor, subject)) };
  }
  const not = cursor.takeWord('not');
  if (cursor.takeWord('in')) return membership(cursor, subject, not, registry);
  if (not) cursor.fail('here stands the word in', forms);
  const operator = comparisons.find((symbol) => cursor.takeSymbol(symbol));
  if (!operator) cursor.fail(`nothing is asked of ${name}`, forms);
  return comparison(cursor, subject, operator);
}

function comparison(cursor: Cursor, subject: Subject, operator: Comparison): FactCondition {
  need(cursor, subject, ['string', 'number', 'boolean'], operator);
  if (subject.column.type === 'boolean' && operator !== '=' && operator !== '<>')
    problem(cursor, subject, 'a truth value is neither less nor greater', `${subject.name} = true`);
  return { kind: 'compare', column: subject.name, operator, value: literal(cursor, subject) };
}

function membership(cursor: Cursor, subject: Subject, not: boolean, registry: Registry): FactCondition {
  const { name, column } = subject;
  if (cursor.takeWord('valueset')) {
    need(cursor, subject, ['string', 'codes'], 'in valueset');
    const { text, offset } = cursor.text('the name of a value set');
    const found = registry.valueSets.get(text.toLowerCase());
    const known = [...registry.valueSets.keys()].join(', ') || 'there are none';
    if (!found)
      cursor.note({ offset, message: `there is no value set ${text}`, hint: `value sets: ${known}` });
    else if (!column.system)
      problem(cursor, subject, `${name} holds no codes of a system`, 'name the values: in (…)');
    else if (!found.codes.some(({ system }) => system === column.system))
      cursor.note({
        offset,
        message: `the value set ${text} has no code of ${column.system}`,
        hint: `${name} holds codes of ${column.system}`,
      });
    return { kind: 'value set', column: name, not, name: text.toLowerCase() };
  }
  need(cursor, subject, ['string', 'number'], 'in');
  cursor.needSymbol('(', "in ('a', 'b')");
  const values: (string | number)[] = [];
  do {
    const value = literal(cursor, subject);
    if (typeof value !== 'boolean') values.push(value);
  } while (cursor.takeSymbol(','));
  cursor.needSymbol(')', "in ('a', 'b')");
  return { kind: 'in', column: name, not, values };
}

/** A literal of the type of the column; a code in the form in which gold has it. */
function literal(cursor: Cursor, { name, column }: Subject): string | number | boolean {
  const { kind, text, offset } = cursor.next;
  const wrong = (hint: string): never => cursor.fail(`${name} is compared with another type`, hint);
  switch (column.type) {
    case 'number':
      if (kind !== 'number') return wrong(`${name} is a number: write it without quotes`);
      cursor.take();
      return Number(text);
    case 'boolean':
      if (kind !== 'word' || (text !== 'true' && text !== 'false')) return wrong('true or false');
      cursor.take();
      return text === 'true';
    case 'time':
      return wrong(`${name} is a time: compare it in the data or logic slot`);
    case 'string':
    case 'codes': {
      if (kind !== 'text') return wrong(`${name} is a text: write it between ' and '`);
      cursor.take();
      if (!column.system) return text;
      const code = normalCode(column.system, text);
      if (code === null)
        cursor.note({ offset, message: `'${text}' is no code of ${column.system}`, hint: 'check the code' });
      return code ?? text;
    }
  }
}

function prefix(cursor: Cursor, { column }: Subject): string {
  const { text, offset } = cursor.text('the beginning of a text');
  if (text === '')
    cursor.note({ offset, message: 'every text begins with nothing', hint: 'name the beginning' });
  if (!column.system) return text;
  const code = normalPrefix(column.system, text);
  if (code === null)
    cursor.note({ offset, message: `no code of ${column.system} begins so`, hint: 'check the code' });
  return code ?? text;
}

function need(cursor: Cursor, subject: Subject, types: readonly FactColumn['type'][], what: string): void {
  if (!types.includes(subject.column.type))
    problem(
      cursor,
      subject,
      `${subject.name} is of the type ${subject.column.type}, which has no ${what}`,
      subject.column.type === 'codes'
        ? "ask contains 'code' or in valueset 'name' of it"
        : subject.column.type === 'time'
          ? 'compare times in the data or logic slot'
          : forms,
    );
}

const problem = (cursor: Cursor, { offset }: Subject, message: string, hint: string): void =>
  cursor.note({ offset, message, hint });
