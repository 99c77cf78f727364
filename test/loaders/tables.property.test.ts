import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { makeGrant } from '../../src/access/grant.js';
import type { Role } from '../../src/access/role.js';
import { disclosureModes } from '../../src/config/settings.js';
import { type Filter, type Operator, operators } from '../../src/loaders/filter.js';
import { planFor } from '../../src/loaders/load.js';
import { type Plan, totalColumn } from '../../src/loaders/plan/plan.js';
import type { RowQuestion } from '../../src/loaders/question.js';
import { columnVisible, datasets } from '../../src/schema/datasets.js';
import type { RowDataset } from '../../src/schema/declare/dataset.js';
import { createTable } from '../../src/warehouse/duckdb/ddl.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { releaseDay } from '../../src/warehouse/gold/quality.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import type { ReleaseHandle, Warehouse } from '../../src/warehouse/warehouse.js';
import { testIdentifiers } from '../support/identifiers.js';
import { temporaryFolder } from '../support/landing.js';
import { type Cell, insertSql } from './insert.js';
import { namedOutput } from './named-output.js';
import { pageOf } from './pages.js';
import { ordered } from './people-oracle.js';
import { servedFile, serveFile } from './served-file.js';

const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';
const runs = Number(process.env['MAPLEWOOD_TEST_CASES'] ?? (full ? 500 : 60));
const timeLimit = full ? 1_800_000 : 120_000;
const seed = Number(process.env['MAPLEWOOD_TEST_SEED'] ?? 20_240_117);

type Values = Readonly<Record<string, Cell>>;

/** Datasets whose rows are those of a table, and not about people. */
const tables = datasets.filter(
  (dataset): dataset is RowDataset => dataset.kind === 'row' && dataset.people === undefined,
);

const words = ['a', 'ab', 'b', 'B', 'ba', '%', 'a_b'];

/** Values of a column: few, so that many rows tie. */
function someValue(kind: string): fc.Arbitrary<Cell> {
  switch (kind) {
    case 'instant':
      return fc.constantFrom('2024-01-31T23:59:59Z', '2024-02-01T00:00:00Z');
    case 'text':
      return fc.constantFrom(...words);
    case 'boolean':
      return fc.boolean();
    case 'date':
      return fc.constantFrom('2024-01-31', '2024-02-01', '2024-02-29');
    case 'double':
      return fc.constantFrom(0, 0.5, 12.25);
    default:
      return fc.nat({ max: 4 });
  }
}

/** Rows of a dataset by API name, each with an identity of its own. */
const rowsOf = (dataset: RowDataset): readonly Values[] =>
  fc.sample(
    fc.uniqueArray(
      fc.record(
        Object.fromEntries(
          [...dataset.columns.values()].map(({ name, type, nullable }) => {
            const value = someValue(type.kind);
            const many = dataset.order.includes(name) && type.kind !== 'text' ? fc.nat() : value;
            return [name, nullable ? fc.option(many, { freq: 3 }) : many];
          }),
        ),
      ),
      {
        minLength: 5,
        maxLength: 40,
        selector: (row) => JSON.stringify(dataset.order.map((name) => row[name])),
      },
    ),
    { seed, numRuns: 1 },
  )[0] ?? [];

const folder = temporaryFolder();
const rows = new Map(tables.map((dataset) => [dataset.key, rowsOf(dataset)]));
let warehouse: Warehouse;
let handle: ReleaseHandle;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const instance = await DuckDBInstance.create(join(folder, servedFile));
  const connection = await instance.connect();
  try {
    for (const table of goldTables) await connection.run(createTable(undefined, table));
    const inColumns = (dataset: RowDataset, row: Values): Values =>
      Object.fromEntries(
        [...dataset.columns.values()].map(({ name, column }) => [column, row[name] ?? null]),
      );
    for (const dataset of tables)
      for (const statement of insertSql(
        dataset.table,
        (rows.get(dataset.key) ?? []).map((row) => inColumns(dataset, row)),
      ))
        await connection.run(statement);
    for (const statement of insertSql(releaseDay, [{ data_as_of: '2024-01-31' }]))
      await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  warehouse = await serveFile(folder, '2024-01-31');
  handle = warehouse.open();
}, 60_000);
afterAll(async () => {
  handle?.close();
  await warehouse?.close();
});

/** A role that has every column. */
const whoSeesAll = (dataset: RowDataset): Role =>
  dataset.roles.find((role) =>
    [...dataset.columns.keys()].every((name) => columnVisible(dataset, role, name)),
  )!;

