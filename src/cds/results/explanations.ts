import { MaplewoodError } from '../../errors.js';
import type { LoadContext } from '../../loaders/load.js';
import { mostExplained } from '../../schema/cds-limits.js';
import { cdsResult } from '../../warehouse/gold/cds.js';
import { hostOfRows } from '../arden/host.js';
import { prepare } from '../arden/run/run.js';
import { timeOfInstant } from '../arden/run/time.js';
import type { Mlm } from '../arden/syntax.js';
import type { Registry } from '../facts/registry.js';
import { dayText } from '../facts/rows/bounds.js';
import { FactPlans } from '../facts/rows/fact-plan.js';
import type { RowsByBraces } from '../facts/rows/fetch.js';
import { rowsInGold } from '../patient/gold-rows.js';
import { type InTurn, oneByOne } from '../patient/one-by-one.js';
import { knowsOnlyNow, type Reads } from '../patient/reads.js';
import { rowsRead, seenRows } from '../patient/seen-rows.js';
import { type ShownNode, shownRun } from '../patient/shown-run.js';
import { type Told, toldOf } from '../patient/told.js';
import { readReferences } from '../rules/references.js';
import { audienceOf } from './audience.js';
import { goldRows, type Row } from './gold-rows.js';
import { hex, keysAre } from './result-keys.js';
import { keptRegistry, type RuleText, ruleTexts } from './rule-texts.js';

/**
 * Runs the rules of results again, each as of the time at which it last fired and with the text with which it did, by the keys of
 * results that the caller may see. A result has none whose rule reads what clinicians see through results alone, or what is
 * known of the last day with data alone and had fired before. Error: `BAD_USER_INPUT` for too many results.
 */
export type ExplanationsReader = (
  keys: readonly Uint8Array[],
  context: LoadContext,
  inTurn: InTurn,
) => Promise<ReadonlyMap<string, readonly ShownNode[]>>;

interface Explained extends Reads {
  readonly text: string;
  readonly mlm: Mlm;
  readonly told: Told;
  readonly key: string;
  readonly patient: number;
  readonly firedAt: string;
}

/** `listed`: three-character categories of diagnoses that are shown to nobody. */
export function explanationsReader(listed: ReadonlySet<string>): ExplanationsReader {
  const plans = new FactPlans();
  return async (keys, context, inTurn) => {
    if (keys.length > mostExplained)
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `explanation is given for at most ${mostExplained} results at once. Ask for fewer (first).`,
      );
    if (keys.length === 0) return new Map();
    const results = await goldRows(
      cdsResult,
      ['result_key', 'rule', 'text_sha256', 'patient_no', 'last_fired_at'],
      keysAre(keys),
      context,
    );
    const texts = new Set(results.map((row) => String(row['text_sha256'])));
    const [rules, registry] = await Promise.all([ruleTexts([...texts], context), keptRegistry(context)]);
    const explained = results.flatMap((row) => explainedOf(row, rules, registry, listed, context));
    const rows = await rowsFor(explained, registry, context, plans);
    const seen = await seenRows(
      explained.flatMap((one) => rowsRead(one, one.patient, rows(one))),
      context,
    );
    const programs = new Map<Mlm, ReturnType<typeof prepare>>();
    const nodes = await inTurn(() =>
      oneByOne(explained, context.signal, (one): [string, readonly ShownNode[]] => {
        const known = rows(one);
        const now = timeOfInstant(Date.parse(one.firedAt));
        const program = programs.get(one.mlm) ?? prepare(one.mlm, { trace: true });
        programs.set(one.mlm, program);
        const outcome = program(hostOfRows(now, (braces) => known?.get(braces)));
        const isOpen = rowsRead(one, one.patient, known).every((row) => seen.has(row));
        return [one.key, shownRun(one, outcome, { isOpen, told: one.told, now }).trace().nodes];
      }),
    );
    return new Map(nodes);
  };
}

function explainedOf(
  row: Row,
  rules: ReadonlyMap<string, RuleText>,
  registry: Registry,
  listed: ReadonlySet<string>,
  { plan }: LoadContext,
): Explained[] {
  const rule = rules.get(String(row['text_sha256']));
  if (!rule?.mlm) return [];
  const { text, mlm } = rule;
  if (audienceOf({ name: String(row['rule']), mlm }, registry).needsCare) return [];
  const reads = { references: readReferences(mlm, registry) };
  const told = toldOf(mlm, reads.references, registry, listed);
  if (!told.isTold) return [];
  const firedAt = String(row['last_fired_at']);
  const day = dayText(timeOfInstant(Date.parse(firedAt)));
  if (day !== plan.release.dataAsOf && knowsOnlyNow(reads)) return [];
  return [
    { text, mlm, told, ...reads, firedAt, key: hex(row['result_key']), patient: Number(row['patient_no']) },
  ];
}

/** What the rules read: a statement a fact for all results that fired at one time. */
async function rowsFor(
  explained: readonly Explained[],
  registry: Registry,
  context: LoadContext,
  plans: FactPlans,
): Promise<(one: Explained) => RowsByBraces | undefined> {
  const times = [...new Set(explained.map(({ firedAt }) => firedAt))];
  const found = new Map(
    await Promise.all(
      times.map(async (time) => {
        const then = explained.filter(({ firedAt }) => firedAt === time);
        const patients = [...new Set(then.map(({ patient }) => patient))];
        const now = timeOfInstant(Date.parse(time));
        return [time, await rowsInGold(then, patients, now, registry, context, plans)] as const;
      }),
    ),
  );
  return ({ firedAt, patient }) => found.get(firedAt)?.get(patient);
}
