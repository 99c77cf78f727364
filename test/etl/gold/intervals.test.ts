import { join } from 'node:path';
import fc from 'fast-check';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { edIntervalSql, referralIntervalSql, spellIntervalSql } from '../../../src/etl/gold/intervals.js';
import { addDays, daysFrom } from '../../../src/warehouse/grain.js';
import { temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
});
afterAll(() => engine.close());

interface Spell {
  readonly patient: number;
  readonly in: string;
  /** Null while in hospital. */
  readonly out: string | null;
  readonly died?: boolean;
}
interface Attendance {
  readonly patient: number;
  /** Minutes from the beginning of 2024, UTC. */
  readonly arrived: number;
  readonly minutes: number;
  readonly treated: number | null;
}
interface Referral {
  readonly patient: number;
  readonly day: string;
  readonly out: string | null;
}
interface Contact {
  readonly patient: number;
  readonly day: string;
}
interface World {
  readonly spells?: readonly Spell[];
  readonly attendances?: readonly Attendance[];
  readonly referrals?: readonly Referral[];
  readonly contacts?: readonly Contact[];
}

const key = (index: number): string => `unhex('${index.toString(16).padStart(32, '0')}')`;
const day = (value: string | null): string => (value === null ? 'cast(null as date)' : `DATE '${value}'`);
const begin = Date.UTC(2024, 0, 1);
const instant = (minutes: number): string => new Date(begin + minutes * 60_000).toISOString().slice(0, 19);
/** January has the hours of UTC. */
const dayOf = ({ arrived }: Attendance): string => instant(arrived).slice(0, 10);

/** The rows that a SELECT makes of the events, in the order of the events. */
async function made<T>(sql: (facts: (fact: string) => string) => string, world: World): Promise<T[]> {
  const { spells = [], attendances = [], referrals = [], contacts = [] } = world;
  const tables: Readonly<Record<string, readonly [columns: string, rows: readonly string[]]>> = {
    fact_spell: [
      'spell_sk, patient_no, admission_date, discharge_date, discharge_destination',
      spells.map(
        (one, index) =>
          `(${key(index)}, ${one.patient}, ${day(one.in)}, ${day(one.out)}, ${one.died ? "'79'" : 'cast(null as varchar)'})`,
      ),
    ],
    fact_ed_attendance: [
      'attendance_sk, patient_no, arrived_at, departed_at, arrival_date, treatment_minutes',
      attendances.map(
        (one, index) =>
          `(${key(index)}, ${one.patient}, TIMESTAMP '${instant(one.arrived)}', TIMESTAMP '${instant(one.arrived + one.minutes)}', ${day(dayOf(one))}, cast(${one.treated} as integer))`,
      ),
    ],
    fact_referral: [
      'referral_sk, patient_no, referral_date, discharge_date',
      referrals.map((one, index) => `(${key(index)}, ${one.patient}, ${day(one.day)}, ${day(one.out)})`),
    ],
    fact_contact: ['patient_no, contact_date', contacts.map((one) => `(${one.patient}, ${day(one.day)})`)],
  };
  const nothing: Readonly<Record<string, string>> = {
    fact_spell: `(${key(0)}, 0, ${day(null)}, ${day(null)}, cast(null as varchar))`,
    fact_ed_attendance: `(${key(0)}, 0, cast(null as timestamp), cast(null as timestamp), ${day(null)}, cast(null as integer))`,
    fact_referral: `(${key(0)}, 0, ${day(null)}, ${day(null)})`,
    fact_contact: `(0, ${day(null)})`,
  };
  for (const [table, [columns, rows]] of Object.entries(tables))
    await engine.run(
      `create or replace table ${table} as select * from (values ${[...rows, nothing[table]].join(', ')}) t(${columns}) where patient_no > 0`,
    );
  const found = await engine.rows<T & { id: string }>(
    `select hex(columns(c -> c in ('spell_sk', 'attendance_sk', 'referral_sk'))) as id, * from (${sql((fact) => fact)})`,
  );
  const byId = new Map(found.map((row) => [Number.parseInt(row.id, 16), row]));
  return found.map((_row, index) => byId.get(index) as T);
}

interface SpellInterval {
  readonly days_since_discharge: number | null;
  readonly contact: string | null;
}
const spellIntervals = (world: World): Promise<SpellInterval[]> =>
  made(
    (facts) =>
      `select *, cast(contact_after_discharge as varchar) as contact from (${spellIntervalSql(facts)})`,
    world,
  );

const since = async (spells: readonly Spell[]): Promise<(number | null)[]> =>
  (await spellIntervals({ spells })).map((row) => row.days_since_discharge);

