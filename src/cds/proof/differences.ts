import { printLiteral } from '../arden/run/literal.js';
import type { Outcome } from '../arden/run/run.js';
import type { Time, Value } from '../arden/value.js';
import type { Compiled, Plan } from '../sql/compile.js';
import type { Evidence } from '../sql/evidence.js';
import type { Fired } from '../sql/fired.js';
import type { SetResult } from './engines.js';

/** A value with its primary time, as text. */
function shown(value: Value, withTime: boolean): string {
  if (value.type === 'list') return `(${value.items.map((item) => shown(item, withTime)).join(',')})`;
  // Instants, because two wall clocks can be one: of an hour that is left out.
  const time = withTime && value.primaryTime ? ` @${value.primaryTime.instant}` : '';
  return `${value.type === 'time' ? `${printLiteral(value)} ${value.value.instant}` : printLiteral(value)}${time}`;
}

/** Engines add fractions up in an order of their own, which shows in the last of their digits. */
const rounded = (text: string): string =>
  text.replace(/-?\d+\.\d+(e[-+]?\d+)?|-?\d+e[-+]?\d+/g, (digits) => {
    const number = Number(digits);
    return Math.abs(number) < 1e-9 ? '0' : String(Number(number.toPrecision(12)));
  });

/** Where the two engines differ, in words; empty where they agree. */
export function differences(
  compiled: Compiled,
  now: Time,
  interpreted: ReadonlyMap<number, Outcome>,
  { fired, counts, evidence }: SetResult,
): string[] {
  const plan = compiled.planAt(now);
  const all = [...interpreted];
  const found = all.flatMap(([patient, outcome]) => {
    const row = fired.get(patient);
    if ((row !== undefined) !== (outcome.concluded === true))
      return [
        `patient ${patient}: the interpreter concludes ${outcome.concluded}, the statement ${row ? 'fires' : 'does not fire'}`,
      ];
    return row
      ? firedDifferences(plan, patient, outcome, row, evidence && evidenceOf(plan, evidence, patient))
      : [];
  });
  const expected = {
    evaluated: all.length,
    fired: all.filter(([, { concluded }]) => concluded === true).length,
    undecided: all.filter(([, { concluded }]) => concluded === null).length,
  };
  const same = !counts || JSON.stringify(expected) === JSON.stringify(counts);
  return same ? found : [...found, `counts: ${JSON.stringify(expected)} and ${JSON.stringify(counts)}`];
}

/** Keys of the rows of each READ for a patient. */
function evidenceOf({ reads }: Plan, evidence: readonly Evidence[], patient: number): string[][] {
  const own = evidence.filter(({ patientNo }) => patientNo === patient);
  return reads.map((_, at) =>
    own
      .filter(({ read }) => read === at)
      .map(({ rowKey }) => rowKey)
      .sort(),
  );
}

function firedDifferences(
  { variables }: Plan,
  patient: number,
  outcome: Outcome,
  row: Fired,
  keys: readonly string[][] | undefined,
): string[] {
  const found: string[] = [];
  const compare = (what: string, one: string, other: string): void => {
    if (rounded(one) !== rounded(other))
      found.push(`patient ${patient}, ${what}: the interpreter has ${one}, the statement ${other}`);
  };
  for (const [name, { time }] of variables) {
    const withTime = time?.kind !== 'unavailable';
    const expected = outcome.variables.get(name);
    const [one, other] = [expected ? shown(expected, withTime) : 'NULL', row.variables.get(name)];
    compare(name, one, other ? shown(other, withTime) : 'nothing');
  }
  compare(
    'written',
    outcome.written.map(({ text }) => text).join('\n'),
    row.written.map(({ text }) => text).join('\n'),
  );
  const returned = (values: readonly Value[]): string =>
    values.map((value) => shown(value, false)).join('; ');
  compare('returned', returned(outcome.returned), returned(row.returned));
  compare('urgency', shown(outcome.urgency, false), shown(row.urgency, false));
  if (!keys) return found;
  const read = outcome.evidence.map((one) => [...one.keys].sort());
  compare('evidence', JSON.stringify(read), JSON.stringify(keys));
  return found;
}
