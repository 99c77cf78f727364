import type { SynthPlan } from './options.js';
import { literal } from './random.js';

/** One way to spoil a row so that a load must quarantine it; `rule` is the name in the domain definition 1.4. */
export interface QuarantineFault {
  readonly rule: string;
  /** Distinguishes several ways to break one rule. */
  readonly variant?: string;
  /** Share of the rows at a fault rate of 0.15; rare unless stated. */
  readonly share?: number;
  /** New values of columns, as SQL over the clean row (and `row_no`, `born`). */
  readonly set: Readonly<Record<string, string>>;
  /** Possible in text files only: the column is written as text that is no value of its type. */
  readonly textOnly?: boolean;
}

const rare = 0.0003;
/** Rows that carry a fault whatever chance says, so that small deliveries hold every rule. */
const firstForcedRow = 3;
const forcedStep = 2;

const label = (fault: QuarantineFault): string =>
  fault.variant === undefined ? fault.rule : `${fault.rule}#${fault.variant}`;

/**
 * A SQL query over `source` (which has `row_no`) with the columns spoilt and a column `fault` added. A row
 * carries one such fault at most, so that what a load must find is unambiguous.
 */
export function spoil(
  plan: SynthPlan,
  dataset: string,
  source: string,
  faults: readonly QuarantineFault[],
): string {
  if (plan.faultRate === 0) return `SELECT *, NULL::VARCHAR AS fault FROM (${source})`;
  const possible = faults.filter((fault) => plan.format !== 'parquet' || fault.textOnly !== true);
  let threshold = 0;
  const chance = possible.map((fault) => {
    threshold += Math.min(0.02, (fault.share ?? rare) * plan.faultScale);
    return `WHEN draw < ${threshold} THEN ${literal(label(fault))}`;
  });
  const forced = possible.map(
    (fault, i) => `WHEN row_no = ${firstForcedRow + forcedStep * i} THEN ${literal(label(fault))}`,
  );
  const columns = [...new Set(possible.flatMap((fault) => Object.keys(fault.set)))];
  const replaced = columns.map((column) => {
    const cases = possible
      .filter((fault) => column in fault.set)
      .map((fault) => `WHEN ${literal(label(fault))} THEN ${fault.set[column]}`);
    return `CASE fault ${cases.join(' ')} ELSE ${column} END AS ${column}`;
  });
  return `SELECT * EXCLUDE (draw) REPLACE (${replaced.join(', ')})
    FROM (SELECT *, CASE ${forced.join(' ')} ${chance.join(' ')} END AS fault
          FROM (SELECT *, u('fault/${dataset}', row_no, 0) AS draw FROM (${source})))`;
}

/** Faults that every fact table can have. `when` names the columns of its event and how they move. */
export function commonFaults(plan: SynthPlan, key: string, number: string): QuarantineFault[] {
  return [
    { rule: 'KEY_MISSING', set: { [key]: 'NULL' } },
    {
      rule: 'ORPHAN_PATIENT',
      set: { patient_id: `'PAT_9' || lpad(row_no::VARCHAR, ${plan.idDigits}, '0')` },
    },
    { rule: 'NEGATIVE_VALUE', set: { [number]: `-1 - coalesce(${number}, 0)` } },
    { rule: 'TYPE_INVALID', set: { [number]: 'NULL' }, textOnly: true },
  ];
}
