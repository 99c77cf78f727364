import { factCost } from '../../warehouse/gold/costs.js';
import { factCareTransition, factHealthYear, factSpellScore } from '../../warehouse/gold/derived.js';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import {
  factCarePackage,
  factContact,
  factEdAttendance,
  factReferral,
  factSpell,
} from '../../warehouse/gold/facts.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import { careTransitionSql } from './care-transitions.js';
import { costSlices, factCostSql } from './costs.js';
import type { FactRelation, Slice, TableFill } from './fill.js';
import { healthYearSql, staleYearsSql } from './health-years.js';
import { spellScoreSql } from './spell-scores.js';

/** A table with rows of patients, made from facts of the same patients. */
interface Derived {
  readonly table: TableDeclaration;
  /** Facts of which a change can change any row of the same patient; or the rows that come from each fact. */
  readonly from: readonly string[] | readonly Slice[];
  /** The select whose columns are those of the table, in order. */
  readonly select: (facts: FactRelation, inputs: DerivedInputs) => string;
  /** SQL of a number `n` that is not 0 where the rows of everybody are to be made anew. */
  readonly stale?: string;
}

interface DerivedInputs {
  readonly referenceDir: string;
  /** Last day with data. */
  readonly dataAsOf: string;
}

/** Stands among facts for everything of a patient. */
const anything = 'patient';

const derived: readonly Derived[] = [
  {
    table: factSpellScore,
    from: [factSpell.name, factEdAttendance.name],
    select: (facts, { referenceDir }) => spellScoreSql(facts, referenceDir),
  },
  {
    table: factCareTransition,
    from: [factSpell, factEdAttendance, factReferral, factContact, factCarePackage].map(({ name }) => name),
    select: careTransitionSql,
  },
  { table: factHealthYear, from: [anything], select: healthYearSql, stale: staleYearsSql },
  {
    table: factCost,
    from: costSlices,
    select: (facts, { dataAsOf }) => factCostSql(facts, dataAsOf),
  },
];

/** The tables that are made from facts of the release once these are filled, in its catalogue. */
export const derivedFills = (inputs: DerivedInputs): readonly TableFill[] =>
  derived.map(({ table, select }) => ({ table, select: select((fact) => fact, inputs) }));

/** Fills the empty derived tables, in the catalogue of the release. */
export async function fillDerived(engine: Engine, inputs: DerivedInputs): Promise<void> {
  for (const { table, select } of derivedFills(inputs))
    await engine.run(`insert into ${table.name} ${select}`);
}

/**
 * Makes the rows of touched patients anew. `touchedBy` names the relation with the `patient_no` of whom a row of a table
 * has changed: there for the facts (with the `day` of the row), for `dim_patient` and for `patient`, who stands for all
 * of them; made here for the derived tables.
 */
export async function correctDerived(
  engine: Engine,
  inputs: DerivedInputs & { readonly dataAsOfBefore: string },
  touchedBy: (table: string) => string,
): Promise<void> {
  for (const one of derived) {
    const { table, from, select, stale } = one;
    const touched = touchedBy(table.name);
    const touch = (patients: readonly string[]): Promise<void> =>
      engine.run(`create or replace table ${touched} as ${patients.join(' union ')}`);
    if (isSliced(from)) {
      await touch(await remakeSlices(engine, { ...one, from }, inputs, touchedBy));
      continue;
    }
    const [found] = stale === undefined ? [] : await engine.rows<{ n: number }>(stale);
    await touch(
      (found?.n ?? 0) > 0
        ? ['select patient_no from dim_patient', `select patient_no from ${table.name}`]
        : from.map((fact) => `select patient_no from ${touchedBy(fact)}`),
    );
    await engine.run(`delete from ${table.name} where patient_no in (select patient_no from ${touched})`);
    const ofTouched: FactRelation = (fact) =>
      `(select * from ${fact} semi join ${touched} using (patient_no))`;
    await engine.run(`insert into ${table.name} ${select(ofTouched, inputs)}`);
  }
}

const isSliced = (from: Derived['from']): from is readonly Slice[] => typeof from[0] === 'object';

/**
 * Makes the rows of a table anew that come from touched rows of facts: of a slice with a day those of the patient's day,
 * else all of the patient. Who has changed themselves has all rows made anew. Returns the SELECTs of all of these patients.
 */
async function remakeSlices(
  engine: Engine,
  { table, from, select }: Derived & { readonly from: readonly Slice[] },
  inputs: DerivedInputs & { readonly dataAsOfBefore: string },
  touchedBy: (table: string) => string,
): Promise<string[]> {
  const ended = inputs.dataAsOf !== inputs.dataAsOfBefore;
  const themselves = `select patient_no from ${touchedBy(dimPatient.name)}`;
  const all = [themselves];
  const relations = new Map<string, string>();
  for (const { fact, rows, day, toTheEnd } of from) {
    const some = `select patient_no from ${touchedBy(fact)}`;
    const whole = [
      themselves,
      ...(day === undefined ? [some] : []),
      ...(ended && toTheEnd !== undefined ? [toTheEnd] : []),
    ].join(' union ');
    all.push(some, ...(ended && toTheEnd !== undefined ? [toTheEnd] : []));
    await engine.run(`delete from ${table.name} where ${rows} and patient_no in (${whole})`);
    const ofWhole = `select * from ${fact} where patient_no in (${whole})`;
    if (day === undefined) {
      relations.set(fact, `(${ofWhole})`);
      continue;
    }
    const days = `select patient_no, day from ${touchedBy(fact)} where patient_no not in (${whole})`;
    await engine.run(`delete from ${table.name} where ${rows} and (patient_no, day) in (${days})`);
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
  await engine.run(`insert into ${table.name} ${select(remade, inputs)}`);
  return all;
}
