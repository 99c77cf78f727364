import { printLiteral } from '../arden/run/literal.js';
import type { Outcome } from '../arden/run/run.js';
import { timeAt, timeOfInstant } from '../arden/run/time.js';
import { statementsIn } from '../arden/statements-in.js';
import type { Mlm } from '../arden/syntax.js';
import type { Datum, Item, Time, Value } from '../arden/value.js';
import type { Plan } from '../sql/compile.js';
import type { Term } from '../sql/term.js';
import type { VariableRow } from './stored.js';
import { textParts } from './text-parts.js';

/**
 * What is kept of a rule that the interpreter has run. The values say themselves what they are, since there may be no
 * compiled form that knows it, and the message is kept as the text that was written.
 */

/** The form in which a time is kept: of a rule that is compiled as well the one that its statement keeps. */
type TimeType = 'day' | 'wall' | 'instant';

/** Forms of the times of variables; what is not named is an instant. */
export type TimeTypes = ReadonlyMap<string, { readonly value?: TimeType; readonly time?: TimeType }>;

export function timeTypesOf({ variables }: Plan): TimeTypes {
  const typed = (term: Term | null): TimeType | undefined =>
    term?.type === 'day' || term?.type === 'wall' || term?.type === 'instant' ? term.type : undefined;
  return new Map(
    [...variables].map(([name, { value, time }]) => {
      const [ofValue, ofTime] = [typed(value), typed(time)];
      return [name, { ...(ofValue ? { value: ofValue } : {}), ...(ofTime ? { time: ofTime } : {}) }];
    }),
  );
}

/** Names that stand for what lies outside, such as an event: their values say nothing of the patient. */
export const declaredNames = ({ data }: Pick<Mlm, 'data'>): ReadonlySet<string> =>
  new Set(
    statementsIn(data).flatMap((statement) =>
      statement.kind === 'declare' || statement.kind === 'mlm' ? [statement.target.name.toLowerCase()] : [],
    ),
  );

/** Columns of cds_variable but for the keys. */
type Cells = Readonly<Record<string, unknown>>;

const messageName = '#message ';
const longestText = 2_000;
const cut = (text: string): string =>
  text.length <= longestText ? text : [...text].slice(0, longestText).join('');

/**
 * The rows of a run that fired: the variables but for those of some names, and the message, which has one row at least.
 */
export function keptOf(
  { variables, written }: Pick<Outcome, 'variables' | 'written'>,
  types: TimeTypes,
  without: ReadonlySet<string>,
): Cells[] {
  const kept = [...variables].flatMap(([name, value]): Cells[] => {
    if (without.has(name)) return [];
    const { value: valueType = 'instant', time: timeType = 'instant' } = types.get(name) ?? {};
    const cells = valueCells(value, valueType);
    const time = value.type === 'list' ? null : value.primaryTime;
    if (!cells && !time) return [];
    const primary = time ? { time_type: timeType, primary_time: timeText(time, timeType) } : {};
    return [{ name, ...cells, ...primary }];
  });
  const parts = textParts(written.map(({ text }) => text).join('\n'));
  const message = (parts.length === 0 ? [''] : parts).map((part, at) => ({
    name: `${messageName}${at + 1}`,
    value_type: 'string',
    text_value: part,
  }));
  return [...kept, ...message];
}

function valueCells(value: Value, timeType: TimeType): Cells | undefined {
  switch (value.type) {
    case 'null':
      return undefined;
    case 'boolean':
      return { value_type: value.type, boolean_value: value.value };
    case 'number':
      return { value_type: value.type, number_value: value.value };
    case 'string':
      return { value_type: value.type, text_value: cut(value.value) };
    case 'duration':
      return { value_type: value.value.unit, number_value: value.value.amount };
    case 'time':
      return { value_type: timeType, time_value: timeText(value.value, timeType) };
    default:
      return { value_type: 'literal', text_value: cut(printLiteral(value)) };
  }
}

function timeText({ wall, instant }: Time, type: TimeType): string {
  if (type === 'instant') return new Date(instant).toISOString();
  const clock = new Date(wall).toISOString();
  return type === 'day' ? `${clock.slice(0, 10)}T00:00:00Z` : clock;
}

/** Whether what is kept of a result is of the interpreter. */
export const isInterpreted = (rows: readonly VariableRow[]): boolean =>
  rows.some(({ name }) => name.startsWith(messageName));

/** What a rule wrote, and the variables that had a value: as the language writes them. */
export interface Saying {
  readonly message: string;
  readonly variables: readonly {
    readonly name: string;
    readonly value: string;
    /** Primary time. */
    readonly time: Time | null;
  }[];
}

export function interpretedSaying(rows: readonly VariableRow[]): Saying {
  const parts = rows
    .filter(({ name }) => name.startsWith(messageName))
    .map((row) => ({ at: Number(row.name.slice(messageName.length)), text: row.text_value ?? '' }))
    .sort((a, b) => a.at - b.at);
  return {
    message: parts.map(({ text }) => text).join(''),
    variables: rows
      .filter(({ name }) => !name.startsWith('#'))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((row) => ({
        name: row.name,
        value: row.value_type === 'literal' ? (row.text_value ?? '') : printLiteral(itemOf(row)),
        time: row.primary_time === null ? null : (timeOf(row.primary_time, row.time_type) ?? null),
      })),
  };
}

function itemOf(row: VariableRow): Item {
  const datum = datumOf(row);
  return { ...datum, primaryTime: null } as Item;
}

function datumOf({ value_type, ...row }: VariableRow): Datum {
  const { number_value, text_value, time_value, boolean_value } = row;
  if (boolean_value !== null) return { type: 'boolean', value: boolean_value };
  if (text_value !== null) return { type: 'string', value: text_value };
  if (number_value !== null)
    return value_type === 'months' || value_type === 'seconds'
      ? { type: 'duration', value: { unit: value_type, amount: number_value } }
      : { type: 'number', value: number_value };
  const time = time_value === null ? undefined : timeOf(time_value, value_type);
  return time ? { type: 'time', value: time } : { type: 'null' };
}

const timeOf = (text: string, type: string | null): Time | undefined =>
  type === 'instant' ? timeOfInstant(Date.parse(text)) : timeAt(Date.parse(text));
