import 'reflect-metadata';
import fc from 'fast-check';
import { makeGrant, type TrustCode } from '../../src/access/grant.js';
import { type Role, roleDeclarations } from '../../src/access/role.js';
import { disclosureModes } from '../../src/config/settings.js';
import { type Filter, type FilterValue, type Operator, operators } from '../../src/loaders/filter.js';
import { planFor } from '../../src/loaders/load.js';
import { planChildren } from '../../src/loaders/plan/people.js';
import { type Plan, type PlanContext, totalColumn } from '../../src/loaders/plan/plan.js';
import type { RowQuestion } from '../../src/loaders/question.js';
import { columnVisible } from '../../src/schema/datasets.js';
import type { RowDataset } from '../../src/schema/declare/dataset.js';
import { peopleDatasets } from '../../src/schema/people/nested.js';
import { patientColumn } from '../../src/schema/people/relation.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import type { ReleaseHandle, Warehouse } from '../../src/warehouse/warehouse.js';
import { testIdentifiers } from '../support/identifiers.js';
import { temporaryFolder } from '../support/landing.js';
import type { Cell } from './insert.js';
import { namedOutput } from './named-output.js';
import { pageOf } from './pages.js';
import { inOrderOf, ordered, PeopleOracle, type SeenRow } from './people-oracle.js';
import { type Facts, firstLoad, makePeople, publishPeople, trusts } from './people-world.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const runs = Number(process.env['MAPLEWOOD_TEST_CASES'] ?? (full ? 2_000 : 120));
const timeLimit = full ? 1_800_000 : 240_000;
const seed = Number(process.env['MAPLEWOOD_TEST_SEED'] ?? 20_240_117);

const folder = temporaryFolder();
const world = makePeople(seed, { patients: 30, events: 90 });
const oracle = new PeopleOracle(world);
const identifiers = testIdentifiers();
let warehouse: Warehouse;
let handle: ReleaseHandle;

beforeAll(async () => {
  warehouse = await publishPeople(world, folder);
  handle = warehouse.open();
}, 60_000);
afterAll(async () => {
  handle.close();
  await warehouse.close();
});

const hex = (value: unknown): Cell =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value as Cell);

/** Keys go into a question as tokens, and come out of a plan as keys. */
const tokenOf = (dataset: RowDataset, column: string, value: Cell): Cell => {
  const entity = dataset.columns.get(column)?.token;
  if (entity === undefined || value === null) return value;
  return identifiers.of(entity).encode([Buffer.from(String(value), 'hex')])[0] ?? null;
};

interface Asked {
  readonly dataset: RowDataset;
  readonly role: Role;
  readonly trusts: readonly string[] | null;
  /** Filters and cursors in keys. */
  readonly question: RowQuestion;
}

const synapse = tsqlDialect('synapse');

const contextOf = ({ role, trusts: own }: Asked, dialect = warehouse.dialect): PlanContext => ({
  dialect,
  gold: goldBuilder(),
  grant: makeGrant({
    role,
    trusts: own as readonly TrustCode[] | null,
    purpose: roleDeclarations[role].defaultPurpose,
    recipient: 'test',
  }),
  release: handle.info,
  rule: disclosureModes.default,
  yesterday: '2024-02-01',
  identifiers,
  careDays: 30,
});

const withTokens = (dataset: RowDataset, filter: Filter): Filter => {
  switch (filter.kind) {
    case 'test': {
      const token = (value: FilterValue) => tokenOf(dataset, filter.column, value as Cell) as FilterValue;
      return {
        ...filter,
        value: Array.isArray(filter.value) ? filter.value.map(token) : token(filter.value as FilterValue),
      };
    }
    case 'not':
      return { kind: 'not', part: withTokens(dataset, filter.part) };
    default:
      return { kind: filter.kind, parts: filter.parts.map((part) => withTokens(dataset, part)) };
  }
};

