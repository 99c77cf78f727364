import {
  type Compilable,
  DummyDriver,
  Kysely,
  MssqlAdapter,
  MssqlIntrospector,
  MssqlQueryCompiler,
  type RootOperationNode,
  sql,
} from 'kysely';
import { assertPortable } from '../../src/warehouse/portable.js';
import { type PortableRule, portableRules } from '../../src/warehouse/portable-rules.js';
import { bind, TypedValue } from '../../src/warehouse/value.js';

interface Tables {
  a: { id: number; name: string; flag: boolean };
  b: { id: number; name: string };
}

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new MssqlAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new MssqlIntrospector(database),
    createQueryCompiler: () => new MssqlQueryCompiler(),
  },
});

const check = (query: Compilable) =>
  assertPortable((query as unknown as { toOperationNode(): RootOperationNode }).toOperationNode());
const from = db.selectFrom('a');
const ids = from.select('id');
const value = (name: string) => new TypedValue({ kind: 'text', length: 20 }, name) as unknown as string;
const id = (number: number) => new TypedValue({ kind: 'int32' }, number) as unknown as number;

/** What each rule refuses; Kysely compiles all of it for T-SQL without a word. */
const refused: Record<PortableRule, readonly Compilable[]> = {
  limit: [ids.limit(5)],
  offset: [ids.orderBy('id').offset(5)],
  fetch: [ids.orderBy('id').fetch(5)],
  'top-modifier': [ids.top(5, 'percent').orderBy('id'), ids.top(5, 'with ties').orderBy('id')],
  'nulls-order': [
    ids.orderBy('id', (o) => o.asc().nullsFirst()),
    ids.orderBy('id', (o) => o.desc().nullsLast()),
  ],
  'nested-order': [
    db.selectFrom(ids.orderBy('id').as('n')).select('n.id'),
    db
      .with('c', () => ids.orderBy('id'))
      .selectFrom('c')
      .select('c.id'),
  ],
  'filter-where': [from.select((eb) => eb.fn.sum('id').filterWhere('id', '>', id(1)).as('s'))],
  tuple: [ids.where((eb) => eb(eb.refTuple('id', 'name'), '=', eb.tuple(id(1), value('x'))))],
  'distinct-on': [ids.distinctOn('name')],
  'select-modifier': [ids.forUpdate(), ids.forShare().skipLocked(), ids.modifyFront(sql`straight_join`)],
  returning: [
    db
      .insertInto('b')
      .columns(['id', 'name'])
      .expression(from.select(['id', 'name']))
      .returning('id'),
  ],
  output: [
    db
      .insertInto('b')
      .values({ id: id(1), name: value('x') })
      .output('inserted.id'),
  ],
  recursive: [
    db
      .withRecursive('c', () => ids)
      .selectFrom('c')
      .select('c.id'),
  ],
  'nested-with': [
    db
      .selectFrom(
        db
          .with('c', () => ids)
          .selectFrom('c')
          .select('c.id')
          .as('n'),
      )
      .select('n.id'),
    db
      .with('c', () => from.select(['id', 'name']))
      .insertInto('b')
      .columns(['id', 'name'])
      .expression((eb) => eb.selectFrom('c').select(['c.id', 'c.name'])),
  ],
  'cte-modifier': [
    db
      .with(
        (cte) => cte('c').materialized(),
        () => ids,
      )
      .selectFrom('c')
      .select('c.id'),
  ],
  'like-pattern': [
    ids.where('name', 'like', value('a%')),
    ids.where('name', 'not like', sql.ref<string>('id')),
  ],
  ilike: [ids.where('name', 'ilike', value('a')), ids.where('name', 'not ilike', value('a'))],
  'distinct-from': [
    ids.where('id', 'is distinct from', id(1)),
    ids.where('id', 'is not distinct from', id(1)),
  ],
  concatenation: [from.select((eb) => eb('name', '||', eb.ref('name')).as('n'))],
  division: [from.select((eb) => eb('id', '/', eb.ref('id')).as('n'))],
  operator: [from.select((eb) => eb('id', '&', eb.ref('id')).as('n')), ids.where('name', '~', value('x'))],
  'literal-boolean': [
    ids.where('flag', '=', sql.lit(true)),
    ids.where('flag', 'is', true),
    ids.where(sql<boolean>`true`),
    from.innerJoin('b', (join) => join.onTrue()).select('a.id'),
  ],
  'bare-predicate': [
    ids.where((eb) => eb.ref('flag')),
    ids.where((eb) => eb.not(eb.ref('flag'))),
    ids.where((eb) => eb.and([eb.ref('flag'), eb('id', '>', id(1))])),
    ids.where((eb) => eb.or([eb('id', '>', id(1)), eb.ref('flag')])),
    ids.groupBy('id').having((eb) => eb.ref('flag')),
    from.innerJoin('b', (join) => join.on((eb) => eb.ref('a.flag'))).select('a.id'),
    from.select((eb) => eb.case().when(eb.ref('flag')).then(1).end().as('n')),
  ],
  'boolean-value': [
    from.select((eb) => eb('id', '=', id(1)).as('n')),
    from.select((eb) => eb.or([eb('id', '=', id(1)), eb('id', '=', id(2))]).as('n')),
    ids.orderBy((eb) => eb('id', '=', id(1))),
    ids.groupBy((eb) => eb('id', 'is', null)),
    from.select((eb) => eb.fn.max(eb('id', '=', id(1)) as never).as('n')),
  ],
  'multi-row-values': [
    db.insertInto('b').values([
      { id: id(1), name: value('x') },
      { id: id(2), name: value('y') },
    ]),
  ],
  'values-table': [
    db
      .selectFrom(sql`t`.as('t'))
      .select(sql`1`.as('n'))
      .where(({ exists }) => exists(valuesTable())),
  ],
  'empty-in': [ids.where('id', 'in', []), ids.where('id', 'not in', [])],
  lateral: [
    from
      .innerJoinLateral(
        (eb) => eb.selectFrom('b').select('b.id as bid').as('l'),
        (join) => join.onRef('l.bid', '=', 'a.id'),
      )
      .select('a.id'),
    from.crossApply((eb) => eb.selectFrom('b').select('b.id as bid').as('l')).select('a.id'),
    from.outerApply((eb) => eb.selectFrom('b').select('b.id as bid').as('l')).select('a.id'),
  ],
  using: [{ toOperationNode: usingNode } as unknown as Compilable],
  merge: [db.mergeInto('a').using('b', 'a.id', 'b.id').whenMatched().thenDelete()],
  'on-conflict': [
    db
      .insertInto('b')
      .columns(['id', 'name'])
      .expression(from.select(['id', 'name']))
      .onConflict((c) => c.doNothing()),
  ],
  change: [db.updateTable('a').set({ name: value('x') }), db.deleteFrom('a').where('id', '=', id(1))],
  'insert-form': [
    db.insertInto('b').defaultValues(),
    db.insertInto('b').expression(from.select(['id', 'name'])),
    db.replaceInto('b').values({ id: id(1), name: value('x') }),
    db
      .insertInto('b')
      .orIgnore()
      .values({ id: id(1), name: value('x') }),
  ],
  definition: [
    db.schema.createTable('t').addColumn('id', 'integer'),
    db.schema.dropTable('t'),
    db.schema.createSchema('s'),
  ],
  explain: [explained()],
  json: [
    from.select(
      (eb) =>
        eb
          .ref('name', '->$' as never)
          .key('x' as never)
          .as('n') as never,
    ),
  ],
  collate: [ids.orderBy('name', (o) => o.collate('Latin1_General_CI_AS'))],
  cast: [
    from.select((eb) => eb.cast('id', 'varchar').as('n')),
    from.select((eb) => eb.cast('id', sql`float`).as('n')),
  ],
  count: [
    from.select((eb) => eb.fn.countAll().as('n')),
    from.select((eb) => eb.fn.count('id').distinct().as('n')),
  ],
  'average-of-column': [from.select((eb) => eb.fn.avg('id').as('n'))],
  aggregate: [from.select((eb) => eb.fn.agg('quantile_cont', ['id']).as('n'))],
  'ordered-aggregate': [
    from.select((eb) => eb.fn.agg('max', ['id']).orderBy('id').as('n')),
    from.select((eb) => eb.fn.agg('max', ['id']).withinGroupOrderBy('id').as('n')),
  ],
  function: [from.select((eb) => eb.fn('regexp_replace', ['name']).as('n'))],
  'case-statement': [from.select((eb) => eb.case().when('id', '=', id(1)).then(1).endCase().as('n'))],
  'grouped-parameter': [
    ids.groupBy(sql`id % ${bind({ kind: 'int32' }, 2)}`),
    ids.groupBy((eb) => eb('id', '+', id(1))),
  ],
  'group-ordinal': [ids.groupBy(sql.lit(1))],
  'set-operation-all': [ids.exceptAll(ids), ids.intersectAll(ids)],
  'bare-value': [
    ids.where('id', '=', 1),
    ids.where('id', 'in', [1, 2]),
    ids.where(sql<boolean>`id = ${1}`),
    ids.where('name', '=', value('x')).where('name', '=', 'y'),
    db.insertInto('b').values({ id: 1, name: 'x' }),
  ],
  parameters: [
    ids.where(
      'id',
      'in',
      Array.from({ length: 2001 }, (_, n) => id(n)),
    ),
    ids.where(
      sql<boolean>`id in (${sql.join(Array.from({ length: 2001 }, (_, n) => bind({ kind: 'int32' }, n)))})`,
    ),
  ],
  unknown: [{ toOperationNode: () => ({ kind: 'NewNode' }) } as unknown as Compilable],
};

