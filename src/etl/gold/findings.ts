import { qualityFinding } from '../../warehouse/gold/findings.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { logNames } from '../silver/log.js';
import { name, quoted } from '../sql.js';
import { keyed, localNamespace } from './expressions.js';
import { event } from './fact-fills.js';
import { type Filler, type GoldFill, patientKey } from './fill.js';

/** A rule that no contract counts, since rows that are refused for their dates violate it too. */
const losMismatch = 'LOS_MISMATCH';
/** The stored length of stay is not the difference of the dates. */
const isLosMismatch = (row: string): string =>
  `${row}.length_of_stay <> ${row}.discharge_date - ${row}.admission_date`;

const ofPatient = keyed('patient', localNamespace, 's.patient_id');
/** Key of a row `s` of a dataset: that of its fact, or of the patient. */
const rowKey = ({ dataset, key }: Pick<Contract, 'dataset' | 'key'>): string =>
  dataset === 'patients' ? ofPatient : event(dataset, key[0] ?? '');

/** Findings about current rows of a dataset, by the condition on a row `s`. */
function current(
  { fill, rows }: Filler,
  contract: Pick<Contract, 'dataset' | 'key'>,
  rules: Readonly<Record<string, string>>,
): GoldFill {
  const { dataset, key } = contract;
  const columns = [...new Set([...key, 'patient_id'])].map((column) => `s.${name(column)}`).join(', ');
  const found = Object.entries(rules).map(
    ([rule, condition]) =>
      `select ${columns}, ${quoted(rule)} as rule from ${rows(dataset)} s where ${condition}`,
  );
  return fill(
    qualityFinding,
    {
      patient_no: 'p.patient_no',
      dataset: quoted(dataset),
      rule: 's.rule',
      row_key: rowKey(contract),
      is_current: 'true',
    },
    `(${found.join(' union all ')}) s ${patientKey}`,
    { dataset, column: 'row_key', key: rowKey(contract) },
  );
}

/** Rows of `quality_finding` about current rows: one fill a dataset, since each makes the rows of its keys anew. */
export function findingFills(filler: Filler): GoldFill[] {
  const flagged = (dataset: string, rule: string): string =>
    `(s._flags & ${filler.context.flagBit(dataset, rule)}) <> 0`;
  const flags = (dataset: string, rules: readonly string[]): Record<string, string> =>
    Object.fromEntries(rules.map((rule) => [rule, flagged(dataset, rule)]));
  return [
    current(
      filler,
      { dataset: 'patients', key: ['patient_id'] },
      flags('patients', ['NHS_NUMBER_INVALID', 'NHS_NUMBER_MISSING', 'NHS_NUMBER_CHECK_FAILED']),
    ),
    current(
      filler,
      { dataset: 'sus_episodes', key: ['episode_id'] },
      { ...flags('sus_episodes', ['DIAGNOSIS_INVALID']), [losMismatch]: isLosMismatch('s') },
    ),
  ];
}

/**
 * Makes the rows of `quality_finding` anew that are about rows which are not current: those in quarantine, unless a later
 * row of the key was accepted, and surplus rows of patients. There are few of them.
 */
export async function fillRefused(
  engine: Engine,
  catalogue: string,
  contracts: Iterable<Contract>,
  pads: Parameters<Engine['run']>[1],
): Promise<void> {
  const table = `${catalogue}.${qualityFinding.name}`;
  await engine.run(`delete from ${table} where not is_current`);
  const columns = Object.keys(qualityFinding.columns).map(name).join(', ');
  for (const contract of contracts)
    for (const rows of refused(contract))
      await engine.run(
        `insert into ${table} (${columns}) select distinct patient_no, dataset, rule, row_key, false from (${rows}) order by patient_no, row_key, rule`,
        pads,
      );
}

/** SELECTs of `patient_no, dataset, rule, row_key`. */
function refused(contract: Contract): string[] {
  const { dataset, key, columns } = contract;
  const [id] = key;
  if (id === undefined || !('patient_id' in columns)) return [];
  const { stage, silver } = logNames(dataset);
  const select = (rule: string): string =>
    `select p.patient_no, ${quoted(dataset)} as dataset, ${rule} as rule, ${rowKey(contract)} as row_key`;
  // A row of the quarantine is marked in the log too: the many others need not be read.
  const from = `from quarantine q join ${stage} s on q.dataset = ${quoted(dataset)} and q.batch = s._batch and q.row = s._row and s._reject > 0 ${patientKey}
left join ${silver} c on c.${name(id)} = s.${name(id)}
where s.${name(id)} is not null and (c.${name(id)} is null or row(c._batch, c._row) < row(s._batch, s._row))`;
  return [
    `${select('q.rule')} ${from}`,
    ...(dataset === 'sus_episodes'
      ? [`${select(quoted(losMismatch))} ${from} and ${isLosMismatch('s')}`]
      : []),
    ...(dataset === 'patients'
      ? [
          `${select("'PATIENT_DUPLICATE'")} from ${stage} s ${patientKey} where s._fate in ('identical', 'conflicting')`,
        ]
      : []),
  ];
}
