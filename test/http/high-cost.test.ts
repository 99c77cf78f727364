import type { Config } from '../../src/config/environment.js';
import { type CountingServer, countingServer } from '../support/counting-server.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { changeRelease, fromRelease } from '../support/release.js';
import { callerOf } from './client.js';

/** High-cost patients over HTTP, against an evaluation of the release's tables in plain code. */
const home = temporaryFolder();
let config: Config;
let server: CountingServer;
let trust: string;

const served = () => server;
const callers = {
  analyst: callerOf(served, 'analyst'),
  finance: callerOf(served, 'finance'),
} as const;
type Seer = keyof typeof callers;

interface Cost {
  readonly patient: number;
  readonly setting: string;
  readonly day: string;
  readonly trust: string;
  /** Millionths of a pound. */
  readonly amount: bigint;
}
interface Person {
  readonly patient: number;
  readonly sk: string;
  readonly row_age_band: string | null;
  readonly row_age_band_10: string | null;
  readonly row_gender: string | null;
  readonly row_ethnic_group: string | null;
  readonly row_deprivation_quintile: number | null;
}
interface Spell {
  readonly patient: number;
  readonly discharged: string;
  readonly trust: string;
  readonly lace: number | null;
  readonly hfrs: number | null;
  readonly charlson: number;
}
let costs: Cost[];
let persons: Map<number, Person>;
let spells: Spell[];
let items: { patient: number; day: string; items: number }[];

const lastDay = '2024-12-31';
const options = {
  LAST_CALENDAR_YEAR: { from: '2024-01-01', before: '2025-01-01' },
  LAST_FINANCIAL_YEAR: { from: '2023-04-01', before: '2024-04-01' },
  LAST_12_MONTHS: { from: '2024-01-01', before: '2025-01-01' },
  ALL: { from: '0001-01-01', before: '9999-12-31' },
} as const;
type Window = keyof typeof options;

beforeAll(async () => {
  ({ config } = await loadedHome(home, { patients: 1_000 }));
  // One patient in seven is restricted: the most expensive ones are among them.
  await changeRelease(
    config,
    `update dim_patient set is_restricted = true where patient_no in (
     select patient_no from (select patient_no, row_number() over (order by sum(amount) desc) as place from fact_cost group by 1) where place % 7 = 1)`,
  );
  const all = <T>(sql: string): Promise<T[]> => fromRelease<T>(config, sql);
  const [end] = await all<{ day: string }>('select cast(data_as_of as varchar) as day from release_day');
  expect(end?.day).toBe(lastDay);
  const rows = await all<Omit<Cost, 'amount'> & { amount: string | null }>(
    `select c.patient_no as patient, c.setting, cast(c.day as varchar) as day, c.trust_code as trust, cast(cast(c.amount * 1000000 as hugeint) as varchar) as amount
     from fact_cost c join dim_patient p using (patient_no) where not p.is_restricted`,
  );
  costs = rows.map((row) => ({ ...row, amount: BigInt(row.amount ?? 0) }));
  const people = await all<Person>(
    'select patient_no as patient, hex(patient_sk) as sk, row_age_band, row_age_band_10, row_gender, row_ethnic_group, row_deprivation_quintile from dim_patient where not is_restricted',
  );
  persons = new Map(people.map((person) => [person.patient, person]));
  spells = await all<Spell>(
    `select s.patient_no as patient, cast(s.discharge_date as varchar) as discharged, s.trust_code as trust, k.lace, k.hfrs_x10 as hfrs, k.charlson
     from fact_spell s join fact_spell_score k using (spell_sk) where s.discharge_date is not null and s.discharge_destination is distinct from '79'
     order by s.discharge_date desc, s.admission_date desc, s.spell_sk`,
  );
  items = await all(
    'select patient_no as patient, cast(prescription_date as varchar) as day, items from fact_prescription',
  );
  trust = costs.find(({ setting }) => setting === 'ACUTE')?.trust ?? '';
  server = await countingServer(config);
}, 120_000);
afterAll(() => server?.close());

