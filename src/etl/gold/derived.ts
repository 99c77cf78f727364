import { factCareTransition, factHealthYear, factSpellScore } from '../../warehouse/gold/derived.js';
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
import type { FactRelation, TableFill } from './fill.js';
import { healthYearSql, staleYearsSql } from './health-years.js';
import { spellScoreSql } from './spell-scores.js';

/** A table with rows of patients, made from facts of the same patients. */
interface Derived {
  readonly table: TableDeclaration;
  /** Facts of which a change can change any row of the same patient; `patient` stands for all and the patient. */
  readonly from: readonly string[];
  /** The select whose columns are those of the table, in order. */
  readonly select: (facts: FactRelation, referenceDir: string) => string;
  /** SQL of a number `n` that is not 0 where the rows of everybody are to be made anew. */
  readonly stale?: string;
}

const derived: readonly Derived[] = [
  { table: factSpellScore, from: [factSpell.name, factEdAttendance.name], select: spellScoreSql },
  {
    table: factCareTransition,
    from: [factSpell, factEdAttendance, factReferral, factContact, factCarePackage].map(({ name }) => name),
    select: careTransitionSql,
  },
  { table: factHealthYear, from: ['patient'], select: healthYearSql, stale: staleYearsSql },
];

/** The tables that are made from facts of the release once these are filled, in its catalogue. */
export const derivedFills = (referenceDir: string): readonly TableFill[] =>
  derived.map(({ table, select }) => ({ table, select: select((fact) => fact, referenceDir) }));

/** Fills the empty derived tables, in the catalogue of the release. */
export async function fillDerived(engine: Engine, referenceDir: string): Promise<void> {
  for (const { table, select } of derivedFills(referenceDir))
    await engine.run(`insert into ${table.name} ${select}`);
}

/**
 * Makes the rows of touched patients anew. `touchedBy` names the relation with the `patient_no` of whom a row of a table
 * has changed: there for the facts, made here for the derived tables.
 */
export async function correctDerived(
  engine: Engine,
  referenceDir: string,
  touchedBy: (table: string) => string,
): Promise<void> {
  for (const { table, from, select, stale } of derived) {
    const touched = touchedBy(table.name);
    const [found] = stale === undefined ? [] : await engine.rows<{ n: number }>(stale);
    const changed =
      (found?.n ?? 0) > 0
        ? `select patient_no from dim_patient union select patient_no from ${table.name}`
        : from.map((fact) => `select patient_no from ${touchedBy(fact)}`).join(' union ');
    await engine.run(`create or replace table ${touched} as ${changed}`);
    await engine.run(`delete from ${table.name} where patient_no in (select patient_no from ${touched})`);
    const ofTouched: FactRelation = (fact) =>
      `(select * from ${fact} semi join ${touched} using (patient_no))`;
    await engine.run(`insert into ${table.name} ${select(ofTouched, referenceDir)}`);
  }
}
