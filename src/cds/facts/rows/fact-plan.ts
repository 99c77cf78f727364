import { sql } from 'kysely';
import { type GoldBuilder, subquery } from '../../../measures/source.js';
import type { Dialect, Statement } from '../../../warehouse/dialect.js';
import type { ColumnType } from '../../../warehouse/table.js';
import { TypedValue } from '../../../warehouse/value.js';
import type { OutputColumn } from '../../../warehouse/warehouse.js';
import type { Fact, FactColumn } from '../fact.js';

/**
 * The statement that reads the rows of a fact: whose is put into it each time that it runs. It reads what is there, later than
 * the time that is asked about too: what was known then is told by `knownRowsOf`.
 */
export interface FactPlan {
  /** Columns of the fact that it reads. */
  readonly names: readonly string[];
  /** `patient_no` and `row_key`, then the columns. */
  readonly output: readonly OutputColumn[];
  readonly statementFor: (patients: readonly number[]) => Statement;
}

/** What rows are read with. */
export interface FactWarehouse {
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
}

const patientNumber = { kind: 'int32' } as const;

/** Plans to read columns of a fact for that many patients. */
export function factPlan(
  fact: Fact,
  wanted: ReadonlySet<string>,
  patients: number,
  { gold, dialect }: FactWarehouse,
): FactPlan {
  const names = [...wanted];
  const output: OutputColumn[] = [
    { name: 'patient_no', type: patientNumber },
    { name: 'row_key', type: { kind: 'key128' } },
    ...names.map((name) => ({ name, type: storedType(fact.columns[name]) })),
  ];
  const numbers = Array.from({ length: patients }, () => new TypedValue(patientNumber, null));
  const { parameters, ...compiled } = dialect.compile(
    subquery(gold, fact.relation(gold, dialect, wanted), 'r')
      .where(
        sql<boolean>`${sql.ref('r.patient_no')} in (${sql.join(numbers.map((number) => sql`${number}`))})`,
      )
      .select(output.map(({ name, type }) => dialect.output(sql.ref(`r.${name}`), type).as(name))),
  );
  return {
    names,
    output,
    statementFor(given) {
      const values = new Map(
        numbers.map((number, at) => [number, new TypedValue(patientNumber, given[at] ?? null)]),
      );
      return { ...compiled, parameters: parameters.map((parameter) => values.get(parameter) ?? parameter) };
    },
  };
}

/** The type in which a column of a fact leaves the engine. */
function storedType(column: FactColumn | undefined): ColumnType {
  switch (column?.type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'number':
      return { kind: 'double' };
    case 'time':
      return { kind: column.stored ?? 'date' };
    default:
      return { kind: 'text', length: 400 };
  }
}

/**
 * Plans of facts that are kept, the latest used ones: to build and compile a statement takes longer than to read the rows of
 * one patient. One for each server; plans for another gold or engine take the place of all.
 */
export class FactPlans {
  private readonly byKey = new Map<string, FactPlan>();
  private warehouse: FactWarehouse | undefined;

  constructor(private readonly limit = 200) {}

  planOf(fact: Fact, wanted: ReadonlySet<string>, patients: number, warehouse: FactWarehouse): FactPlan {
    const { gold, dialect } = warehouse;
    if (this.warehouse?.gold !== gold || this.warehouse.dialect !== dialect) this.byKey.clear();
    this.warehouse = { gold, dialect };
    const key = [patients, fact.name, ...[...wanted].sort()].join(' ');
    const plan = this.byKey.get(key) ?? factPlan(fact, wanted, patients, warehouse);
    this.byKey.delete(key);
    this.byKey.set(key, plan);
    const oldest = this.byKey.keys().next();
    if (this.byKey.size > this.limit && !oldest.done) this.byKey.delete(oldest.value);
    return plan;
  }
}