const fields: Readonly<Record<string, string>> = {
  acuteCost: 'ACUTE',
  emergencyCost: 'EMERGENCY',
  mentalHealthCost: 'MENTAL_HEALTH',
  communityCost: 'COMMUNITY',
  prescribingCost: 'PRESCRIBING',
  socialCareCost: 'SOCIAL_CARE',
};

/** Linear interpolation between the closest ranks. */
function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

interface Asked {
  readonly topPercent?: number;
  readonly window?: Window;
  readonly includePrescribing?: boolean;
  readonly includeSocialCare?: boolean;
}

/** The whole answer, by definition. */
function expected(role: Seer, asked: Asked, ownTrust?: string) {
  const { topPercent = 5, window = 'LAST_CALENDAR_YEAR' } = asked;
  const { includePrescribing = true, includeSocialCare = false } = asked;
  const { from, before } = options[window];
  const within = (day: string): boolean => day >= from && day < before;
  const counted = (setting: string): boolean =>
    (setting !== 'PRESCRIBING' || includePrescribing) && (setting !== 'SOCIAL_CARE' || includeSocialCare);
  const sums = new Map<number, Cost[]>();
  for (const cost of costs) {
    if (!within(cost.day) || !counted(cost.setting) || (ownTrust !== undefined && cost.trust !== ownTrust))
      continue;
    sums.set(cost.patient, [...(sums.get(cost.patient) ?? []), cost]);
  }
  const sum = (of: readonly Cost[], which: (cost: Cost) => boolean = () => true): bigint =>
    of.filter(which).reduce((total, { amount }) => total + amount, 0n);
  const population = [...sums]
    .map(([patient, own]) => ({
      person: persons.get(patient)!,
      own,
      total: sum(own),
      later: sum(own, ({ day }) => day >= '2024-07-01' && day < '2025-01-01'),
      earlier: sum(own, ({ day }) => day >= '2024-01-01' && day < '2024-07-01'),
    }))
    .filter(({ total }) => total > 0n)
    .sort((a, b) =>
      a.total === b.total ? (a.person.sk < b.person.sk ? -1 : 1) : a.total > b.total ? -1 : 1,
    );
  const pounds = (value: bigint): number => Number(value) / 1_000_000;
  const amountOf = (which: (own: readonly Cost[]) => bigint): ((own: readonly Cost[]) => number) => {
    if (role === 'finance') return (own) => Number((which(own) + 5_000n) / 10_000n) / 100;
    const limit = percentile(
      population.map(({ own }) => pounds(which(own))),
      0.995,
    );
    return (own) => Math.floor((Math.floor(Math.min(pounds(which(own)), limit)) + 5) / 10) * 10;
  };
  const total = amountOf((own) => sum(own));
  const bySetting = Object.fromEntries(
    Object.entries(fields).map(([name, setting]) => [
      name,
      counted(setting) ? amountOf((own) => sum(own, (cost) => cost.setting === setting)) : () => null,
    ]),
  );
  const laterLimit = percentile(
    population.map(({ later }) => pounds(later)),
    0.75,
  );
  // Shares of finance are shares of what is not yet rounded to pence.
  const weight = ({ own, total: exact }: (typeof population)[number]): number =>
    role === 'finance' ? pounds(exact) : total(own);
  const all = population.reduce((of, one) => of + weight(one), 0);
  const top = population.slice(0, Math.ceil((topPercent * population.length) / 100));
  const score = (patient: number) =>
    spells.find(
      (spell) =>
        spell.patient === patient &&
        within(spell.discharged) &&
        (ownTrust === undefined || spell.trust === ownTrust),
    );
  const nodes = top.map((one, index) => {
    const { person, own } = one;
    const latest = score(person.patient);
    return {
      rank: index + 1,
      ageBand: role === 'finance' ? person.row_age_band_10 : person.row_age_band,
      deprivationQuintile: person.row_deprivation_quintile,
      totalCost: total(own),
      ...Object.fromEntries(Object.entries(bySetting).map(([name, amount]) => [name, amount(own)])),
      admissions: own.filter(({ setting }) => setting === 'ACUTE').length,
      attendances: own.filter(({ setting }) => setting === 'EMERGENCY').length,
      prescriptions:
        ownTrust === undefined
          ? items
              .filter(({ patient, day }) => patient === person.patient && within(day))
              .reduce((of, item) => of + Number(item.items), 0)
          : 0,
      shareOfTotal: weight(one) / all,
      risingRisk:
        index * 100 >= 5 * population.length &&
        one.later >= 2n * one.earlier &&
        pounds(one.later) >= laterLimit,
      ...(role === 'analyst'
        ? {
            gender: person.row_gender,
            ethnicGroup: person.row_ethnic_group,
            laceScore: latest?.lace ?? null,
            frailtyScore: latest?.hfrs == null ? null : latest.hfrs / 10,
            charlsonScore: latest?.charlson ?? null,
          }
        : {}),
    };
  });
  return {
    nodes,
    population: population.length,
    threshold: nodes.at(-1)?.totalCost ?? null,
    groupShare: top.reduce((of, one) => of + weight(one), 0) / all,
  };
}

