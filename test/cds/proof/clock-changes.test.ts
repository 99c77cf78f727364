import { parseFile } from '../../../src/cds/arden/parse.js';
import { differences } from '../../../src/cds/proof/differences.js';
import { Engine } from '../../../src/cds/proof/engines.js';
import { proofRegistry } from '../../../src/cds/proof/facts.js';
import { keyOf, type Patient, randomOf, timeOf } from '../../../src/cds/proof/patients.js';
import { ruleText } from '../../../src/cds/proof/rule-text.js';
import { compileRule, isCompiled } from '../../../src/cds/sql/compile.js';

/** Both changes of the clock, and a day without one. */
const days = ['2024-03-31', '2024-10-27', '2024-06-15'];
/** Minutes after midnight in UTC. */
const minutes = [-30, 0, 30, 59, 60, 61, 90, 119, 120, 150];

const random = randomOf(1);

/** A patient with a day and an instant. */
const patientOf = (day: string, minute: number): Patient => {
  const instant = `${new Date(Date.parse(`${day}T00:00:00Z`) + minute * 60_000).toISOString().slice(0, 19)}Z`;
  const none = { n: null, x: null, s: null, b: null };
  return new Map([
    ['visit', [{ key: keyOf(random), values: { ...none, t: day, d: day, m: instant } }]],
    ['stay', [{ key: keyOf(random), values: { ...none, t: instant, d: day, m: instant } }]],
  ]);
};

const patients = days.flatMap((day) => minutes.map((minute) => patientOf(day, minute)));

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.of({ now: timeOf('2025-01-01T00:00:00'), patients });
});

afterAll(() => engine.close());

async function agree(conclude: string): Promise<number> {
  const reads = ['d := READ LAST {visit: d};', 'm := READ LAST {stay: m};'];
  const text = ruleText(reads, ['u0 := 1;', `vt := ${conclude};`, 'CONCLUDE vt;'], ['WRITE d || " " || m;']);
  const { mlms, diagnostics } = parseFile(Buffer.from(text), { mode: 'strict' });
  const [mlm] = mlms;
  if (!mlm || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  const compiled = compileRule(mlm, proofRegistry);
  if (!isCompiled(compiled)) throw new Error(JSON.stringify(compiled.reasons));
  const result = await engine.run(compiled, { counts: true, evidence: true });
  const { population } = engine;
  expect(differences(compiled, population.now, engine.interpret(mlm), result)).toEqual([]);
  return result.fired.size;
}

describe('times about a change of the clock', () => {
  it.each(['0', '1', '1.5', '2', '3'])(
    'compares a computed wall clock %s hours after midnight with instants',
    async (hours) => {
      let fired = 0;
      for (const operator of ['=', '<>', '<', '<=', '>', '>='])
        fired += await agree(`((d + ${hours} HOURS) ${operator} m)`);
      expect(fired).toBe(patients.length * 3);
    },
  );

  it('compares two computed wall clocks by their instants', async () => {
    for (const operator of ['=', '<', '<=']) await agree(`((d + 75 MINUTES) ${operator} (d + 105 MINUTES))`);
    await agree('((m + 30 MINUTES) < (d + 2 HOURS))');
  });

  it('compares with constants, in the hour that comes twice and in the hour that is left out', async () => {
    for (const constant of [
      '2024-10-27T01:30:00',
      '2024-03-31T01:30:00',
      '2024-03-31T02:00:00',
      '2024-10-27',
    ])
      for (const operator of ['=', '<', '>=']) {
        await agree(`(m ${operator} ${constant})`);
        await agree(`(d ${operator} ${constant})`);
        await agree(`((d + 90 MINUTES) ${operator} ${constant})`);
      }
  });

  it('subtracts wall clocks', async () => {
    await agree('((m - d) > 1 HOUR)');
    await agree('((NOW - m) / 1 HOUR >= 1)');
  });

  it('knows the same day', async () => {
    await agree('(m IS WITHIN SAME DAY AS d)');
    for (const day of days) await agree(`(m IS WITHIN SAME DAY AS ${day}T12:00:00)`);
  });
});
