import { parseDocument } from 'yaml';
import { timeAt } from '../arden/run/time.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { givenValues } from '../facts/rows/given.js';
import type { FactRowValues } from '../facts/rows/rows-of.js';

/** Rows of a patient by fact. */
export type GivenRows = ReadonlyMap<string, readonly FactRowValues[]>;

/** One case: what is known of a patient at a time, and what the rule must make of it. */
export interface FixtureCase {
  /** Completes the sentence "the rule …". */
  readonly it: string;
  readonly now: Time;
  readonly rows: GivenRows;
  /** Null: undecided. */
  readonly fires: boolean | null;
  readonly message?: string;
  readonly urgency?: number;
}

export interface Fixture {
  readonly rule: string;
  readonly cases: readonly FixtureCase[];
}

const fileKeys = ['rule', 'now', 'rows', 'named', 'cases'];
const caseKeys = ['it', 'now', 'given', 'fires', 'message', 'urgency'];
/** Aliases stand for rows: a case has some dozens at most. */
const aliases = 10_000;

type Entries = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the test cases of a rule, or says what is wrong with them, a line each. Never throws. */
export function readFixture(
  text: string,
  registry: Registry,
): Fixture | { readonly problems: readonly string[] } {
  const document = parseDocument(text, { stringKeys: true });
  const unreadable = document.errors.map(({ message }) => message.split('\n')[0] ?? 'not readable as YAML');
  if (unreadable.length > 0) return { problems: unreadable };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliases });
  } catch {
    return { problems: ['there are too many aliases'] };
  }
  if (!isMap(value)) return { problems: [`the file must be a map of ${fileKeys.join(', ')}`] };
  const { rule, now, rows = {}, cases } = value;
  const problems = [
    ...unknownKeys(value, fileKeys, ''),
    ...(typeof rule === 'string' ? [] : ['rule must be the name of the rule']),
    ...(isMap(rows) && Object.values(rows).every(isMap) ? [] : ['rows must be columns by fact']),
    ...(Array.isArray(cases) && cases.length > 0 ? [] : ['cases must be a list of at least 1']),
  ];
  if (problems.length > 0 || typeof rule !== 'string' || !Array.isArray(cases) || !isMap(rows))
    return { problems };
  const read = cases.map((one: unknown, index) =>
    isMap(one)
      ? caseOf(one, now, rows, registry, `cases[${index}]`)
      : { problems: [`cases[${index}] must be a map`] },
  );
  const inCases = read.flatMap((one) => ('problems' in one ? one.problems : []));
  return inCases.length > 0
    ? { problems: inCases }
    : { rule, cases: read.flatMap((one) => ('problems' in one ? [] : [one])) };
}

export const isFixture = (read: ReturnType<typeof readFixture>): read is Fixture => 'cases' in read;

const unknownKeys = (value: Entries, known: readonly string[], at: string): string[] =>
  Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${at}${key} is no key: ${known.join(', ')}`);

function caseOf(
  value: Entries,
  fileNow: unknown,
  defaults: Entries,
  registry: Registry,
  at: string,
): FixtureCase | { readonly problems: readonly string[] } {
  const { it, now: own = fileNow, given = {}, fires, message, urgency } = value;
  const now = timeOf(own);
  const rows = isMap(given)
    ? rowsOf(given, defaults, registry, at)
    : { problems: [`${at}.given must be rows by fact`] };
  const problems = [
    ...unknownKeys(value, caseKeys, `${at}.`),
    ...(typeof it === 'string' ? [] : [`${at}.it must say what the rule does`]),
    ...(now ? [] : [`${at} has no now, YYYY-MM-DDThh:mm:ss`]),
    ...(fires === true || fires === false || fires === null
      ? []
      : [`${at}.fires must be true, false or null`]),
    ...(message === undefined || (typeof message === 'string' && fires === true)
      ? []
      : [`${at}.message must be a text, of a case that fires`]),
    ...(urgency === undefined || (typeof urgency === 'number' && fires === true)
      ? []
      : [`${at}.urgency must be a number, of a case that fires`]),
    ...('problems' in rows ? rows.problems : []),
  ];
  if (problems.length > 0 || typeof it !== 'string' || !now || 'problems' in rows) return { problems };
  return {
    it,
    now,
    rows,
    fires: fires === null ? null : fires === true,
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof urgency === 'number' ? { urgency } : {}),
  };
}

/** Rows in the form of gold: what a row does not give is the default of its fact, else null. */
function rowsOf(
  given: Entries,
  defaults: Entries,
  { facts }: Registry,
  at: string,
): GivenRows | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const found = new Map<string, FactRowValues[]>();
  for (const [name, list] of Object.entries(given)) {
    const fact = facts.get(name);
    const place = `${at}.given.${name}`;
    if (!fact) problems.push(`${place} is no fact: ${[...facts.keys()].join(', ')}`);
    else if (!Array.isArray(list) || !list.every(isMap)) problems.push(`${place} must be a list of rows`);
    else
      list.forEach((row: Entries, index) => {
        const { key, ...columns } = { ...(isMap(defaults[name]) ? defaults[name] : {}), ...row };
        const read = givenValues(fact, columns);
        if ('problems' in read) problems.push(...read.problems.map((what) => `${place}[${index}]: ${what}`));
        else if (key !== undefined && typeof key !== 'string')
          problems.push(`${place}[${index}]: the key must be a text`);
        else
          found.set(name, [
            ...(found.get(name) ?? []),
            { values: read.values, ...(key === undefined ? {} : { key }) },
          ]);
      });
  }
  return problems.length > 0 ? { problems } : found;
}

function timeOf(value: unknown): Time | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(value)) return undefined;
  const wall = Date.parse(`${value}Z`);
  return Number.isNaN(wall) ? undefined : timeAt(wall);
}
