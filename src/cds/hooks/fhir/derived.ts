import { daysBetween, londonDay } from './resource.js';
import type { TwinRow, TwinRows } from './twin.js';

/** Rows by fact, as far as a client has sent them. */
export type RowsOfFacts = ReadonlyMap<string, TwinRows>;

/** How far events lie from others of the patient, with the meaning that the columns have in gold. */
export function withIntervals(facts: RowsOfFacts): RowsOfFacts {
  const found = new Map(facts);
  for (const [name, { columns, rows }] of facts)
    for (const { fact, from, names, of } of derivations)
      if (fact.includes(name) && facts.has(from ?? name)) {
        const given = found.get(name) ?? { columns, rows };
        const derived = of(rows, facts);
        found.set(name, {
          columns: new Set([...given.columns, ...names]),
          rows: given.rows.map((row, at) => ({ ...row, ...derived[at] })),
        });
      }
  return found;
}

interface Derivation {
  readonly fact: readonly string[];
  /** Another fact that it needs. */
  readonly from?: string;
  readonly names: readonly string[];
  /** The columns, a row each. */
  of(rows: readonly TwinRow[], facts: RowsOfFacts): readonly TwinRow[];
}

/** Texts of a column in order. */
const sorted = (rows: readonly TwinRow[], column: string): readonly string[] =>
  rows.flatMap((row) => (typeof row[column] === 'string' ? [row[column]] : [])).sort();

/** How many of texts in order come before a bound, or are equal to it where `orEqual`. */
function countBefore(texts: readonly string[], bound: string, orEqual: boolean): number {
  let [low, high] = [0, texts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = texts[middle] ?? '';
    if (one < bound || (orEqual && one === bound)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const firstFrom = (texts: readonly string[], bound: string): string | null =>
  texts[countBefore(texts, bound, false)] ?? null;

const isAlive = ({ discharge_date, discharge_destination }: TwinRow): boolean =>
  typeof discharge_date === 'string' && discharge_destination !== '79';

const sinceDischarge: Derivation = {
  fact: ['spell', 'discharge'],
  from: 'spell',
  names: ['days_since_discharge'],
  of(rows, facts) {
    const days = sorted((facts.get('spell')?.rows ?? []).filter(isAlive), 'discharge_date');
    return rows.map((row) => {
      const admitted = String(row['admission_date']);
      // A stay that ended on its first day is among them itself, as the last one.
      const isItself = isAlive(row) && row['discharge_date'] === admitted;
      const before = days[countBefore(days, admitted, true) - (isItself ? 2 : 1)];
      return { days_since_discharge: before === undefined ? null : daysBetween(before, admitted) };
    });
  },
};

const contactAfter: Derivation = {
  fact: ['spell', 'discharge'],
  from: 'community_contact',
  names: ['contact_after_discharge', 'days_discharge_to_contact'],
  of(rows, facts) {
    const contacts = sorted(facts.get('community_contact')?.rows ?? [], 'contact_date');
    return rows.map(({ discharge_date }) => {
      const day = typeof discharge_date === 'string' ? firstFrom(contacts, discharge_date) : null;
      return {
        contact_after_discharge: day,
        days_discharge_to_contact: day === null ? null : daysBetween(String(discharge_date), day),
      };
    });
  },
};

const sinceDeparture: Derivation = {
  fact: ['ed_attendance'],
  names: ['hours_since_departure'],
  of(rows) {
    const hours = new Array<number | null>(rows.length).fill(null);
    const arrivals = rows
      .map((row, at) => ({
        at,
        arrived: String(row['arrival_datetime']),
        departed: row['departure_datetime'],
      }))
      .sort((a, b) => (a.arrived < b.arrived ? -1 : a.arrived > b.arrived ? 1 : a.at - b.at));
    let latest = '';
    for (const { at, arrived, departed } of arrivals) {
      if (latest !== '' && latest <= arrived)
        hours[at] = (Date.parse(arrived) - Date.parse(latest)) / 3_600_000;
      if (typeof departed === 'string' && departed > latest) latest = departed;
    }
    return hours.map((hours_since_departure) => ({ hours_since_departure }));
  },
};

const referralAfter: Derivation = {
  fact: ['ed_attendance'],
  from: 'mh_referral',
  names: ['mh_referral_after', 'days_to_mh_referral'],
  of(rows, facts) {
    const referrals = sorted(facts.get('mh_referral')?.rows ?? [], 'referral_date');
    return rows.map((row) => {
      const day = londonDay(String(row['arrival_datetime'])) ?? '';
      const referral = firstFrom(referrals, day);
      return {
        mh_referral_after: referral,
        days_to_mh_referral: referral === null ? null : daysBetween(day, referral),
      };
    });
  },
};

const derivations: readonly Derivation[] = [sinceDischarge, contactAfter, sinceDeparture, referralAfter];
