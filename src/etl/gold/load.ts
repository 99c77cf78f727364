import { DuckDBBlobValue } from '@duckdb/node-api';
import type { DisclosureRule } from '../../access/disclosure.js';
import type { Anonymity } from '../../config/settings.js';
import { type MartPlan, martTable } from '../../measures/mart.js';
import type { GoldBuilder } from '../../measures/source.js';
import { createTable } from '../../warehouse/duckdb/ddl.js';
import { dimPrice } from '../../warehouse/gold/costs.js';
import { dimCode, dimDate, dimHour, dimPractice, dimSpecialty } from '../../warehouse/gold/dimensions.js';
import { goldTables } from '../../warehouse/gold/index.js';
import { releaseLimit } from '../../warehouse/gold/limits.js';
import { releaseDay } from '../../warehouse/gold/quality.js';
import { versionTables } from '../../warehouse/gold/versions.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { referenceFile } from '../code-lists.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import { type DataDays, dimCodeSql, dimDateSql, dimHourSql } from './calendar.js';
import { dimPriceSql } from './costs.js';
import { fillDerived } from './derived.js';
import { dimPracticeSql } from './dimension-fills.js';
import type { GoldContext, GoldFill, TableFill } from './fill.js';
import { fillWhole } from './fill-mart.js';
import { goldFills } from './fills.js';
import { fillRefused } from './findings.js';
import { correctRowColumns } from './generalise.js';
import { releaseLimitSql } from './limits.js';
import { patientKeySql, patientNumberSql } from './patients.js';
import { versioned, versionsSql } from './versions.js';

export interface GoldInputs {
  readonly context: GoldContext;
  readonly days: DataDays;
  readonly marts: readonly MartPlan[];
  readonly gold: GoldBuilder;
  readonly referenceDir: string;
  /** How far rows of patients are generalised. */
  readonly anonymity: Anonymity;
  /** File of the patient numbers given by earlier releases; undefined where all are given anew. */
  readonly knownPatients: string | undefined;
  /** The two padded halves of the warehouse key. */
  readonly pads: { readonly inner: Uint8Array; readonly outer: Uint8Array };
  /** How figures are hidden and rounded. */
  readonly disclosure: DisclosureRule;
  readonly progress: (step: string, done: number, total: number) => void;
}

/** Catalogue name under which the release's file is attached while it is built. */
export const catalogue = 'gold';

/** Makes the tables of a release in a new database file, fills the star schema from silver, and what derives from it. */
export async function buildStar(engine: Engine, file: string, inputs: GoldInputs): Promise<void> {
  const { context, marts } = inputs;
  await engine.run(`attach ${quoted(file)} as ${catalogue}`);
  for (const declared of [...goldTables, ...marts.map(martTable)])
    await engine.run(createTable(catalogue, declared));
  await numberPatients(engine, inputs);
  const fills = goldFills(context);
  for (const [done, fill] of fills.entries()) {
    inputs.progress(fill.table.name, done, fills.length);
    await fillTable(engine, fill, inputs);
  }
  await fillRefused(engine, catalogue, context.contracts.values(), padsOf(inputs));
  await fillCalendar(engine, inputs);
  await inRelease(engine, () =>
    fillDerived(engine, { referenceDir: inputs.referenceDir, dataAsOf: inputs.days.dataAsOf }),
  );
}

/**
 * Sets what rows of patients show. It hangs on all patients and spells, so it is reckoned anew in each run; nothing else
 * of the release hangs on it.
 */
export const generalise = (engine: Engine, { anonymity, referenceDir }: GoldInputs): Promise<void> =>
  inRelease(engine, () => correctRowColumns(engine, anonymity, referenceDir));

/** The tables `patient_number` and `patient_key`, and the views of versions, which the fills read. */
export async function numberPatients(engine: Engine, inputs: GoldInputs): Promise<void> {
  for (const dataset of versioned) {
    const contract = inputs.context.contracts.get(dataset);
    if (contract) await engine.run(versionsSql(contract));
  }
  await engine.run(patientNumberSql(inputs.knownPatients), padsOf(inputs));
  await engine.run(patientKeySql);
}

export const padsOf = ({ pads }: GoldInputs): Record<'inner' | 'outer', DuckDBBlobValue> => ({
  inner: new DuckDBBlobValue(pads.inner),
  outer: new DuckDBBlobValue(pads.outer),
});