describe('days since discharge', () => {
  const first: Spell = { patient: 1, in: '2024-01-01', out: '2024-01-05' };
  it('are those from the latest discharge alive of another spell, on or before the admission', async () => {
    expect(await since([first, { ...first, in: '2024-01-20', out: '2024-01-22' }])).toEqual([null, 15]);
    expect(await since([first, { ...first, in: '2024-01-05', out: null }])).toEqual([null, 0]);
    expect(await since([first, { ...first, in: '2024-01-04', out: null }])).toEqual([null, null]);
    expect(await since([first, { ...first, patient: 2, in: '2024-01-20' }])).toEqual([null, null]);
  });

  it('are not counted from the spell itself, even where it begins and ends on one day', async () => {
    const sameDay: Spell = { patient: 1, in: '2024-01-20', out: '2024-01-20' };
    expect(await since([first, sameDay])).toEqual([null, 15]);
    expect(await since([sameDay, sameDay])).toEqual([0, 0]);
  });

  it('are not counted from a death', async () => {
    expect(
      await since([
        { ...first, died: true },
        { ...first, in: '2024-01-20', out: null },
      ]),
    ).toEqual([null, null]);
  });
});

const days = fc.integer({ min: 0, max: 25 }).map((n) => addDays('2024-01-01', n));
const patients = fc.integer({ min: 1, max: 3 });
const spells = fc.array(
  fc
    .record({
      patient: patients,
      in: days,
      out: fc.option(fc.integer({ min: 0, max: 6 })),
      died: fc.boolean(),
    })
    .map((one): Spell => ({ ...one, out: one.out === null ? null : addDays(one.in, one.out) })),
  { maxLength: 12 },
);
const contacts = fc.array(fc.record({ patient: patients, day: days }), { maxLength: 8 });
const referrals = fc.array(
  fc
    .record({ patient: patients, day: days, out: fc.option(fc.integer({ min: 0, max: 9 })) })
    .map((one): Referral => ({ ...one, out: one.out === null ? null : addDays(one.day, one.out) })),
  { maxLength: 8 },
);
const attendances = fc.array(
  fc.record({
    patient: patients,
    arrived: fc.integer({ min: 0, max: 25 * 144 }).map((tenth) => tenth * 10),
    minutes: fc.integer({ min: 1, max: 144 }).map((tenth) => tenth * 10),
    treated: fc.option(fc.integer({ min: 0, max: 300 })),
  }),
  { maxLength: 12 },
);

/** The first contact of a patient on or after a day. */
const contactAfter = (all: readonly Contact[], patient: number, from: string | null): string | null =>
  from === null
    ? null
    : (all
        .filter((one) => one.patient === patient && one.day >= from)
        .map((one) => one.day)
        .sort()[0] ?? null);

describe('intervals are what pairs of events give', () => {
  it('of spells', async () => {
    await fc.assert(
      fc.asyncProperty(spells, contacts, async (some, met) => {
        const expected = some.map((spell): SpellInterval => {
          const before = some
            .filter(
              (other) =>
                other !== spell &&
                other.patient === spell.patient &&
                !other.died &&
                other.out !== null &&
                other.out <= spell.in,
            )
            .map((other) => String(other.out))
            .sort()
            .at(-1);
          return {
            days_since_discharge: before === undefined ? null : daysFrom(before, spell.in),
            contact: contactAfter(met, spell.patient, spell.out),
          };
        });
        expect(
          (await spellIntervals({ spells: some, contacts: met })).map((row) => ({
            days_since_discharge: row.days_since_discharge,
            contact: row.contact,
          })),
        ).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('of attendances', async () => {
    interface Row {
      readonly treated: string | null;
      readonly hours: number | null;
      readonly referral: string | null;
    }
    await fc.assert(
      fc.asyncProperty(attendances, referrals, async (some, sent) => {
        const rows = await made<Row>(
          (facts) =>
            `select *, strftime(treated_at, '%Y-%m-%dT%H:%M:%S') as treated, hours_since_departure as hours, cast(mh_referral_after as varchar) as referral from (${edIntervalSql(facts)})`,
          { attendances: some, referrals: sent },
        );
        const expected = some.map((one, index): Row => {
          const before = some
            .filter(
              (other, at) =>
                other.patient === one.patient &&
                (other.arrived < one.arrived || (other.arrived === one.arrived && at < index)),
            )
            .map((other) => other.arrived + other.minutes);
          const wait = before.length === 0 ? null : (one.arrived - Math.max(...before)) / 60;
          const referral = sent
            .filter((other) => other.patient === one.patient && other.day >= dayOf(one))
            .map((other) => other.day)
            .sort()[0];
          return {
            treated: one.treated === null ? null : instant(one.arrived + one.treated),
            hours: wait === null || wait < 0 ? null : wait,
            referral: referral ?? null,
          };
        });
        expect(rows.map(({ treated, hours, referral }) => ({ treated, hours, referral }))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('of referrals', async () => {
    await fc.assert(
      fc.asyncProperty(referrals, contacts, async (some, met) => {
        const rows = await made<{ contact: string | null }>(
          (facts) =>
            `select *, cast(contact_after_discharge as varchar) as contact from (${referralIntervalSql(facts)})`,
          { referrals: some, contacts: met },
        );
        expect(rows.map(({ contact }) => contact)).toEqual(
          some.map((one) => contactAfter(met, one.patient, one.out)),
        );
      }),
      { numRuns: 60 },
    );
  });
});
