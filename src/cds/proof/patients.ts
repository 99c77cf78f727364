import { timeAt } from '../arden/run/time.js';
import type { Time } from '../arden/value.js';
import type { Fact, FactColumn } from '../facts/fact.js';
import type { FactRowValues } from '../facts/rows/rows-of.js';
import { proofFacts } from './facts.js';

/** Rows of a patient by fact. */
export type Patient = ReadonlyMap<string, readonly FactRowValues[]>;

/** Patients at a time, by their number from 1. */
export interface Population {
  readonly now: Time;
  readonly patients: readonly Patient[];
}

/** A generator that gives the same numbers for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const day = 86_400_000;
const hour = 3_600_000;

/** Ends of months, a leap day, both changes of the clock, and NOW itself at odd times of them. */
export const nows: readonly string[] = [
  '2023-06-30T23:59:59',
  '2024-02-29T12:00:00',
  '2024-03-31T02:30:00',
  '2024-10-27T01:30:00',
  '2024-05-31T00:00:00',
  '2025-03-30T23:59:59',
];

export function timeOf(wall: string): Time {
  const time = timeAt(Date.parse(`${wall}Z`));
  if (!time) throw new Error(`${wall} is no time`);
  return time;
}

/** Fifty patients of 0 to 20 rows a fact. */
export function populationOf(seed: number, now: Time, size = 50): Population {
  const random = randomOf(seed);
  const patients = Array.from({ length: size }, () => patientOf(random, now));
  return { now, patients };
}

type Random = () => number;

/** A key of a row, in hexadecimal digits. */
export const keyOf = (random: Random): string =>
  Array.from({ length: 16 }, () => whole(random, 0, 255).toString(16).padStart(2, '0')).join('');

const oneOf = <T>(random: Random, ...values: readonly T[]): T => {
  const found = values[Math.floor(random() * values.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
};

const whole = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));

const orNull = <T>(random: Random, share: number, value: T): T | null => (random() < share ? null : value);

function patientOf(random: Random, now: Time): Patient {
  return new Map(
    proofFacts.map(({ name }) => {
      const most = name === 'person' ? 2 : oneOf(random, 0, 1, 2, 3, 5, 8, 20);
      // A handful of times and values, so that many are equal.
      const days = Array.from({ length: 6 }, () => nearby(random, now));
      const nulls = oneOf(random, 0, 0.1, 0.4);
      const rows = Array.from({ length: whole(random, 0, most) }, () => rowOf(random, name, days, nulls));
      return [name, rows];
    }),
  );
}

/** Distances in days at which the windows of the rules end. */
const distances = [0, 1, 2, 3, 7, 28, 29, 30, 31, 59, 60, 89, 90, 91, 180, 364, 365, 366, 400, -1, -5];

/** A wall clock in reach of the windows of the rules; often midnight, an hour about a change of the clock, or NOW to the second. */
function nearby(random: Random, { wall }: Time): number {
  const about = wall - oneOf(random, ...distances) * day;
  const start = Math.floor(about / day) * day;
  switch (whole(random, 0, 5)) {
    case 0:
      return about;
    case 1:
      return start;
    case 2:
      return start + oneOf(random, 0, 1, 1.25, 1.5, 2, 3) * hour;
    case 3:
      return (
        Date.parse(oneOf(random, '2024-02-29', '2024-03-31', '2024-10-27', '2023-10-29', '2024-01-31')) +
        oneOf(random, 0, 0.5, 1, 1.5, 2) * hour
      );
    case 4:
      return start - 1000;
    default:
      return start + Math.floor(random() * 86_400) * 1000;
  }
}

function rowOf(random: Random, name: string, times: readonly number[], nulls: number): FactRowValues {
  const time = oneOf(random, ...times);
  const at = (): number => oneOf(random, ...times);
  // As an instant, so that the hour that comes twice has both of its halves.
  const instant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`;
  const date = (millis: number): string => new Date(millis).toISOString().slice(0, 10);
  return {
    key: keyOf(random),
    values: {
      ...(name === 'visit' ? { t: date(time) } : name === 'stay' ? { t: instant(time) } : {}),
      n: orNull(random, nulls, whole(random, -2, 9)),
      x: orNull(random, nulls, whole(random, -4, 20) / 2),
      s: orNull(random, nulls, oneOf(random, 'a', 'A', 'b', 'ab', 'é', '')),
      b: orNull(random, nulls, random() < 0.5),
      d: orNull(random, nulls, date(at())),
      m: orNull(random, nulls, instant(at())),
    },
  };
}

const columnTypes = {
  number: 'double',
  string: 'varchar',
  codes: 'varchar',
  boolean: 'boolean',
} as const;

/** Numbers of some columns are whole, and of others decimal, as in gold. */
const storedNumbers: Readonly<Record<string, string>> = { n: 'integer', x: 'decimal(9, 2)' };

function typeOf(name: string, { type, stored }: FactColumn): string {
  if (type === 'time') return stored === 'instant' ? 'timestamp' : 'date';
  return storedNumbers[name] ?? columnTypes[type];
}

const literal = (value: unknown): string =>
  value === null || value === undefined
    ? 'null'
    : typeof value === 'string'
      ? `'${value.replaceAll("'", "''")}'`
      : String(value);

/** Statements that make the tables of a population; instants lose their zone, as in gold. */
export function tablesSql({ patients }: Population, facts: Iterable<Fact>): string[] {
  const people = patients.map((_, at) => `(${at + 1})`).join(', ');
  return [
    `create or replace table dim_patient as select * from (values ${people}) t(patient_no)`,
    ...[...facts].map(({ name, columns }) => {
      const named = Object.entries(columns);
      const cells = (values: FactRowValues['values']): string =>
        named
          .map(([column, { type }]) => {
            const text = literal(values[column]);
            return type === 'time' ? text.replace(/Z'$/, "'") : text;
          })
          .join(', ');
      const rows = patients.flatMap((patient, at) =>
        (patient.get(name) ?? []).map(({ key, values }) => `(${at + 1}, '${key}', ${cells(values)})`),
      );
      const none = `(0, '00', ${cells({})})`;
      const typed = named.map(([column, of]) => `cast(${column} as ${typeOf(column, of)}) as ${column}`);
      return `create or replace table proof_${name} as select patient_no, unhex(key) as row_key, ${typed.join(', ')}
        from (values ${[none, ...rows].join(', ')}) t(patient_no, key, ${named.map(([column]) => column).join(', ')})
        where patient_no > 0`;
    }),
  ];
}