export async function fillTable(engine: Engine, fill: GoldFill, inputs: GoldInputs): Promise<void> {
  await engine.run(`insert into ${catalogue}.${fill.table.name} ${fill.select}`, boundIn(fill, inputs));
}

/** What the select of a fill binds. */
export const boundIn = ({ keyed }: GoldFill, inputs: GoldInputs): Parameters<Engine['run']>[1] =>
  keyed ? padsOf(inputs) : undefined;

/** Tables that are made from the days and codes of the facts, and from the price list. */
export const calendarTables: readonly TableDeclaration[] = [
  dimPractice,
  dimDate,
  dimHour,
  dimSpecialty,
  dimCode,
  dimPrice,
  releaseDay,
  releaseLimit,
];

/** The days and hours of the release, from silver. */
export const calendarFills = (days: DataDays): readonly TableFill[] => [
  { table: dimDate, select: dimDateSql(days) },
  { table: dimHour, select: dimHourSql(days) },
];

/** What is made from other tables of the release and reference lists: the practices that are named, the names of the codes that occur, the prices, and the first and last days. */
export const codeFills = (
  days: DataDays,
  disclosure: DisclosureRule,
  referenceDir: string,
): readonly TableFill[] => [
  { table: dimPractice, select: dimPracticeSql },
  { table: dimSpecialty, select: specialtySql(referenceDir) },
  { table: dimCode, select: dimCodeSql(codeLabels(referenceDir)) },
  { table: dimPrice, select: dimPriceSql(referenceDir) },
  { table: releaseDay, select: releaseDaySql(days, disclosure) },
  { table: releaseLimit, select: releaseLimitSql },
];

/** Fills the calendar, the prices and the names of the codes that occur. The tables are empty before. */
export async function fillCalendar(
  engine: Engine,
  { days, disclosure, referenceDir }: GoldInputs,
): Promise<void> {
  const insert = ({ table, select }: TableFill): Promise<void> =>
    engine.run(`insert into ${catalogue}.${table.name} ${select}`);
  for (const fill of calendarFills(days)) await insert(fill);
  await inRelease(engine, async () => {
    for (const fill of codeFills(days, disclosure, referenceDir)) await insert(fill);
  });
}

/** Fills a mart from the star schema, by the queries that a warehouse of the other dialect runs as well. */
export const buildMart = (
  engine: Engine,
  { gold }: Pick<GoldInputs, 'gold'>,
  mart: MartPlan,
): Promise<void> => inRelease(engine, () => fillWhole(engine, gold, mart));

/** Work on the tables of the release by their plain names. */
export async function inRelease<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  await engine.run(`use ${catalogue}`);
  try {
    return await work();
  } finally {
    await engine.run('use memory');
  }
}

/** Writes the file to its end and lets go of it. */
export async function finishGold(engine: Engine): Promise<void> {
  await engine.run(`force checkpoint ${catalogue}`);
  await engine.run(`detach ${catalogue}`);
}

const dayOrNull = (day: string | null): string => (day === null ? 'null' : `DATE '${day}'`);

const releaseDaySql = (
  days: DataDays,
  { threshold, base }: DisclosureRule,
): string => `select DATE '${days.dataAsOf}', ${dayOrNull(days.firstAdmission)}, ${dayOrNull(days.firstArrival)},
  cast(timezone('Europe/London', timezone('UTC', min(valid_from))) as date), ${threshold}, ${base}
from (${versionTables.map((table) => `select valid_from from ${table.name}`).join(' union all ')})`;

const specialtySql = (folder: string): string =>
  `select f.specialty_code, max(r.display) from (select distinct specialty_code from fact_spell) f left join read_csv(${quoted(referenceFile(folder, 'specialty'))}, all_varchar = true, header = true) r on f.specialty_code = r.code group by f.specialty_code order by 1`;

const codeLabels = (folder: string) => [
  {
    list: 'admission_method',
    path: referenceFile(folder, 'admission_method'),
    label: 'display',
    used: 'select admission_method from fact_spell',
  },
  {
    list: 'ed_destination',
    path: referenceFile(folder, 'ed_destination'),
    label: 'display',
    used: 'select discharge_destination from fact_ed_attendance',
  },
  {
    list: 'hrg',
    path: referenceFile(folder, 'hrg4plus'),
    label: 'display',
    used: 'select hrg_code from fact_spell',
  },
  {
    list: 'bnf_chapter',
    path: referenceFile(folder, 'bnf_chapter'),
    label: 'display',
    used: 'select left(bnf_code, 2) from fact_prescription',
  },
];
