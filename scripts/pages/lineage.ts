import { contracts } from '../../src/etl/contracts/index.js';
import { type Edge, type End, type Layer, nameOf, upstreamEnds } from '../../src/etl/lineage/edge.js';
import { lineageEdges } from '../../src/etl/lineage/edges.js';
import { datasets, measureDatasets } from '../../src/schema/datasets.js';
import { martPlan } from '../../src/schema/mart-plan.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { code, type Page, page, table } from './page.js';

/** `docs/reference/lineage.md`: where every field and every column of gold comes from. */
export function lineagePage(): Page {
  const edges = lineageEdges({
    contracts,
    codeLists: () => undefined,
    marts: measureDatasets.map(martPlan),
    gold: goldBuilder(),
  });
  const origins = originsOf(edges);
  return page('docs/reference/lineage.md', 'Lineage', 'the declarations', [
    'From which columns the fields of the API and the columns of gold come. Shown are the columns that a value is computed from and the rows that it counts; what decides about rows, and every step between, tells the query `lineage` ([follow a figure back](../guides/follow-a-figure-back.md)).',
    '## Fields of the API',
    ...datasets.flatMap((dataset) => {
      const fields =
        dataset.kind === 'row'
          ? [...dataset.columns.keys()]
          : [...dataset.dimensions.keys(), ...dataset.measures.keys()];
      return [
        `### ${dataset.type.name}`,
        table(
          ['field', 'columns of gold', 'delivered columns and code lists'],
          fields.map((field) => {
            const found = origins(`${dataset.type.name}.${field}`);
            return [code(field), list(found, ['gold']), delivered(found)];
          }),
        ),
      ];
    }),
    '## Columns of gold',
    ...goldTables.flatMap(({ name, description, columns }) => [
      `### ${name}`,
      description,
      table(
        ['column', 'delivered columns and code lists'],
        Object.keys(columns).map((column) => [code(column), delivered(origins(`${name}.${column}`))]),
      ),
    ]),
  ]);
}

const list = (ends: readonly End[], layers: readonly Layer[]): string =>
  ends
    .filter(({ layer }) => layers.includes(layer))
    .map((end) => (end.column === null ? `rows of ${code(end.table)}` : code(nameOf(end))))
    .sort()
    .join(', ');

const delivered = (ends: readonly End[]): string => list(ends, ['source', 'reference']) || 'made by the load';

/**
 * Columns and counted rows behind a name. What only decides whether a field is shown is left out, and so are the columns
 * that decide which rows there are.
 */
function originsOf(edges: readonly Edge[]): (name: string) => End[] {
  const into = new Map<string, Edge[]>();
  for (const edge of edges) {
    const rows = edge.from.column === null;
    const counted = edge.kind === 'count' || (edge.to.column === null && edge.kind === 'direct');
    const shown = edge.to.layer === 'api' && edge.kind === 'filter';
    if (shown || (rows ? !counted : edge.to.column === null)) continue;
    const to = nameOf(edge.to);
    into.set(to, [...(into.get(to) ?? []), edge]);
  }
  return (name) => upstreamEnds(into, name);
}