function valuesTable() {
  const row = { kind: 'PrimitiveValueListNode', values: [id(1)] };
  return {
    toOperationNode: () => ({ kind: 'ValuesNode', values: [row] }),
    expressionType: undefined,
  } as never;
}

function usingNode(): RootOperationNode {
  const node = ids.toOperationNode();
  return { ...node, using: { kind: 'UsingNode', tables: [] } } as unknown as RootOperationNode;
}

function explained(): Compilable {
  const node = { ...ids.toOperationNode(), explain: { kind: 'ExplainNode' } };
  return { toOperationNode: () => node } as unknown as Compilable;
}

describe('the portable subset', () => {
  describe.each(Object.keys(portableRules) as PortableRule[])('refuses %s', (rule) => {
    it.each(refused[rule].map((query, n) => [n, query] as const))(
      'form %i, and names the rule',
      (_, query) => {
        expect(() => check(query)).toThrow(`not portable (${rule}): ${portableRules[rule]}`);
      },
    );
  });

  it('has an example of each rule', () => {
    expect(Object.values(refused).filter((examples) => examples.length === 0)).toEqual([]);
  });

  it.each<[string, Compilable]>([
    [
      'a page of keys',
      from
        .select(['id', 'name'])
        .where((eb) =>
          eb.or([eb('name', '>', value('x')), eb.and([eb('name', '=', value('x')), eb('id', '>', id(7))])]),
        )
        .top(26)
        .orderBy('name')
        .orderBy('id'),
    ],
    [
      'nulls ordered by CASE',
      ids.orderBy((eb) => eb.case().when('name', 'is', null).then(1).else(0).end()).orderBy('name'),
    ],
    ['a list of bound values', ids.where('id', 'in', [id(1), id(2)])],
    ['a list of expressions', ids.where('id', 'in', [bind<number>({ kind: 'int32' }, 1)])],
    ['a literal pattern', ids.where('name', 'like', sql.lit('J4%'))],
    ['between', ids.where((eb) => eb.between('id', eb.ref('id'), eb.ref('id')))],
    ['a flag compared with 1', ids.where('flag', '=', sql.lit(1) as never)],
    [
      'a typed null',
      db
        .insertInto('b')
        .values({ id: id(1), name: new TypedValue({ kind: 'text', length: 9 }, null) as never }),
    ],
    [
      'INSERT … SELECT',
      db
        .insertInto('b')
        .columns(['id', 'name'])
        .expression(from.select(['id', 'name'])),
    ],
    [
      'a CTE before SELECT',
      db
        .with('c', () => ids)
        .selectFrom('c')
        .select('c.id')
        .orderBy('c.id'),
    ],
    [
      'the first row of each',
      db
        .selectFrom(
          from
            .select((eb) => [
              'id',
              eb.fn
                .agg<number>('row_number')
                .over((o) => o.partitionBy('name').orderBy('id'))
                .as('rn'),
            ])
            .as('n'),
        )
        .select('n.id')
        .where('n.rn', '=', sql.lit(1)),
    ],
    ['top rows of a derived table', db.selectFrom(ids.top(1).orderBy('id').as('n')).select('n.id')],
    [
      'EXISTS',
      ids.where((eb) => eb.not(eb.exists(eb.selectFrom('b').select('b.id').whereRef('b.id', '=', 'a.id')))),
    ],
    ['UNION ALL', ids.unionAll(db.selectFrom('b').select('b.id'))],
    ['DISTINCT', ids.distinct()],
    ['the mean of a cast', from.select((eb) => eb.fn.avg(sql<number>`cast(id as float)`).as('m'))],
    [
      'grouping by a literal inside an expression',
      from.select(sql`id % ${sql.lit(5)}`.as('g')).groupBy(sql`id % ${sql.lit(5)}`),
    ],
    [
      'CASE over a value',
      from.select((eb) =>
        eb
          .case(eb.ref('flag'))
          .when(sql.lit(1) as never)
          .then(1)
          .end()
          .as('n'),
      ),
    ],
    [
      '2,000 parameters',
      ids.where(
        'id',
        'in',
        Array.from({ length: 2000 }, (_, n) => id(n)),
      ),
    ],
  ])('takes %s', (_, query) => {
    expect(() => check(query)).not.toThrow();
  });
});
