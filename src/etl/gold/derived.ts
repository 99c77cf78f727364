import { factCost, factPatientCost } from '../../warehouse/gold/costs.js';
import { factCareTransition, factHealthYear, factSpellScore } from '../../warehouse/gold/derived.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import {
  factCarePackage,
  factContact,
  factEdAttendance,
  factReferral,
  factSpell,
} from '../../warehouse/gold/facts.js';
import { factEdInterval, factReferralInterval, factSpellInterval } from '../../warehouse/gold/intervals.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import type { LaneTask } from '../lanes.js';
import { name, ofPatients } from '../sql.js';
import { careTransitionSql } from './care-transitions.js';
import { costSlices, factCostSql } from './costs.js';
import type { FactRelation, Slice, TableFill } from './fill.js';
import { healthYearSql, staleYearsSql } from './health-years.js';
import { edIntervalSql, referralIntervalSql, spellIntervalSql } from './intervals.js';
import { noteComing, noteGoing } from './moved-rows.js';
import { patientCostSql } from './patient-costs.js';
import { allPatients, patientRanges } from './patient-ranges.js';
import { spellScoreSql } from './spell-scores.js';

/** A table with rows of patients, made from facts of the same patients. */
interface Derived {
  readonly table: TableDeclaration;
  /**
   * Facts of which a change can change any row of the same patient; or the rows that come from each fact; or everybody: a row
   * hangs on those of all others.
   */
  readonly from: readonly string[] | readonly Slice[] | typeof everybody;
  /** SELECTs whose columns are those of the table, in order, and whose rows together are its rows. */
  readonly selects: (facts: FactRelation, inputs: DerivedInputs) => readonly string[];
  /** SQL of a number `n` that is not 0 where the rows of everybody are to be made anew. */
  readonly stale?: string;
  /** Its rows are in order of the patients, and come from pairs of their events: it is filled some patients at a time. */
  readonly inRanges?: true;
}

interface DerivedInputs {
  readonly referenceDir: string;
  /** Last day with data. */
  readonly dataAsOf: string;
}

/** Stands among facts for everything of a patient. */
const anything = 'patient';
const everybody = 'everybody';

/** Tables that are made from facts, and of a chain also from the table before. */
const chains: readonly (readonly Derived[])[] = [
  [
    {
      table: factSpellScore,
      from: [factSpell.name, factEdAttendance.name],
      selects: (facts, { referenceDir }) => [spellScoreSql(facts, referenceDir)],
      inRanges: true,
    },
  ],
  [
    {
      table: factSpellInterval,
      from: [factSpell.name, factContact.name],
      selects: (facts) => [spellIntervalSql(facts)],
      inRanges: true,
    },
  ],
  [
    {
      table: factEdInterval,
      from: [factEdAttendance.name, factReferral.name],
      selects: (facts) => [edIntervalSql(facts)],
      inRanges: true,
    },
  ],
  [
    {
      table: factReferralInterval,
      from: [factReferral.name, factContact.name],
      selects: (facts) => [referralIntervalSql(facts)],
      inRanges: true,
    },
  ],
  [
    {
      table: factCareTransition,
      from: [factSpell, factEdAttendance, factReferral, factContact, factCarePackage].map(({ name }) => name),
      selects: (facts) => [careTransitionSql(facts)],
    },
  ],
  [
    {
      table: factHealthYear,
      from: [anything],
      selects: (facts) => [healthYearSql(facts)],
      stale: staleYearsSql,
    },
  ],
  [
    {
      table: factCost,
      from: costSlices,
      selects: (facts, { dataAsOf }) => factCostSql(facts, dataAsOf),
    },
    {
      table: factPatientCost,
      from: everybody,
      selects: (_facts, { dataAsOf }) => [patientCostSql(dataAsOf)],
    },
  ],
];

const derived = chains.flat();

/** The tables that are made from facts of the release once these are filled, in its catalogue. */
export const derivedFills = (inputs: DerivedInputs): readonly TableFill[] =>
  derived.map(({ table, selects }) => ({ table, select: together(selects(allPatients, inputs)) }));

const together = (selects: readonly string[]): string =>
  selects.map((select) => `select * from (${select})`).join('\nunion all\n');

/** Fills the empty derived tables, in the catalogue of the release. Each select by itself: a table may be most of the memory. */
export async function fillDerived(engine: Engine, inputs: DerivedInputs): Promise<void> {
  const ranges = await patientRanges(engine);
  for (const { table, selects, inRanges } of derived)
    for (const facts of inRanges ? ranges : [allPatients])
      for (const select of selects(facts, inputs)) await engine.run(`insert into ${table.name} ${select}`);
}

/** What a correction of derived tables hangs on. */
interface CorrectedInputs extends DerivedInputs {
  readonly dataAsOfBefore: string;
  /**
   * Relation with the `patient_no` of whom a row of a fact has changed, with the `day` of the row, or a row of
   * `dim_patient`, or of any of these (`patient`).
   */
  readonly touchedBy: (table: string) => string;
}