async function read(plan: Plan): Promise<{ rows: Facts[]; patients: Cell[]; totals: Cell[] }> {
  await handle.read(plan.statement, plan.output);
  // The second time it runs as it was prepared.
  const { columns, rowCount } = await handle.read(plan.statement, plan.output);
  const at = (name: string): readonly unknown[] =>
    columns[plan.output.findIndex((column) => column.name === name)] ?? [];
  const rows = Array.from({ length: rowCount }, (_none, row) =>
    Object.fromEntries(
      namedOutput(plan)
        .filter(([name]) => !name.startsWith('__'))
        .map(([name, place]) => [name, hex(columns[place]?.[row])]),
    ),
  );
  return { rows, patients: at(patientColumn).map(hex), totals: at(totalColumn).map(hex) };
}

/** What the statement that counts gives: the number of rows, or that of each patient behind the patient. */
async function counted({ countStatement }: Plan, ofEach: boolean): Promise<(readonly Cell[])[]> {
  const output = [
    ...(ofEach ? [{ name: patientColumn, type: { kind: 'int32' } } as const] : []),
    { name: totalColumn, type: { kind: 'int64' } } as const,
  ];
  const { columns, rowCount } = await handle.read(countStatement!, output);
  return Array.from({ length: rowCount }, (_none, row) => columns.map((column) => hex(column[row])));
}

const named = (row: Facts, names: Iterable<string>): Facts =>
  Object.fromEntries([...names].sort().map((name) => [name, row[name] ?? null]));

/** Whether all rows that meet a condition are of patients, or are themselves, named by token: one of what it asks at once names them. */
const isToken = (where: Filter, dataset: RowDataset): boolean =>
  where.kind === 'and'
    ? where.parts.some((part) => isToken(part, dataset))
    : where.kind === 'test' &&
      ['eq', 'in'].includes(where.op) &&
      ['patient', 'event'].includes(dataset.columns.get(where.column)?.token ?? '');

/** What a role may list: nothing where a filter leaves fewer than eight patients. */
function listed(it: Asked): SeenRow[] {
  const { dataset, role, question } = it;
  const found = ordered(oracle.rows(dataset.key, role, it.trusts, question.asOf), question, dataset.order);
  const guarded = role !== 'clinician' && question.where !== undefined && !isToken(question.where, dataset);
  return guarded && new Set(found.map(({ patient }) => patient)).size < 8 ? [] : found;
}

/** Around the loads of versions; on the first nothing was known yet. */
const days = [
  '2023-10-19',
  '2023-10-20',
  '2023-10-23',
  '2023-10-24',
  '2023-10-25',
  '2023-11-14',
  '2023-11-15',
];

