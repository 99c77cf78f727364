import { sql } from 'kysely';
import { queryOf } from '../../measures/source.js';
import { type Host, hostOfRows } from '../arden/host.js';
import { type Outcome, prepare } from '../arden/run/run.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { fetchRows } from '../facts/rows/fetch.js';
import { differences } from '../proof/differences.js';
import type { Rule } from '../rules/read-rules.js';
import { readReferences } from '../rules/references.js';
import { type Compiled, compileRule, isCompiled } from '../sql/compile.js';
import { type Counts, countsQuery } from '../sql/counts.js';
import { type Evidence, evidenceQuery } from '../sql/evidence.js';
import { type Fired, firedQuery } from '../sql/fired.js';
import type { QueryOptions } from '../sql/rows.js';
import type { Release } from './release.js';

/** What both engines said of a rule for the patients of a release. */
export interface Compared extends Counts {
  readonly rule: string;
  /** Where they differ, the first of them; empty: nowhere. */
  readonly differences: readonly string[];
}

/** Patients of whom both engines are asked at most; of more people every second, third … is taken. */
const most = 20_000;
/** Patients whose rows are in memory at once. */
const atOnce = 1_000;
const told = 5;

/**
 * Runs rules over a release in both engines: all patients, or a part of them that the seed chooses. They must agree on who
 * fires, variables, messages and evidence, patient by patient. Rules that are left to the interpreter are passed over.
 */
export async function compareOverRelease(
  rules: readonly Rule[],
  registry: Registry,
  release: Release,
  now: Time,
  seed: number,
): Promise<readonly Compared[]> {
  const all = await release.patients();
  const share = Math.max(Math.ceil(all.length / most), 1);
  const some = all.filter((patient) => patient % share === seed % share);
  const compiled = rules.flatMap(({ name, mlm }) => {
    const made = compileRule(mlm, registry);
    return isCompiled(made) ? [{ name, compiled: made }] : [];
  });
  const options = partOf(release.optionsAt(now), share, seed % share);
  const comparisons: Comparison[] = [];
  for (const one of compiled) comparisons.push(await Comparison.of(one.name, one.compiled, release, options));
  const references = new Map(rules.flatMap(({ mlm }) => [...readReferences(mlm, registry)]));
  for (let from = 0; from < some.length; from += atOnce) {
    const patients = some.slice(from, from + atOnce);
    const rows = await fetchRows({ references, patients, now }, release.source);
    for (const comparison of comparisons)
      comparison.add(patients, (patient) => (braces) => rows.get(patient)?.get(braces));
  }
  return comparisons.map((comparison) => comparison.result());
}

const partOf = (options: QueryOptions, share: number, rest: number): QueryOptions =>
  share === 1
    ? options
    : {
        ...options,
        patients: queryOf(options.gold, 'dim_patient as d')
          .where(sql<boolean>`${sql.ref('d.patient_no')} % ${sql.lit(share)} = ${sql.lit(rest)}`)
          .select('d.patient_no'),
      };

/** What the statements say of a rule, and how far the interpreter says the same. */
class Comparison {
  private readonly found: string[] = [];
  private readonly counts = { evaluated: 0, fired: 0, undecided: 0 };
  private readonly run: (host: Host) => Outcome;

  private constructor(
    private readonly name: string,
    private readonly compiled: Compiled,
    private readonly now: Time,
    private readonly said: {
      readonly fired: ReadonlyMap<number, Fired>;
      readonly counts: Counts;
      readonly evidence: ReadonlyMap<number, readonly Evidence[]>;
    },
  ) {
    this.run = prepare(compiled.mlm);
  }

  static async of(
    name: string,
    compiled: Compiled,
    release: Release,
    options: QueryOptions,
  ): Promise<Comparison> {
    const fired = await release.ask(firedQuery(compiled, options));
    const [counts = { evaluated: 0, fired: 0, undecided: 0 }] = await release.ask(
      countsQuery(compiled, options),
    );
    const question = evidenceQuery(compiled, options);
    const evidence = new Map<number, Evidence[]>();
    for (const row of question ? await release.ask(question) : []) {
      const own = evidence.get(row.patientNo);
      if (own) own.push(row);
      else evidence.set(row.patientNo, [row]);
    }
    return new Comparison(name, compiled, options.now, {
      fired: new Map(fired.map((row) => [row.patientNo, row])),
      counts,
      evidence,
    });
  }

  add(patients: readonly number[], rowsOf: (patient: number) => Host['rows']): void {
    const outcomes = new Map(
      patients.map((patient) => [patient, this.run(hostOfRows(this.now, rowsOf(patient)))] as const),
    );
    for (const { concluded } of outcomes.values()) {
      this.counts.evaluated += 1;
      if (concluded === true) this.counts.fired += 1;
      if (concluded === null) this.counts.undecided += 1;
    }
    const evidence = patients.flatMap((patient) => this.said.evidence.get(patient) ?? []);
    const { fired } = this.said;
    this.found.push(...differences(this.compiled, this.now, outcomes, { fired, evidence }));
  }

  result(): Compared {
    const { counts, found, said, name } = this;
    const same = JSON.stringify(said.counts) === JSON.stringify(counts);
    const all = same
      ? found
      : [...found, `counts: ${JSON.stringify(counts)} and ${JSON.stringify(said.counts)}`];
    return { rule: name, ...said.counts, differences: all.slice(0, told) };
  }
}
