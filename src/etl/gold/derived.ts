import { factCost } from '../../warehouse/gold/costs.js';
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
import { factCostSql, openPackages } from './costs.js';
import type { FactRelation, TableFill } from './fill.js';
import { healthYearSql, staleYearsSql } from './health-years.js';
import { spellScoreSql } from './spell-scores.js';

/** A table with rows of patients, made from facts of the same patients. */
interface Derived {
  readonly table: TableDeclaration;
  /** Facts of which a change can change any row of the same patient. */
  readonly from: readonly string[];
  /** The select whose columns are those of the table, in order. */
  readonly select: (facts: FactRelation, inputs: DerivedInputs) => string;
  /** SELECT of the `patient_no` of those whose rows also depend on the last day with data. */
  readonly toTheEnd?: string;
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
    from: [anything],
    select: (facts, { dataAsOf }) => factCostSql(facts, dataAsOf),
    toTheEnd: openPackages,
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
 * has changed: there for the facts and for `patient`, who stands for all of them and for the patients' own rows, made
 * here for the derived tables.
 */
export async function correctDerived(
  engine: Engine,
  inputs: DerivedInputs & { readonly dataAsOfBefore: string },
  touchedBy: (table: string) => string,
): Promise<void> {
  const ended = inputs.dataAsOf !== inputs.dataAsOfBefore;
  for (const { table, from, select, toTheEnd, stale } of derived) {
    const touched = touchedBy(table.name);
    const [found] = stale === undefined ? [] : await engine.rows<{ n: number }>(stale);
    const whose =
      (found?.n ?? 0) > 0
        ? ['select patient_no from dim_patient', `select patient_no from ${table.name}`]
        : from.map((fact) => `select patient_no from ${touchedBy(fact)}`);
    const changed = [...whose, ...(ended && toTheEnd !== undefined ? [toTheEnd] : [])].join(' union ');
    await engine.run(`create or replace table ${touched} as ${changed}`);
    await engine.run(`delete from ${table.name} where patient_no in (select patient_no from ${touched})`);
    const ofTouched: FactRelation = (fact) =>
      `(select * from ${fact} semi join ${touched} using (patient_no))`;
    await engine.run(`insert into ${table.name} ${select(ofTouched, inputs)}`);
  }
}