/**
 * Tasks, in the catalogue of the release, that make the rows of touched patients anew, and all rows of the tables that hang
 * on everybody; and `movedRows` of each table. The longest come first.
 */
export const correctDerived = (inputs: CorrectedInputs): LaneTask[] =>
  chains
    .map((chain) => async (lane: Engine) => {
      for (const one of chain) await correct(lane, one, inputs);
    })
    .reverse();

async function correct(engine: Engine, one: Derived, inputs: CorrectedInputs): Promise<void> {
  const { table, from, selects, stale } = one;
  if (from === everybody)
    return replace(engine, table, `select rowid as _row, * from ${table.name}`, selects(allPatients, inputs));
  if (isSliced(from)) return remakeSlices(engine, { ...one, from }, inputs);
  const [found] = stale === undefined ? [] : await engine.rows<{ n: number }>(stale);
  const patients =
    (found?.n ?? 0) > 0
      ? ['select patient_no from dim_patient', `select patient_no from ${table.name}`]
      : from.map((fact) => `select patient_no from ${inputs.touchedBy(fact)}`);
  await engine.run(`create or replace temp table remade as ${patients.join(' union ')}`);
  await replace(
    engine,
    table,
    `select f.rowid as _row, f.* from ${ofPatients(`${table.name} f`, 'remade')}`,
    selects((fact) => `(select * from ${ofPatients(fact, 'remade')})`, inputs),
  );
  await engine.run('drop table remade');
}

/**
 * Puts rows in the place of those of the query `going`, which gives their number as `_row`, and notes which came and went.
 * Most are as they were: these stay where they are.
 */
async function replace(
  engine: Engine,
  table: TableDeclaration,
  going: string,
  selects: readonly string[],
): Promise<void> {
  const names = Object.keys(table.columns).map(name);
  const columns = names.join(', ');
  // Of the types of the table, since a number that is rounded there would differ here.
  for (const one of ['going', 'coming'])
    await engine.run(`create or replace temp table ${one} as select ${columns} from ${table.name} limit 0`);
  await engine.run(`insert into going select ${columns} from (${going})`);
  await engine.run(`insert into coming ${together(selects)}`);
  // A row of which there is one more or one less goes and comes in all its copies.
  await engine.run(
    `create or replace temp table differing as select ${columns} from (select *, -1 as _sign from going union all select *, 1 from coming) group by ${columns} having sum(_sign) <> 0`,
  );
  const differ = `semi join differing d on ${names.map((column) => `f.${column} is not distinct from d.${column}`).join(' and ')}`;
  await noteGoing(engine, table, `going f ${differ}`);
  await engine.run(`delete from ${table.name} where rowid in (select f._row from (${going}) f ${differ})`);
  await engine.run(`insert into ${table.name} select f.* from coming f ${differ}`);
  await noteComing(engine, table, `coming f ${differ}`);
  for (const made of ['going', 'coming', 'differing']) await engine.run(`drop table ${made}`);
}

const isSliced = (from: readonly string[] | readonly Slice[]): from is readonly Slice[] =>
  typeof from[0] === 'object';

/**
 * Makes the rows of a table anew that come from touched rows of facts: of a slice with a day those of the patient's day,
 * else all of the patient. Who has changed themselves has all rows made anew.
 */
async function remakeSlices(
  engine: Engine,
  { table, from, selects }: Derived & { readonly from: readonly Slice[] },
  inputs: CorrectedInputs,
): Promise<void> {
  const { touchedBy } = inputs;
  const ended = inputs.dataAsOf !== inputs.dataAsOfBefore;
  const themselves = `select patient_no from ${touchedBy(dimPatient.name)}`;
  const going: string[] = [];
  const relations = new Map<string, string>();
  for (const { fact, rows, day, toTheEnd } of from) {
    const whole = [
      themselves,
      ...(day === undefined ? [`select patient_no from ${touchedBy(fact)}`] : []),
      ...(ended && toTheEnd !== undefined ? [toTheEnd] : []),
    ].join(' union ');
    going.push(`${rows} and patient_no in (${whole})`);
    const ofWhole = `select * from ${fact} where patient_no in (${whole})`;
    if (day === undefined) {
      relations.set(fact, `(${ofWhole})`);
      continue;
    }
    const days = `select patient_no, day from ${touchedBy(fact)} where patient_no not in (${whole})`;
    going.push(`${rows} and (patient_no, day) in (${days})`);
    relations.set(
      fact,
      `(${ofWhole} union all select * from ${fact} where (patient_no, ${day}) in (${days}))`,
    );
  }
  const remade: FactRelation = (fact) => {
    const relation = relations.get(fact);
    if (relation === undefined) throw new Error(`${table.name} has no slice of ${fact}`);
    return relation;
  };
  // No row is in two of them.
  await replace(
    engine,
    table,
    going.map((rows) => `select rowid as _row, * from ${table.name} where ${rows}`).join(' union all '),
    selects(remade, inputs),
  );
}
