import { join } from 'node:path';
import { makeGrant, type TrustCode } from '../../src/access/grant.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import { type Role, roleDeclarations } from '../../src/access/role.js';
import { ensureHome } from '../../src/config/home.js';
import { disclosureModes } from '../../src/config/settings.js';
import { MaplewoodError } from '../../src/errors.js';
import { Account } from '../../src/loaders/account.js';
import { loadCensus } from '../../src/loaders/forecast/census.js';
import { loadForecast } from '../../src/loaders/forecast/load.js';
import { loadFlow } from '../../src/loaders/forecast/stays.js';
import { type LoadContext, Plans } from '../../src/loaders/load.js';
import { planStays } from '../../src/loaders/plan/stays.js';
import { RowMakers } from '../../src/loaders/rows.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import type { ReleaseHandle, Warehouse } from '../../src/warehouse/warehouse.js';
import { expectGolden } from '../support/golden.js';
import { configAt } from '../support/home.js';
import { testIdentifiers } from '../support/identifiers.js';
import { temporaryFolder } from '../support/landing.js';
import { daysBetween, daysFrom, plus } from './calendar.js';
import { makeWorld, publish, type Spell, type World } from './world.js';

/** Ages by patient, so that the plain computation knows them too. */
const ageOf = (patient: number): number | null => (patient % 11 === 0 ? null : (patient * 13) % 97);
const ages = `update fact_spell set age_at_event = case when patient_no % 11 = 0 then null else (patient_no * 13) % 97 end`;

const folder = temporaryFolder();
const world: World = makeWorld(77, {
  name: 'beds',
  first: '2022-12-05',
  days: 200,
  patients: 500,
  spells: 2_500,
  attendances: 10,
});
let warehouse: Warehouse;
let handle: ReleaseHandle;
beforeAll(async () => {
  warehouse = await publish(world, join(folder, 'release'), [ages]);
  handle = warehouse.open();
}, 60_000);
afterAll(async () => {
  handle?.close();
  await warehouse?.close();
});

const allTrusts = world.trusts.map(({ code }) => code);
function contextOf(
  role: Role,
  trusts: readonly string[] | null,
  signal = new AbortController().signal,
): LoadContext {
  const config = configAt(join(folder, 'home'));
  ensureHome(config.home);
  return {
    plan: {
      dialect: warehouse.dialect,
      gold: goldBuilder(),
      grant: makeGrant({
        role,
        trusts: trusts as readonly TrustCode[] | null,
        purpose: roleDeclarations[role].defaultPurpose,
        recipient: 'test',
      }),
      release: handle.info,
      rule: disclosureModes.default,
      yesterday: plus(world.dataAsOf, 30),
      identifiers: testIdentifiers(),
      careDays: 30,
    },
    handle,
    signal,
    requestId: 'test',
    account: new Account(),
    cursorKey: loadServiceKeys(config.home, { create: true, dev: true }).cursor,
    plans: new Plans(),
    rowMakers: new RowMakers(),
  };
}

/** First day with a full census, and last. */
const warm = plus(world.firstAdmission!, 31);
const until = (spell: Spell): string => spell.discharge ?? plus(world.dataAsOf, 1);
const inScope = (trusts: readonly string[]): Spell[] =>
  world.spells.filter((spell) => spell.inCensus && trusts.includes(spell.trust));
const here = (spells: readonly Spell[], day: string): Spell[] =>
  spells.filter((spell) => spell.admission <= day && until(spell) > day);
const plainCensus = (trusts: readonly string[]): number[] =>
  daysBetween(warm, world.dataAsOf).map((day) => here(inScope(trusts), day).length);

