import { sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { type CalendarGrain, grains, isFinerOrEqual } from '../warehouse/grain.js';
import { keptSets, type MartPlan } from './mart.js';
import { dimensionOf, type GoldBuilder } from './source.js';

/** Tables that a correction reads and makes, beside the mart as it was and `stagedEvents`, all events as they are. */
export const correctionTables = {
  /** The rows of `patientSums`. */
  sums: 'patient_sums',
  /** The rows of `changedEvents`. */
  changed: 'changed_event',
  /** The rows of `keptCells`. */
  kept: 'kept_set',
  /** Columns `patient_no`, `grain` and `period`: buckets in which an event of the patient has changed. */
  touched: 'touched_patient_bucket',
  /** Columns `grain` and `period`: buckets in which the days with data have changed. */
  buckets: 'moved_bucket',
  /** The rows of `touchedCells`. */
  cells: 'touched_cell',
  /** The rows of `patientDifferences`. */
  differences: 'patient_difference',
  /** The rows of `countedCells`. */
  counted: 'counted_cells',
  /** Gains the cells that replace the touched ones of the mart. It has the columns of the mart. */
  corrected: 'corrected_cells',
} as const;

/** What a mart keeps, as rows of the table `kept_set`: number of the set, grain, and 1 for each dimension in it. */
export function keptCells(plan: MartPlan): Record<string, string | number>[] {
  return [...keptSets(plan)].flatMap(([number, { by, finest }]) =>
    grains
      .filter((grain) => isFinerOrEqual(finest, grain))
      .map((grain) => ({
        by_set: number,
        grain,
        ...Object.fromEntries(
          Object.keys(plan.source.dimensions).map((name) => [has(plan, name), by.includes(name) ? 1 : 0]),
        ),
      })),
  );
}

/** Whether a mart has parts that only all events of a bucket can tell: means, percentiles, peaks, samples, beds. */
export const isMadeOfEvents = ({ parts }: MartPlan): boolean =>
  parts.some(({ kind }) => kind !== 'count' && kind !== 'sum');

/** Columns of the events of which a mart makes something: the day, the patient, the dimensions and what is measured. */
export function measuredColumns(plan: MartPlan): string[] {
  const { source } = plan;
  const measured = plan.parts.flatMap((part) => [
    ...('where' in part ? Object.keys(part.where) : []),
    ...('column' in part ? [part.column] : []),
    ...(part.kind === 'peak' && source.samples ? [source.samples.key] : []),
  ]);
  return [...new Set(['day', 'patient_no', ...dimensionColumns(plan), ...measured])];
}

/**
 * The events of a mart with the columns that it measures, and no others: an event of which only another column has
 * changed is the same to the mart.
 */
export const measuredEvents = (gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery =>
  (gold.selectFrom(plan.source.relation(gold, dialect).as('m')) as unknown as DynamicQuery).select(
    measuredColumns(plan).map((column) => sql.ref(`m.${column}`).as(column)),
  );

/** Grains of the calendar that a mart keeps for some set of dimensions. */
export function calendarGrains(plan: MartPlan): CalendarGrain[] {
  const kept = [...keptSets(plan).values()];
  return grains.filter(
    (grain): grain is CalendarGrain =>
      grain !== 'ALL' && kept.some(({ finest }) => isFinerOrEqual(finest, grain)),
  );
}

/** Whether a kept set has a dimension. */
export const has = (plan: MartPlan, dimension: string): string =>
  `has_${dimensionOf(plan.source, dimension).column}`;

export const dimensionColumns = ({ source }: MartPlan): string[] =>
  Object.values(source.dimensions).map(({ column }) => column);
