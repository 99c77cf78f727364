/** Imports point downwards only (docs/explanation/architecture.md). */
const only = (from, allowed) => ({
  name: `${from}-imports-downwards`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: `^src/(${[from, ...allowed, 'config'].join('|')})/|^src/errors\\.ts$` },
});
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-imports-a-test',
      severity: 'error',
      from: { path: '^(src|migrations|bench)' },
      to: { path: '^test' },
    },
    {
      name: 'src-knows-no-bench',
      severity: 'error',
      from: { path: '^(src|migrations)' },
      to: { path: '^bench' },
    },
    only('config', []),
    only('warehouse', []),
    only('lake', []),
    only('state', ['lake']),
    only('forecast', []),
    only('measures', ['warehouse']),
    only('access', ['measures', 'warehouse']),
    only('audit', ['access', 'lake']),
    only('schema', ['access', 'forecast', 'measures', 'warehouse']),
    only('loaders', ['schema', 'access', 'forecast', 'measures', 'warehouse']),
    only('break-glass', ['loaders', 'schema', 'access', 'audit', 'state', 'warehouse']),
    only('resolvers', ['audit', 'break-glass', 'loaders', 'schema', 'access', 'forecast', 'warehouse']),
    only('cds', ['loaders', 'schema', 'access', 'measures', 'state', 'warehouse']),
    only('synth', []),
    only('etl', ['schema', 'access', 'measures', 'lake', 'warehouse']),
    only('server', ['resolvers', 'break-glass', 'cds', 'loaders', 'schema', 'access', 'audit', 'warehouse']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.json'] },
  },
};
