import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { timeOrEndOfDay } from '../src/cds/arden/run/literal.js';
import { type Rules, readRules } from '../src/cds/rules/read-rules.js';
import { compileRule, isCompiled } from '../src/cds/sql/compile.js';
import { evidenceQuery } from '../src/cds/sql/evidence.js';
import { firedQuery } from '../src/cds/sql/fired.js';
import type { Statement } from '../src/warehouse/dialect.js';
import { duckdbDialect } from '../src/warehouse/duckdb/dialect.js';
import { optimizer } from '../src/warehouse/duckdb/optimizer.js';
import { toDuckdb } from '../src/warehouse/duckdb/types.js';
import { goldBuilder } from '../src/warehouse/gold-builder.js';
import { lastDay } from './cds-gold.js';

/** Figures of one process, so that its memory can be told; printed as JSON. */
export interface RuleTimes {
  /** Seconds of each rule: its fired patients and their evidence, into tables. */
  readonly rules: readonly { readonly rule: string; readonly seconds: number; readonly fired: number }[];
  /** Seconds of a statement of ours against one written by hand that asks the same. */
  readonly ratios: readonly {
    readonly rule: string;
    readonly ours: number;
    readonly theirs: number;
    readonly fired: readonly number[];
  }[];
  /** Seconds of processor time of all these rules, on however many cores. */
  readonly cpu: number;
}

const found = timeOrEndOfDay(lastDay);
if (!found) throw new Error('no day');
const now = found;

/** The same rules as somebody would write them who knows the tables. */
const inTwelveMonths = (time: string): string =>
  `${time} >= timestamp '${lastDay} 23:59:59' - interval 12 month and ${time} <= timestamp '${lastDay} 23:59:59'`;
const byHand: Readonly<Record<string, string>> = {
  ed_frequent_attender: `select patient_no, count(*) as visits from fact_ed_attendance
    where ${inTwelveMonths('arrived_at')} group by patient_no having count(*) >= 10`,
  ed_frequent_no_contact: `select patient_no, visits from (
      select patient_no, count(*) as visits from fact_ed_attendance
      where ${inTwelveMonths('arrived_at')} group by patient_no) v
    where visits >= 5 and not exists (
      select 1 from fact_contact c where c.patient_no = v.patient_no and ${inTwelveMonths('contact_date')})`,
};

async function main(root: string, file: string, spill: string): Promise<RuleTimes> {
  const instance = await DuckDBInstance.create(file, {
    access_mode: 'READ_ONLY',
    threads: '2',
    memory_limit: '2GB',
    temp_directory: spill,
    ...optimizer,
  });
  const connection = await instance.connect();
  const rules = await readRules(join(root, 'rules'));
  const times = await overAll(connection, rules);
  connection.closeSync();
  instance.closeSync();
  return times;
}

async function overAll(connection: DuckDBConnection, rules: Rules): Promise<RuleTimes> {
  const began = process.cpuUsage();
  const all = await eachOverAll(connection, rules);
  const { user, system } = process.cpuUsage(began);
  return { rules: all, cpu: (user + system) / 1e6, ratios: await againstHand(connection, rules) };
}

const optionsOf = ({ registry }: Rules) => ({
  gold: goldBuilder(),
  dialect: duckdbDialect,
  now,
  valueSets: registry.valueSets,
});

async function eachOverAll(connection: DuckDBConnection, rules: Rules): Promise<RuleTimes['rules']> {
  const done: RuleTimes['rules'][number][] = [];
  for (const { name, mlm, gem } of rules.rules) {
    const { subject } = gem.delivery;
    const compiled = compileRule(mlm, rules.registry, subject === undefined ? {} : { subject });
    if (!isCompiled(compiled)) throw new Error(`${name} is not compiled`);
    const began = performance.now();
    await keep(connection, 'fired', firedQuery(compiled, optionsOf(rules)).statement);
    const evidence = evidenceQuery(compiled, optionsOf(rules));
    if (evidence) await keep(connection, 'evidence', evidence.statement);
    const seconds = (performance.now() - began) / 1000;
    done.push({ rule: name, seconds, fired: await countOf(connection, 'fired') });
    process.stderr.write(`${name} ${seconds.toFixed(2)} s\n`);
  }
  return done;
}

/** Runs a statement into a table. */
async function keep(
  connection: DuckDBConnection,
  table: string,
  { sql, parameters }: Statement,
): Promise<void> {
  const prepared = await connection.prepare(`create or replace temp table ${table} as ${sql}`);
  const values = parameters.map(toDuckdb);
  if (values.length > 0)
    prepared.bind(
      values.map(({ value }) => value),
      values.map(({ type }) => type),
    );
  await prepared.run();
  prepared.destroySync();
}

async function countOf(connection: DuckDBConnection, table: string): Promise<number> {
  const rows = await connection.runAndReadAll(`select count(*) from ${table}`);
  return Number(rows.getRows()[0]?.[0]);
}

async function againstHand(connection: DuckDBConnection, rules: Rules): Promise<RuleTimes['ratios']> {
  const done: RuleTimes['ratios'][number][] = [];
  for (const [name, text] of Object.entries(byHand)) {
    const rule = rules.rules.find((one) => one.name === name);
    const compiled = rule && compileRule(rule.mlm, rules.registry);
    if (!compiled || !isCompiled(compiled)) throw new Error(`${name} is not compiled`);
    const { statement } = firedQuery(compiled, optionsOf(rules));
    const ours = await median(() => keep(connection, 'ours', statement));
    const theirs = await median(() => keep(connection, 'theirs', { sql: text, parameters: [] }));
    const fired = [await countOf(connection, 'ours'), await countOf(connection, 'theirs')];
    done.push({ rule: name, ours, theirs, fired });
  }
  return done;
}

/** Median of the seconds of five runs. */
async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const began = performance.now();
    await work();
    times.push((performance.now() - began) / 1000);
  }
  return times.sort((a, b) => a - b)[2] ?? Number.NaN;
}

const [, , root = '', file = '', spill = ''] = process.argv;
process.stdout.write(JSON.stringify(await main(root, file, spill)));
