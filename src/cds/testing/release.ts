import { queryOf } from '../../measures/source.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import type { ReleaseHandle, Warehouse } from '../../warehouse/warehouse.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import type { FactSource } from '../facts/rows/fetch.js';
import type { Question } from '../sql/question.js';
import type { QueryOptions } from '../sql/rows.js';

/** A release that rules are run over. */
export interface Release {
  readonly id: number;
  readonly source: FactSource;
  readonly optionsAt: (now: Time) => QueryOptions;
  ask<T>(question: Question<T>): Promise<T[]>;
  /** Numbers of all its patients. */
  patients(): Promise<readonly number[]>;
}

/** A release that is open, to run rules over. */
export function releaseOf(
  handle: ReleaseHandle,
  { dialect }: Pick<Warehouse, 'dialect'>,
  { valueSets }: Registry,
): Release {
  const gold = goldBuilder(handle.schema);
  const ask = async <T>({ statement, output, rows }: Question<T>): Promise<T[]> =>
    rows(await handle.read(statement, output));
  return {
    id: handle.info.id,
    source: { handle, gold, dialect, valueSets },
    optionsAt: (now) => ({ gold, dialect, now, valueSets }),
    ask,
    patients: async () => {
      const output = [{ name: 'patient_no', type: { kind: 'int32' } }] as const;
      const query = queryOf(gold, 'dim_patient as d').select('d.patient_no').orderBy('d.patient_no');
      const { columns } = await handle.read(dialect.compile(query), output);
      return (columns[0] ?? []).map(Number);
    },
  };
}