const planOf = (
  dataset: RowDataset,
  question: RowQuestion,
  dialect = warehouse.dialect,
  role = whoSeesAll(dataset),
): Plan =>
  planFor(dataset, question, {
    dialect,
    gold: goldBuilder(),
    grant: makeGrant({
      role,
      trusts: null,
      purpose: 'HOPERAT',
      recipient: 'test',
    }),
    release: handle.info,
    rule: disclosureModes.default,
    yesterday: '2024-02-01',
    identifiers: testIdentifiers(),
    careDays: 30,
  });

async function read(plan: Plan): Promise<Values[]> {
  await handle.read(plan.statement, plan.output);
  // The second time it runs as it was prepared.
  const { columns, rowCount } = await handle.read(plan.statement, plan.output);
  return Array.from({ length: rowCount }, (_none, row) =>
    Object.fromEntries(namedOutput(plan).map(([name, place]) => [name, columns[place]?.[row] as Cell])),
  );
}

const asked = fc.constantFrom(...tables).chain((dataset) => {
  const names = [...dataset.columns.keys()];
  const test = fc.constantFrom(...names).chain((column): fc.Arbitrary<Filter> => {
    const { kind } = dataset.columns.get(column)!.type;
    const isText = kind === 'text';
    const offered = operators.filter(
      (op) =>
        (isText || !['startsWith', 'endsWith', 'contains'].includes(op)) &&
        (kind !== 'boolean' || ['eq', 'ne', 'isNull'].includes(op)),
    );
    return fc.constantFrom(...offered).chain((op: Operator) => {
      const value = someValue(kind);
      const given: fc.Arbitrary<Cell | Cell[]> =
        op === 'isNull' ? fc.boolean() : op === 'in' ? fc.array(value, { maxLength: 3 }) : value;
      return given.map((one): Filter => ({ kind: 'test', column, op, value: one }));
    });
  });
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: test },
      { weight: 1, arbitrary: tie('filter').map((part): Filter => ({ kind: 'not', part })) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { maxLength: 3 }))
          .map(([kind, parts]): Filter => ({ kind, parts })),
      },
    ),
  }));
  return fc
    .record({
      ...pageOf(names, filter, 12),
    })
    .map(({ where, ...page }) => ({
      dataset,
      question: { kind: 'row' as const, dataset: dataset.key, ...(where ? { where } : {}), ...page },
    }));
});

it(
  `answers ${runs} random questions for rows of tables (seed ${seed})`,
  async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(asked, async ({ dataset, question }) => {
        const all = (rows.get(dataset.key) ?? []).map((values) => ({ values }));
        const expected = ordered(all, question, dataset.order).map(({ values }) => values);
        const { sql } = planOf(dataset, question, tsqlDialect('synapse')).statement;
        expect(lintTsql(sql)).toEqual([]);
        let plan = planOf(dataset, question);
        const names = [...new Set([...question.select, ...plan.key.map(({ name }) => name)])];
        for (let from = 0; ; from += question.first) {
          const found = await read(plan);
          const page = expected.slice(from, from + question.first);
          expect(found.slice(0, question.first).map((row) => names.map((name) => row[name]))).toEqual(
            page.map((row) => names.map((name) => row[name])),
          );
          expect(found.length > question.first).toBe(expected.length > from + question.first);
          if (question.total && page.length > 0) expect(found[0]![totalColumn]).toBe(expected.length);
          shown += page.length;
          const last = found[question.first - 1];
          if (!last) break;
          const after = plan.key.map(({ name }) => last[name]!);
          plan = planOf(dataset, { ...question, after });
        }
      }),
      { seed, numRuns: runs, endOnFailure: process.env['MAPLEWOOD_TEST_SHRINK'] !== '1' },
    );
    expect(shown).toBeGreaterThan(runs);
  },
  timeLimit,
);

describe('what a plan of a table refuses', () => {
  const quarantine = tables.find(({ key }) => key === 'quarantine')!;
  it.each<[string, Role, Partial<RowQuestion>]>([
    ['a column that is not declared', 'data-steward', { select: ['batch_id'] }],
    [
      'it as a condition',
      'data-steward',
      { where: { kind: 'test', column: 'batch_id', op: 'eq', value: 1 } },
    ],
    ['it as an order', 'data-steward', { orderBy: [{ column: 'batch_id', descending: false }] }],
    ['the dataset for another role', 'auditor', { select: ['number'] }],
  ])('%s', (_what, role, more) => {
    const question = { kind: 'row', dataset: 'quarantine', orderBy: [], first: 1, total: false } as const;
    expect(() => planOf(quarantine, { ...question, select: [], ...more }, warehouse.dialect, role)).toThrow(
      expect.objectContaining({ code: 'POLICY_VIOLATION' }),
    );
  });
});