/** Random questions, of columns that the role has, with values that occur. */
const asked: fc.Arbitrary<Asked> = fc
  .record({
    // Cohorts have a test of their own.
    dataset: fc.constantFrom(...peopleDatasets.filter(({ people }) => !people?.cohort)),
    role: fc.constantFrom<Role>('analyst', 'finance', 'clinician'),
    own: fc.constantFrom(null, null, null, trusts.slice(0, 1), trusts.slice(1), trusts.slice(1), []),
  })
  .map((it) => ({ ...it, trusts: it.role === 'clinician' ? (it.own ?? trusts.slice(0, 2)) : it.own }))
  .filter(({ dataset, role }) => dataset.roles.includes(role))
  .chain(({ dataset, role, trusts: own }) => {
    const names = [...dataset.columns.keys()].filter((name) => columnVisible(dataset, role, name));
    const values = oracle.rows(dataset.key, role, null).map((row) => row.values);
    const test = fc.constantFrom(...names).chain((column): fc.Arbitrary<Filter> => {
      const declared = dataset.columns.get(column)!;
      const known = values.map((row) => row[column] ?? null).filter((value) => value !== null);
      if (known.length === 0) return fc.constant<Filter>({ kind: 'and', parts: [] });
      const ops = operators.filter((op) =>
        declared.token !== undefined
          ? op === 'eq' || op === 'in'
          : declared.type.kind === 'text' || !['startsWith', 'endsWith', 'contains'].includes(op),
      );
      const some = fc.constantFrom(...known);
      return fc.constantFrom(...ops).chain((op: Operator): fc.Arbitrary<Filter> => {
        const value: fc.Arbitrary<FilterValue | FilterValue[]> =
          op === 'isNull'
            ? fc.boolean()
            : op === 'in'
              ? fc.array(some, { maxLength: 4 })
              : op === 'startsWith' || op === 'endsWith' || op === 'contains'
                ? fc.tuple(some, fc.nat(3)).map(([whole, length]) => String(whole).slice(0, length))
                : some;
        return value.map((given): Filter => ({ kind: 'test', column, op, value: given }));
      });
    });
    const filter = fc.letrec<{ filter: Filter }>((tie) => ({
      filter: fc.oneof(
        { weight: 5, arbitrary: test },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { maxLength: 3 }))
            .map(([kind, parts]): Filter => ({ kind, parts })),
        },
        { weight: 1, arbitrary: tie('filter').map((part): Filter => ({ kind: 'not', part })) },
      ),
    })).filter;
    return fc
      .record({
        ...pageOf(names, filter, 30),
        asOf: fc.option(fc.constantFrom(...days), { nil: undefined, freq: 2 }),
      })
      .map(
        ({ where, asOf, ...page }): Asked => ({
          dataset,
          role,
          trusts: own,
          question: {
            kind: 'row',
            dataset: dataset.key,
            ...(where ? { where } : {}),
            ...(asOf ? { asOf } : {}),
            ...page,
          },
        }),
      );
  });

const toPlan = ({ dataset, question }: Asked): RowQuestion => ({
  ...question,
  ...(question.where ? { where: withTokens(dataset, question.where) } : {}),
});

const badInput = expect.objectContaining({ code: 'BAD_USER_INPUT' });
const tooEarly = ({ asOf }: RowQuestion): boolean => asOf !== undefined && asOf < firstLoad;

const options = { seed, numRuns: runs, endOnFailure: process.env['MAPLEWOOD_TEST_SHRINK'] !== '1' };

it(
  `answers ${runs} random questions for rows (seed ${seed}) as the access model says`,
  async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (it) => {
        const { question, dataset } = it;
        if (tooEarly(question)) {
          expect(() => planFor(dataset, toPlan(it), contextOf(it))).toThrow(badInput);
          return;
        }
        const expected = listed(it);
        const plan = planFor(dataset, toPlan(it), contextOf(it));
        expect(lintTsql(planFor(dataset, toPlan(it), contextOf(it, synapse)).statement.sql)).toEqual([]);
        const names = new Set([...question.select, ...plan.key.map(({ name }) => name)]);
        let found = await read(plan);
        for (let from = 0; ; from += question.first) {
          const page = expected.slice(from, from + question.first);
          expect(found.rows.slice(0, question.first).map((row) => named(row, names))).toEqual(
            page.map(({ values }) => named(values, names)),
          );
          expect(found.rows.length > question.first).toBe(expected.length > from + question.first);
          expect(found.patients.slice(0, page.length)).toEqual(page.map(({ patient }) => patient));
          if (question.total && page.length > 0) expect(found.totals[0]).toBe(expected.length);
          shown += page.length;
          const last = found.rows[question.first - 1];
          if (!last || from > 3 * question.first) break;
          const after = plan.key.map(({ name }) => tokenOf(dataset, name, last[name] ?? null));
          const next = planFor(dataset, { ...toPlan(it), after }, contextOf(it));
          if (question.total) expect(await counted(next, false)).toEqual([[expected.length]]);
          found = await read(next);
        }
      }),
      options,
    );
    expect(shown).toBeGreaterThan(runs);
  },
  timeLimit,
);

