import { hostOfRows, type Row } from '../arden/host.js';
import { formatValue } from '../arden/run/format.js';
import type { Outcome } from '../arden/run/run.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { rowsOf } from '../facts/rows/rows-of.js';
import { columnsOf } from '../patient/reads.js';
import { urgencyOf } from '../results/urgency.js';
import type { GivenFacts } from './fhir/prefetch.js';
import type { HookRule } from './services.js';

/** A rule that fires for a patient. */
export interface Fired {
  readonly rule: HookRule;
  readonly message: string;
  /** 1 to 99. */
  readonly urgency: number;
  /** Values of the message that hold a blank: a cut goes around them. */
  readonly values: readonly string[];
  readonly outcome: Outcome;
}

/** What a rule says of a patient by the rows of its READs; undefined where it does not fire or has nothing to say. */
export function firedBy(
  rule: HookRule,
  now: Time,
  rows: (braces: string) => readonly Row[] | undefined,
): Fired | undefined {
  const outcome = rule.run(hostOfRows(now, rows));
  if (outcome.concluded !== true) return undefined;
  const message = outcome.written
    .map(({ text }) => text)
    .join(' ')
    .trim();
  if (message === '') return undefined;
  const values = [...outcome.variables.values()].map(formatValue).filter((value) => value.includes(' '));
  return { rule, message, urgency: urgencyOf(outcome.urgency), values, outcome };
}

/** Whether a prefetch tells all that a rule reads. */
export const isTold = ({ references }: HookRule, { columns }: GivenFacts): boolean =>
  [...references.values()].every((reference) => {
    const told = columns.get(reference.fact.name);
    return told !== undefined && [...columnsOf(reference)].every((name) => told.has(name));
  });

/** The rows of the READs of a rule among those of a prefetch. */
export const rowsGiven =
  ({ references }: HookRule, { rows }: GivenFacts, now: Time, { valueSets }: Registry) =>
  (braces: string): readonly Row[] | undefined => {
    const reference = references.get(braces);
    return reference && rowsOf(reference, rows.get(reference.fact.name) ?? [], now, valueSets);
  };
