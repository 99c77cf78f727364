import { join } from 'node:path';
import fc from 'fast-check';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { attendancesInYear } from '../../../src/etl/gold/fact-fills.js';
import { temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

interface Arrived {
  readonly patient: string;
  /** Local wall clock, yyyy-mm-dd hh:mm. */
  readonly at: string;
}

/** What the load counts for each attendance, in the order given. */
async function counted(arrivals: readonly Arrived[]): Promise<number[]> {
  const rows = arrivals.map(({ patient, at }, n) => `(${n}, '${patient}', timestamp '${at}:00')`);
  const found = await engine.rows<{ n: number }>(
    `select n from (select s.row_no, ${attendancesInYear} as n from (values ${rows.join(', ')}) s(row_no, patient_id, arrival_datetime)) order by row_no`,
  );
  return found.map(({ n }) => n);
}

const clock = (at: string): number => Date.parse(`${at.replace(' ', 'T')}:00Z`);
const year = 365 * 24 * 3_600_000;

const expected = (arrivals: readonly Arrived[]): number[] =>
  arrivals.map(
    (one) =>
      arrivals.filter(({ patient, at }) => {
        const before = clock(one.at) - clock(at);
        return patient === one.patient && before >= 0 && before <= year;
      }).length,
  );

describe('attendances in the year up to an attendance', () => {
  it('count those of the patient, at any trust, up to and including this one', async () => {
    expect(
      await counted([
        { patient: 'A', at: '2023-05-01 10:00' },
        { patient: 'A', at: '2022-05-02 10:00' },
        { patient: 'A', at: '2023-05-02 10:00' },
        { patient: 'B', at: '2023-05-01 10:00' },
      ]),
    ).toEqual([2, 1, 3, 1]);
  });

  it('begin 365 days before, to the minute', async () => {
    const late = { patient: 'A', at: '2023-05-02 10:00' };
    expect(await counted([{ patient: 'A', at: '2022-05-02 10:00' }, late])).toEqual([1, 2]);
    expect(await counted([{ patient: 'A', at: '2022-05-02 09:59' }, late])).toEqual([1, 1]);
  });

  it('count each other where they arrive in the same minute', async () => {
    const twice = { patient: 'A', at: '2023-05-02 10:00' };
    expect(await counted([twice, twice])).toEqual([2, 2]);
  });

  it('are those of a count by hand, whatever arrives when', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            patient: fc.constantFrom('A', 'B'),
            at: fc
              .record({ day: fc.integer({ min: 0, max: 800 }), minute: fc.constantFrom(0, 1, 1439) })
              .map(({ day, minute }) =>
                new Date(Date.UTC(2023, 0, 1 + day, 0, minute)).toISOString().slice(0, 16).replace('T', ' '),
              ),
          }),
          { minLength: 1, maxLength: 40 },
        ),
        async (arrivals) => expect(await counted(arrivals)).toEqual(expected(arrivals)),
      ),
      { seed: 20_240_117, numRuns: 60 },
    ));
});
