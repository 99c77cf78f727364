import type { Time } from '../arden/value.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { readsOf } from '../provenance/check-gem.js';
import { windowOf } from '../results/window.js';
import type { Rule } from '../rules/read-rules.js';
import { compileRule, isCompiled } from '../sql/compile.js';
import { firedQuery } from '../sql/fired.js';
import type { Release } from './release.js';

/** What a rule would have found at a time of the past. */
export interface Step {
  readonly rule: string;
  readonly now: Time;
  /** Results: a row that the result is about, or a patient in a window of time. */
  readonly fired: number;
  readonly patients: number;
  /** Results that the step before did not have, and those of it that are no more; of the first step all are new. */
  readonly new: number;
  readonly resolved: number;
  /** New results a day since the step before: what a card each would come to. Null at the first step. */
  readonly cardsADay: number | null;
}

/** Why a rule cannot be run over the past; undefined: it can. */
export function barredFromPast({ mlm, gem }: Rule, registry: Registry): string | undefined {
  const facts = readsOf(mlm).flatMap(({ braces }) => {
    const read = parseReference(braces.text, registry);
    return isReference(read) && read.fact.notAsOf === true ? [read.fact.name] : [];
  });
  if (facts.length > 0)
    return `reads ${[...new Set(facts)].join(', ')}, which cannot be reckoned as of an earlier day`;
  const { subject } = gem.delivery;
  return isCompiled(compileRule(mlm, registry, subject === undefined ? {} : { subject }))
    ? undefined
    : 'cannot be run over all patients at once';
}

/** Runs a rule at each time over a release, with the rows and columns that were known then. It writes no results. */
export async function* backTest(
  { name, mlm, gem }: Rule,
  registry: Registry,
  times: readonly Time[],
  release: Release,
): AsyncGenerator<Step> {
  const { subject } = gem.delivery;
  const compiled = compileRule(mlm, registry, subject === undefined ? {} : { subject });
  if (!isCompiled(compiled)) return;
  let before: { readonly keys: ReadonlySet<string>; readonly now: Time } | undefined;
  for (const now of times) {
    const rows = await release.ask(firedQuery(compiled, release.optionsAt(now)));
    const bucket = windowOf(gem.delivery, now);
    const keys = new Set(
      rows.map((row) => `${row.patientNo} ${subject === undefined ? bucket : row.subject}`),
    );
    const earlier = before?.keys ?? new Set<string>();
    const opened = [...keys].filter((key) => !earlier.has(key)).length;
    const days = before && (now.wall - before.now.wall) / 86_400_000;
    yield {
      rule: name,
      now,
      fired: keys.size,
      patients: new Set(rows.map(({ patientNo }) => patientNo)).size,
      new: opened,
      resolved: [...earlier].filter((key) => !keys.has(key)).length,
      cardsADay: days === undefined ? null : opened / days,
    };
    before = { keys, now };
  }
}