describe('the census that a forecast is made from', () => {
  it('is that of all trusts in scope, after the first month of data and up to its end', async () => {
    const census = await loadCensus(undefined, contextOf('operations', allTrusts));
    expect(census).toEqual({ first: warm, values: plainCensus(allTrusts), hiddenDays: 0 });
  });
  it('is that of one trust, and of no other than those in scope', async () => {
    const [first, second] = allTrusts as [string, string];
    const one = await loadCensus(first, contextOf('operations', [first, second]));
    expect(one!.values).toEqual(plainCensus([first]));
    expect(await loadCensus('RD4', contextOf('operations', [first, second]))).toBeUndefined();
    expect(await loadCensus('ZZZ', contextOf('operations', allTrusts))).toBeUndefined();
  });
  it('is the released one under disclosure control: rounded, and hidden where it is small', async () => {
    const context = contextOf('analyst', null);
    const rule = { threshold: 30, base: 10 };
    let hidden = 0;
    for (const trust of allTrusts) {
      const census = (await loadCensus(trust, { ...context, plan: { ...context.plan, rule } }))!;
      const nights = daysBetween(warm, world.dataAsOf).map((day) => here(inScope([trust]), day));
      const few = (spells: readonly Spell[]): boolean =>
        spells.length > 0 && new Set(spells.map(({ patient }) => patient)).size < rule.threshold;
      expect(nights[0]!.length).toBeGreaterThan(0);
      expect(census).toEqual({
        first: warm,
        values: nights.map((spells) => (few(spells) ? 0 : Math.floor((spells.length + 5) / 10) * 10)),
        hiddenDays: nights.filter(few).length,
      });
      hidden += census.hiddenDays;
    }
    expect(hidden).toBeGreaterThan(0);
  });
});

describe('the stays that a forecast from the flow of patients is made from', () => {
  const kindOf = ({ method }: Spell): number =>
    method.startsWith('2') ? 2 : method.startsWith('1') ? 1 : method.startsWith('3') ? 3 : 8;
  const bandOf = (age: number | null): number =>
    age === null ? -1 : age < 18 ? 0 : age < 65 ? 18 : age < 80 ? 65 : 80;
  const counted = (lengths: readonly number[]): Record<number, number> => {
    const counts: Record<number, number> = {};
    for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
    return counts;
  };

  it('are those known on each day, by stratum and length', async () => {
    const context = contextOf('operations', allTrusts);
    const census = (await loadCensus(undefined, context))!;
    const counts = [30, 75, census.values.length];
    const input = await loadFlow(census, counts, undefined, context);
    const spells = inScope(allTrusts).filter((spell) => until(spell) > spell.admission);
    for (const count of counts) {
      const day = plus(census.first, count - 1);
      const strata = new Map<string, Spell[]>();
      for (const spell of spells.filter(
        ({ admission, discharge }) => admission <= day && (discharge === null || discharge >= admission),
      )) {
        const name = [kindOf(spell), bandOf(ageOf(spell.patient)), spell.specialty].join(' ');
        strata.set(name, [...(strata.get(name) ?? []), spell]);
      }
      const plain = [...strata]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, of]) => ({
          ended: counted(
            of.flatMap((spell) =>
              spell.discharge !== null && spell.discharge <= day
                ? [daysFrom(spell.admission, spell.discharge)]
                : [],
            ),
          ),
          present: counted(here(of, day).map((spell) => daysFrom(spell.admission, day))),
        }))
        .filter(({ ended, present }) => Object.keys({ ...ended, ...present }).length > 0);
      const found = input.staysAfter.get(count)!.map(({ ended, present }) => ({
        ended: { ...(ended as number[]) },
        present: { ...(present as number[]) },
      }));
      expect(found).toEqual(plain);
      expect(here(spells, day).length).toBe(census.values[count - 1]);
    }
    expect(input.admissions).toEqual(
      daysBetween(census.first, world.dataAsOf).map(
        (day) => spells.filter(({ admission }) => admission === day).length,
      ),
    );
  });

  it('are read by statements that a dedicated pool takes', () => {
    const context = contextOf('operations', ['RA1', 'RB2']);
    const statements = (dialect: LoadContext['plan']['dialect']): string[] =>
      Object.values(planStays(['2023-03-01', '2023-03-09'], undefined, { ...context.plan, dialect })).map(
        ({ statement }) => statement.sql,
      );
    const tsql = statements(tsqlDialect('synapse'));
    expect(tsql).toEqual(statements(tsqlDialect('sqlserver')));
    expect(tsql.flatMap(lintTsql)).toEqual([]);
    const lines = (text: string): string => text.replace(/ (select|from|where|group by|union) /g, '\n$1 ');
    expectGolden(
      'forecast/stays.txt',
      `-- DuckDB\n${statements(warehouse.dialect).map(lines).join('\n\n')}\n\n-- T-SQL\n${tsql.map(lines).join('\n\n')}\n`,
    );
  });

  it('are not read for a role under disclosure control', async () => {
    const context = contextOf('analyst', ['RA1']);
    expect(() => planStays(['2023-03-01'], undefined, context.plan)).toThrow(MaplewoodError);
    const asked = { trust: undefined, horizonDays: 7, method: 'FLOW' } as const;
    await expect(loadForecast(asked, context)).rejects.toMatchObject({ code: 'POLICY_VIOLATION' });
  });
});

