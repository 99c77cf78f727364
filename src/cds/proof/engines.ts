import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { optimizer } from '../../warehouse/duckdb/optimizer.js';
import { PreparedStatements } from '../../warehouse/duckdb/prepared-statements.js';
import { read } from '../../warehouse/duckdb/read.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import { hostOfRows, type Row } from '../arden/host.js';
import { type Outcome, prepare } from '../arden/run/run.js';
import type { Mlm } from '../arden/syntax.js';
import type { Time } from '../arden/value.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { knownRowsOf, rowsAmong } from '../facts/rows/rows-of.js';
import { readsOf } from '../provenance/check-gem.js';
import type { Compiled } from '../sql/compile.js';
import { type Counts, countsQuery } from '../sql/counts.js';
import { type Evidence, evidenceQuery } from '../sql/evidence.js';
import { type Fired, firedQuery } from '../sql/fired.js';
import type { Question } from '../sql/question.js';
import type { QueryOptions } from '../sql/rows.js';
import { proofRegistry } from './facts.js';
import { type Population, tablesSql } from './patients.js';

/** What the statements of a rule say. */
export interface SetResult {
  readonly fired: ReadonlyMap<number, Fired>;
  readonly counts?: Counts;
  readonly evidence?: readonly Evidence[];
}

/** An embedded engine with the tables of one population. */
export class Engine {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly prepared: PreparedStatements,
    readonly population: Population,
    private readonly registry: Registry,
    /** What the interpreter says of each patient, by its number. */
    readonly interpret: (mlm: Mlm) => ReadonlyMap<number, Outcome>,
  ) {}

  static async of(population: Population, registry: Registry = proofRegistry): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', ...optimizer });
    const connection = await instance.connect();
    for (const statement of tablesSql(population, registry.facts.values())) await connection.run(statement);
    const prepared = new PreparedStatements(connection, 1);
    return new Engine(
      instance,
      connection,
      prepared,
      population,
      registry,
      interpreterOf(population, registry),
    );
  }

  async ask<T>({ statement, output, rows }: Question<T>): Promise<T[]> {
    return rows(await read(this.connection, this.prepared, statement, output));
  }

  /** `also`: what is asked for besides the fired patients. */
  async run(
    compiled: Compiled,
    also: { readonly counts: boolean; readonly evidence: boolean },
  ): Promise<SetResult> {
    const options = optionsAt(this.population.now, this.registry);
    const fired = await this.ask(firedQuery(compiled, options));
    const [counts] = also.counts ? await this.ask(countsQuery(compiled, options)) : [];
    const read = also.evidence ? evidenceQuery(compiled, options) : undefined;
    return {
      fired: new Map(fired.map((row) => [row.patientNo, row])),
      ...(counts ? { counts } : {}),
      ...(read ? { evidence: await this.ask(read) } : {}),
    };
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

export const optionsAt = (now: Time, { valueSets }: Registry = proofRegistry): QueryOptions => ({
  gold: goldBuilder(),
  dialect: duckdbDialect,
  now,
  valueSets,
});

/** Says of a rule what the interpreter says of each patient, by its number. Values of rows are made once for all rules. */
function interpreterOf(
  { now, patients }: Population,
  { facts, valueSets }: Registry,
): (mlm: Mlm) => ReadonlyMap<number, Outcome> {
  const known = patients.map(
    (patient) =>
      new Map(
        [...facts.values()].map((fact) => [fact, knownRowsOf(fact, patient.get(fact.name) ?? [], now)]),
      ),
  );
  return (mlm) => {
    const ofPatient = prepare(mlm);
    const references = new Map(
      readsOf(mlm).map(({ braces: { text } }) => [text, parseReference(text, { facts, valueSets })]),
    );
    return new Map(
      known.map((facts, at) => {
        const rows = (braces: string): readonly Row[] | undefined => {
          const reference = references.get(braces);
          if (!reference || !isReference(reference)) return undefined;
          return rowsAmong(reference, facts.get(reference.fact) ?? [], valueSets);
        };
        return [at + 1, ofPatient(hostOfRows(now, rows))];
      }),
    );
  };
}
