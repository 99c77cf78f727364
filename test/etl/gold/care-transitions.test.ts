import { join } from 'node:path';
import fc from 'fast-check';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { careTransitionSql } from '../../../src/etl/gold/care-transitions.js';
import { addDays } from '../../../src/warehouse/grain.js';
import { temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

const settings = ['ACUTE', 'EMERGENCY', 'MENTAL_HEALTH', 'COMMUNITY', 'SOCIAL_CARE'] as const;
interface Happened {
  readonly patient: number;
  readonly setting: (typeof settings)[number];
  readonly start: string;
  /** Null: it goes on. */
  readonly end: string | null;
}
interface Transition {
  readonly patient: number;
  readonly day: string;
  readonly from: string;
  readonly to: string;
  readonly gap: number;
  readonly overlaps: boolean;
}

const day = (value: string | null): string => (value === null ? 'cast(null as date)' : `DATE '${value}'`);
/** The columns of each fact that a transition is made from. */
const facts: Readonly<Record<string, readonly [Happened['setting'], (one: Happened) => string, string]>> = {
  fact_spell: ['ACUTE', ({ start, end }) => `${day(start)}, ${day(end)}`, 'admission_date, discharge_date'],
  fact_ed_attendance: [
    'EMERGENCY',
    ({ start, end }) => `${day(start)}, TIMESTAMP '${end ?? start} 11:00:00'`,
    'arrival_date, departed_at',
  ],
  fact_referral: [
    'MENTAL_HEALTH',
    ({ start, end }) => `${day(start)}, ${day(end)}`,
    'referral_date, discharge_date',
  ],
  fact_contact: ['COMMUNITY', ({ start }) => day(start), 'contact_date'],
  fact_care_package: [
    'SOCIAL_CARE',
    ({ start, end }) => `${day(start)}, ${day(end)}`,
    'start_date, end_date',
  ],
};

/** The transitions as the load makes them, by patient and day. */
async function made(events: readonly Happened[]): Promise<Transition[]> {
  for (const [fact, [setting, values, columns]] of Object.entries(facts)) {
    const nobody: Happened = { patient: 0, setting, start: '2000-01-01', end: '2000-01-01' };
    const rows = [nobody, ...events.filter((one) => one.setting === setting)];
    await engine.run(
      `create or replace table ${fact} as select * from (values ${rows.map((one) => `(${one.patient}, ${values(one)})`).join(', ')}) t(patient_no, ${columns}) where patient_no > 0`,
    );
  }
  return engine.rows<Transition>(
    `select patient_no as patient, cast(transition_date as varchar) as day, from_setting as "from", to_setting as "to", gap_days as gap, is_overlap as "overlaps" from (${careTransitionSql((fact) => fact)}) order by all`,
  );
}

const numberOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

/** The same, one event after the other. */
function expected(events: readonly Happened[]): Transition[] {
  const endOf = ({ setting, start, end }: Happened): string =>
    setting === 'COMMUNITY' ? start : setting === 'EMERGENCY' ? (end ?? start) : (end ?? '9999-12-31');
  const sorted = [...events].sort(
    (a, b) =>
      a.patient - b.patient ||
      numberOf(a.start) - numberOf(b.start) ||
      numberOf(endOf(a)) - numberOf(endOf(b)) ||
      settings.indexOf(a.setting) - settings.indexOf(b.setting),
  );
  return sorted.flatMap((next, index) => {
    const previous = sorted[index - 1];
    if (!previous || previous.patient !== next.patient || previous.setting === next.setting) return [];
    const gap = numberOf(next.start) - numberOf(endOf(previous));
    return [
      {
        patient: next.patient,
        day: next.start,
        from: previous.setting,
        to: next.setting,
        gap: Math.max(0, gap),
        overlaps: gap < 0,
      },
    ];
  });
}

const sortedBy = (transitions: readonly Transition[]): string[] =>
  transitions.map((one) => JSON.stringify(Object.entries(one).sort())).sort();

const at = (setting: Happened['setting'], start: string, end: string | null = start): Happened => ({
  patient: 1,
  setting,
  start,
  end,
});

describe('care transitions', () => {
  it('lead from one setting to another, over any gap', async () => {
    expect(
      await made([
        at('EMERGENCY', '2023-01-01'),
        at('ACUTE', '2023-01-01', '2023-01-05'),
        at('ACUTE', '2023-01-07', '2023-01-08'),
        at('COMMUNITY', '2023-02-07'),
        at('COMMUNITY', '2023-02-08'),
        at('MENTAL_HEALTH', '2023-09-01', null),
        at('SOCIAL_CARE', '2023-10-01', null),
        at('ACUTE', '2023-12-01', '2023-12-01'),
      ]),
    ).toEqual([
      { patient: 1, day: '2023-01-01', from: 'EMERGENCY', to: 'ACUTE', gap: 0, overlaps: false },
      { patient: 1, day: '2023-02-07', from: 'ACUTE', to: 'COMMUNITY', gap: 30, overlaps: false },
      { patient: 1, day: '2023-09-01', from: 'COMMUNITY', to: 'MENTAL_HEALTH', gap: 205, overlaps: false },
      { patient: 1, day: '2023-10-01', from: 'MENTAL_HEALTH', to: 'SOCIAL_CARE', gap: 0, overlaps: true },
      { patient: 1, day: '2023-12-01', from: 'SOCIAL_CARE', to: 'ACUTE', gap: 0, overlaps: true },
    ]);
  });

  it('are none of one event, of repeats of a setting, and between patients', async () => {
    expect(await made([])).toEqual([]);
    expect(await made([at('ACUTE', '2023-01-01')])).toEqual([]);
    expect(await made([at('ACUTE', '2023-01-01'), at('ACUTE', '2023-01-01')])).toEqual([]);
    expect(await made([at('ACUTE', '2023-01-01'), { ...at('COMMUNITY', '2023-01-02'), patient: 2 }])).toEqual(
      [],
    );
  });

  it('agree with their evaluation event by event', async () => {
    const event = fc.record({
      patient: fc.constantFrom(1, 2),
      setting: fc.constantFrom(...settings),
      start: fc.integer({ min: 0, max: 40 }).map((n) => addDays('2023-01-01', n)),
      days: fc.option(fc.integer({ min: 0, max: 15 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (drawn) => {
        const events = drawn.map(({ days, ...one }) => ({
          ...one,
          end: days === null ? null : addDays(one.start, days),
        }));
        expect(sortedBy(await made(events))).toEqual(sortedBy(expected(events)));
      }),
      { numRuns: process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 500 : 40 },
    );
  }, 120_000);
});
