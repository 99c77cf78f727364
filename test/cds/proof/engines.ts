import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Host, Row } from '../../../src/cds/arden/host.js';
import { type Outcome, prepare } from '../../../src/cds/arden/run/run.js';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import type { Time } from '../../../src/cds/arden/value.js';
import { isReference, parseReference } from '../../../src/cds/facts/reference/parse.js';
import { rowsOf } from '../../../src/cds/facts/rows/rows-of.js';
import type { Compiled } from '../../../src/cds/sql/compile.js';
import {
  type Counts,
  countsQuery,
  type Evidence,
  evidenceQueries,
  type Fired,
  firedQuery,
  type QueryOptions,
  type Question,
} from '../../../src/cds/sql/query.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { PreparedStatements, read } from '../../../src/warehouse/duckdb/read.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import { proofRegistry } from './facts.js';
import { type Patient, type Population, tablesSql } from './patients.js';

/** What the statements of a rule say. */
export interface SetResult {
  readonly fired: ReadonlyMap<number, Fired>;
  readonly counts: Counts;
  /** Rows by READ, in the order of the rule. */
  readonly evidence: readonly (readonly Evidence[])[];
}

/** An embedded engine with the tables of one population. */
export class Engine {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly prepared: PreparedStatements,
    readonly population: Population,
  ) {}

  static async of(population: Population): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    for (const statement of tablesSql(population)) await connection.run(statement);
    return new Engine(instance, connection, new PreparedStatements(connection, 1), population);
  }

  async ask<T>({ statement, output, rows }: Question<T>): Promise<T[]> {
    return rows(await read(this.connection, this.prepared, statement, output));
  }

  async run(compiled: Compiled): Promise<SetResult> {
    const options = optionsAt(this.population.now);
    const fired = await this.ask(firedQuery(compiled, options));
    const [counts] = await this.ask(countsQuery(compiled, options));
    if (!counts) throw new Error('no counts');
    const evidence: Evidence[][] = [];
    for (const question of evidenceQueries(compiled, options)) evidence.push(await this.ask(question));
    return { fired: new Map(fired.map((row) => [row.patientNo, row])), counts, evidence };
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

export const optionsAt = (now: Time): QueryOptions => ({
  gold: goldBuilder(),
  dialect: duckdbDialect,
  now,
  valueSets: proofRegistry.valueSets,
});

/** What the interpreter says of each patient, by its number. */
export function interpreted(mlm: Mlm, { now, patients }: Population): ReadonlyMap<number, Outcome> {
  const ofPatient = prepare(mlm);
  return new Map(patients.map((patient, at) => [at + 1, ofPatient(hostOf(patient, now))]));
}

function hostOf(patient: Patient, now: Time): Host {
  const known = new Map<string, readonly Row[] | undefined>();
  const rows = (braces: string): readonly Row[] | undefined => {
    const reference = parseReference(braces, proofRegistry);
    if (!isReference(reference)) return undefined;
    return rowsOf(reference, patient.get(reference.fact.name) ?? [], now, proofRegistry.valueSets);
  };
  return {
    now,
    currentTime: now,
    triggerTime: now,
    arguments: [],
    rows: (braces) => {
      if (!known.has(braces)) known.set(braces, rows(braces));
      return known.get(braces);
    },
    text: () => undefined,
    callInterface: () => undefined,
    language: 'en',
  };
}
