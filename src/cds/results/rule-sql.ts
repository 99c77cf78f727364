import { nextTurn } from '../../config/event-loop.js';
import type { LoadContext } from '../../loaders/load.js';
import type { Dialect, Statement } from '../../warehouse/dialect.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import { tsqlDialect } from '../../warehouse/mssql/dialect.js';
import { endOfDay } from '../arden/run/literal.js';
import { compileRule, isCompiled } from '../sql/compile.js';
import { firedQuery } from '../sql/fired.js';
import { keptRegistry, ruleTexts } from './rule-texts.js';

/** The engines for which statements are written, as callers name them. */
export const sqlDialects = ['DUCKDB', 'TSQL'] as const;
export type SqlDialect = (typeof sqlDialects)[number];

/** The dialect, and the schema that a release has there; the embedded engine has a file a release. */
const engines: Readonly<
  Record<SqlDialect, { readonly dialect: Dialect; readonly schema: (release: number) => string | undefined }>
> = {
  DUCKDB: { dialect: duckdbDialect, schema: () => undefined },
  TSQL: { dialect: tsqlDialect('synapse'), schema: (release) => `gold_r${release}` },
};

/**
 * The statement that finds the patients for whom a rule fires as of the end of the data of a release, by the SHA-256 of the
 * text of the rule. A rule that no statement can run is left out.
 */
export async function ruleStatements(
  texts: readonly string[],
  engine: SqlDialect,
  context: LoadContext,
): Promise<ReadonlyMap<string, string>> {
  const [found, registry] = await Promise.all([ruleTexts(texts, context), keptRegistry(context)]);
  const { id, dataAsOf } = context.handle.info;
  const options = {
    gold: goldBuilder(engines[engine].schema(id)),
    dialect: engines[engine].dialect,
    now: endOfDay(dataAsOf),
    valueSets: registry.valueSets,
  };
  const statements = new Map<string, string>();
  for (const [sha256, { mlm, gem }] of found) {
    const { subject } = gem.delivery;
    const compiled = mlm && compileRule(mlm, registry, subject === undefined ? {} : { subject });
    if (compiled && isCompiled(compiled))
      statements.set(sha256, textOf(firedQuery(compiled, options).statement));
    await nextTurn();
  }
  return statements;
}

/** A statement, with what is bound to its parameters below it. */
const textOf = ({ sql, parameters }: Statement): string =>
  [
    sql,
    ...parameters.map(
      ({ value }, at) =>
        `-- ${at + 1}: ${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)}`,
    ),
  ].join('\n');
