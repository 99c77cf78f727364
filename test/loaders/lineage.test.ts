import fc from 'fast-check';
import { upstreamOf } from '../../src/loaders/lineage.js';

const edge = (from: string, to: string, fromLayer = 'gold') => {
  const [fromTable = '', fromColumn = null] = from.split('.');
  const [toTable = '', toColumn = null] = to.split('.');
  return {
    fromLayer,
    fromTable,
    fromColumn,
    toLayer: 'gold',
    toTable,
    toColumn,
    kind: 'direct',
    transformation: null,
  };
};
const found = (name: string, edges: readonly ReturnType<typeof edge>[]) =>
  upstreamOf(name, edges)?.map(
    ({ depth, fromTable, fromColumn }) => `${depth} ${fromTable}.${fromColumn ?? '*'}`,
  );

describe('the way upstream', () => {
  const edges = [
    edge('a.x', 'b.x'),
    edge('b.x', 'c.x'),
    edge('b', 'c.x'),
    edge('a', 'b'),
    edge('run', 'c.made', 'made'),
  ];

  it('is told depth by depth, rows of tables among the columns', () => {
    expect(found('c.x', edges)).toEqual(['1 b.x', '1 b.*', '2 a.x', '2 a.*']);
  });

  it('is empty for what is delivered', () => expect(found('a.x', edges)).toEqual([]));

  it.each(['c.nothing', 'nothing.x', '', '.', 'c.x.y', 'run', '__proto__', 'c.constructor'])(
    'does not exist for %p',
    (name) => expect(upstreamOf(name, edges)).toBeUndefined(),
  );

  it('names each edge once and ends, whatever the edges are', () => {
    const name = fc.constantFrom('a', 'b.x', 'c.x', 'd.x', 'e');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 30 }), name, (pairs, start) => {
        const all = [...new Map(pairs.map(([from, to]) => [`${from} ${to}`, edge(from, to)])).values()];
        const way = upstreamOf(start, all) ?? [];
        expect(new Set(way.map(({ depth: _depth, ...one }) => JSON.stringify(one))).size).toBe(way.length);
        const depths = way.map(({ depth }) => depth);
        expect(depths).toEqual([...depths].sort((a, b) => a - b));
      }),
    );
  });
});