describe('a forecast', () => {
  const asked = { trust: undefined, horizonDays: 7, method: undefined };
  it('is made by each method, and by the best of them', async () => {
    const context = contextOf('operations', allTrusts);
    const scores = [];
    for (const method of ['SEASONAL_NAIVE', 'HOLT_WINTERS', 'FLOW'] as const) {
      const { forecast } = (await loadForecast({ ...asked, method }, context))!;
      expect([forecast!.method, forecast!.days.length]).toEqual([method, 7]);
      scores.push(forecast!.backTest.mae);
    }
    const best = (await loadForecast(asked, context))!;
    expect(best.forecast!.backTest.mae).toBe(Math.min(...scores));
    expect(best).toMatchObject({ historyFrom: warm, historyTo: world.dataAsOf });
  });
  it('says from which day on it works while there are fewer than eight weeks of full census', async () => {
    const young = makeWorld(5, {
      name: 'young',
      first: '2023-03-01',
      days: 86,
      patients: 90,
      spells: 900,
      attendances: 5,
    });
    const full = plus(young.firstAdmission!, 31);
    expect(daysFrom(full, young.dataAsOf) + 1).toBeLessThan(56);
    const other = await publish(young, join(folder, 'young'));
    const opened = other.open();
    try {
      const context = contextOf('operations', allTrusts);
      const release = opened.info;
      await expect(
        loadForecast(asked, { ...context, handle: opened, plan: { ...context.plan, release } }),
      ).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: `A forecast of 7 days needs 56 days of complete census: it works when the data reach ${plus(full, 55)}.`,
      });
    } finally {
      opened.close();
      await other.close();
    }
  });
  it('is hidden where a day of the census is', async () => {
    const context = contextOf('analyst', null);
    const plan = { ...context.plan, rule: { threshold: 40, base: 10 } };
    const { forecast, historyTo } = (await loadForecast({ ...asked, trust: 'RD4' }, { ...context, plan }))!;
    expect([forecast, historyTo]).toEqual([undefined, world.dataAsOf]);
  });
  it.each([
    [new MaplewoodError('DEADLINE_EXCEEDED'), 'DEADLINE_EXCEEDED'],
    [undefined, 'REQUEST_CANCELLED'],
  ])('is given up between two origins of its back-test', async (reason, code) => {
    const controller = new AbortController();
    const context = contextOf('analyst', null, controller.signal);
    // The census is read by then; a forecast of one trust with few patients would be hidden.
    const making = loadForecast(
      { ...asked, method: 'HOLT_WINTERS' },
      {
        ...context,
        handle: {
          ...context.handle,
          info: context.handle.info,
          read: async (...args) => {
            const result = await handle.read(...args);
            setImmediate(() => controller.abort(reason));
            return result;
          },
        },
      },
    );
    await expect(making).rejects.toMatchObject({ code });
  });
});