it(
  `finds the rows below ${runs} random sets of patients`,
  async () => {
    const patients = fc.uniqueArray(fc.integer({ min: 0, max: 35 }), { minLength: 1, maxLength: 14 });
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(asked, patients, fc.option(fc.nat()), async (it, parents, place) => {
        const { question, dataset } = it;
        if (tooEarly(question)) {
          expect(() => planChildren(dataset, toPlan(it), parents, contextOf(it))).toThrow(badInput);
          return;
        }
        const all = ordered(
          oracle.rows(dataset.key, it.role, it.trusts, question.asOf),
          question,
          dataset.order,
        );
        const start = planChildren(dataset, toPlan(it), parents, contextOf(it));
        // Behind a row of any patient, as the cursor of a page of one patient is given for those of all.
        const behind = place === null || all.length === 0 ? undefined : all[place % all.length];
        const after =
          behind && start.key.map(({ name }) => tokenOf(dataset, name, behind.values[name] ?? null));
        const asks = { ...toPlan(it), ...(after ? { after } : {}) };
        const plan = planChildren(dataset, asks, parents, contextOf(it));
        const other = planChildren(dataset, asks, parents, contextOf(it, synapse));
        expect(lintTsql(other.statement.sql)).toEqual([]);
        expect(other.statement.parameters).toEqual(plan.statement.parameters);
        const names = new Set([...question.select, ...plan.key.map(({ name }) => name)]);
        const found = await read(plan);
        const totals =
          question.total && after ? new Map((await counted(plan, true)) as [Cell, Cell][]) : undefined;
        const compare = inOrderOf(question, dataset.order);
        for (const parent of parents) {
          const own = all.filter(({ patient }) => patient === parent);
          const rest = own.filter(({ values }) => behind === undefined || compare(values, behind.values) > 0);
          const rows = found.rows.filter((_row, at) => found.patients[at] === parent);
          expect(rows.map((row) => named(row, names))).toEqual(
            rest.slice(0, question.first + 1).map(({ values }) => named(values, names)),
          );
          if (totals) expect(totals.get(parent) ?? 0).toBe(own.length);
          else if (question.total && rows.length > 0)
            expect(found.totals[found.patients.indexOf(parent)]).toBe(own.length);
          shown += rows.length;
        }
        expect(found.patients.filter((patient) => !parents.includes(Number(patient)))).toEqual([]);
      }),
      options,
    );
    expect(shown).toBeGreaterThan(runs);
  },
  timeLimit,
);

describe('what a plan refuses', () => {
  const plan = (role: Role, dataset: string, question: Partial<RowQuestion>): Plan =>
    planFor(
      peopleDatasets.find(({ key }) => key === dataset)!,
      { kind: 'row', dataset, orderBy: [], first: 1, total: false, select: [], ...question },
      contextOf({ role, trusts: ['RA1'] } as unknown as Asked),
    );
  const cases: [string, Role, string, Partial<RowQuestion>][] = [
    ['a column of another role', 'finance', 'episodes', { select: ['primaryDiagnosis'] }],
    [
      'it as a condition',
      'finance',
      'episodes',
      { where: { kind: 'test', column: 'seq', op: 'eq', value: 1 } },
    ],
    [
      'it as an order',
      'clinician',
      'prescriptions',
      { orderBy: [{ column: 'actualCost', descending: true }] },
    ],
    ['a column that is not declared', 'analyst', 'patients', { select: ['patient_sk'] }],
    ['a dataset of another role', 'finance', 'referrals', {}],
    ['a role without rows', 'operations', 'episodes', {}],
  ];
  it.each(cases)('%s', (_what, role, dataset, question) => {
    expect(() => plan(role, dataset, question)).toThrow(
      expect.objectContaining({ code: 'POLICY_VIOLATION' }),
    );
  });
  it('a cursor with a token that is none', () => {
    expect(() => plan('analyst', 'patients', { after: ['m1.a1.short'] })).toThrow(
      expect.objectContaining({ code: 'INVALID_CURSOR' }),
    );
  });
});