const moneyNames = ['totalCost', 'threshold', ...Object.keys(fields)];
const shareNames = ['shareOfTotal', 'groupShare'];

/** The answer with pounds as numbers. */
const plain = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      one !== null && moneyNames.includes(name) ? Number(one) : one,
    ]),
  );

/** The definition, with shares as exact as they are answered: to a millionth. */
const wanted = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(plain(value)).map(([name, one]) => [
      name,
      shareNames.includes(name) ? expect.closeTo(Number(one), 5.9) : one,
    ]),
  );

const columns = (role: Seer): string =>
  [
    'rank ageBand deprivationQuintile totalCost admissions attendances prescriptions shareOfTotal risingRisk',
    ...Object.keys(fields),
    ...(role === 'analyst' ? ['gender ethnicGroup laceScore frailtyScore charlsonScore'] : []),
  ].join(' ');

const written = (args: object): string =>
  Object.entries(args)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');

describe.each<Seer>(['finance', 'analyst'])('as %s', (role) => {
  const cases: Asked[] = [
    {},
    { topPercent: 100 },
    { topPercent: 37, window: 'ALL' },
    { topPercent: 100, window: 'ALL', includeSocialCare: true },
    { topPercent: 100, window: 'LAST_12_MONTHS', includePrescribing: false },
    { topPercent: 1, window: 'LAST_FINANCIAL_YEAR' },
  ];
  it.each(cases)('%j', async (asked) => {
    const { nodes, ...beside } = expected(role, asked);
    const { body } = await callers[role].query(
      `{ highCostPatients(${written({ ...asked, first: 5_000 })}) { totalCount population threshold groupShare nodes { ${columns(role)} } } }`,
    );
    expect(body.errors).toBeUndefined();
    const answer = body.data.highCostPatients;
    expect(answer.nodes.map(plain)).toEqual(nodes.map(wanted));
    const { nodes: _nodes, totalCount, ...found } = answer;
    expect(totalCount).toBe(nodes.length);
    if (nodes.length > 0) expect(plain(found)).toEqual(wanted(beside));
    else expect(found).toEqual({ population: null, threshold: null, groupShare: null });
  });

  it('answers with one statement, and only with the columns asked for', async () => {
    server.statements();
    const { body } = await callers[role].query('{ highCostPatients(first: 3) { nodes { rank } } }');
    expect(body.data.highCostPatients.nodes).toEqual([{ rank: 1 }, { rank: 2 }, { rank: 3 }]);
    expect(server.statements()).toBe(1);
  });

  it('pages without a gap, with what stands beside the rows on every page', async () => {
    const seen: number[] = [];
    let after: string | null = null;
    do {
      const { body } = await callers[role].query(
        `query($after: String) { highCostPatients(topPercent: 30, first: 17, after: $after) { population nodes { rank } pageInfo { hasNextPage endCursor } } }`,
        { after },
      );
      const page = body.data.highCostPatients;
      expect(page.population).toBe(expected(role, {}).population);
      seen.push(...page.nodes.map(({ rank }: { rank: number }) => rank));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(expected(role, { topPercent: 30 }).nodes.map(({ rank }) => rank));
  });

  it('refuses a percentage out of range, and a cursor of another window', async () => {
    for (const topPercent of [0, 101, -1]) {
      const { body } = await callers[role].query(
        `{ highCostPatients(topPercent: ${topPercent}) { totalCount } }`,
      );
      expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
      expect(body.errors[0].message).toContain('topPercent must be from 1 to 100.');
    }
    const { body } = await callers[role].query('{ highCostPatients(first: 1) { pageInfo { endCursor } } }');
    const { endCursor } = body.data.highCostPatients.pageInfo;
    const other = await callers[role].query(
      `{ highCostPatients(window: ALL, after: ${JSON.stringify(endCursor)}) { totalCount } }`,
    );
    expect(other.body.errors[0].extensions.code).toBe('INVALID_CURSOR');
  });
});

it('counts only what happened at the trusts of an analyst, and is nothing for a narrowed finance role', async () => {
  const one = () => [trust];
  const { nodes, ...beside } = expected('analyst', { topPercent: 100 }, trust);
  const { body } = await callerOf(served, 'analyst', one).query(
    `{ highCostPatients(topPercent: 100, first: 5000) { population threshold groupShare nodes { ${columns('analyst')} } } }`,
  );
  const { nodes: found, ...foundBeside } = body.data.highCostPatients;
  expect(found.map(plain)).toEqual(nodes.map(wanted));
  expect(plain(foundBeside)).toEqual(wanted(beside));
  const none = await callerOf(served, 'finance', one).query(
    '{ highCostPatients(topPercent: 100) { totalCount population nodes { rank } } }',
  );
  expect(none.body.data.highCostPatients).toEqual({ totalCount: 0, population: null, nodes: [] });
});

it('has patients at rising risk, and leaves restricted ones out', () => {
  const everybody = expected('finance', { topPercent: 100 });
  expect(everybody.nodes.some(({ risingRisk }) => risingRisk)).toBe(true);
  expect(everybody.nodes.every(({ risingRisk }) => risingRisk)).toBe(false);
  expect(persons.size).toBeLessThan(900);
});

it('shows attributes as of a day, and the same costs', async () => {
  const ask = async (asOf: string) => {
    const { body } = await callers.finance.query(
      `{ highCostPatients(first: 50${asOf}) { population nodes { rank ageBand totalCost } } }`,
    );
    return body.data.highCostPatients;
  };
  expect(await ask(', asOf: "2999-12-31"')).toEqual(await ask(''));
});

it('leads to the patient and the events, and hides a filtered list of few from an analyst', async () => {
  const { body } = await callers.analyst.query(
    '{ highCostPatients(first: 5) { nodes { patientId admissions patient { patientId episodes { totalCount } } } } }',
  );
  for (const { patientId, admissions, patient } of body.data.highCostPatients.nodes) {
    expect(patient.patientId).toBe(patientId);
    expect(patient.episodes.totalCount).toBeGreaterThanOrEqual(admissions);
  }
  const few = await callers.analyst.query(
    '{ highCostPatients(where: { rank: { lte: 7 } }) { totalCount notices { code } } }',
  );
  expect(few.body.data.highCostPatients).toEqual({ totalCount: 0, notices: [{ code: 'COHORT_TOO_SMALL' }] });
  const enough = await callers.analyst.query(
    '{ highCostPatients(where: { rank: { lte: 8 } }) { totalCount notices { code } } }',
  );
  expect(enough.body.data.highCostPatients).toEqual({ totalCount: 8, notices: [] });
});

it.each(['bi-reader', 'operations', 'clinician', 'data-steward'] as const)(
  'does not exist for %s',
  async (role) => {
    const scope = role === 'operations' || role === 'clinician' ? () => [trust] : undefined;
    const { body } = await callerOf(served, role, scope).query('{ highCostPatients { totalCount } }');
    expect(body.errors[0].message).toContain('Cannot query field');
  },
);
