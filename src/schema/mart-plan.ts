import { allowedGrains } from '../access/combinations.js';
import { roleDeclarations } from '../access/role.js';
import { count } from '../measures/aggregate.js';
import { figuresOf } from '../measures/figures.js';
import type { MartPlan, Published } from '../measures/mart.js';
import { subsets } from '../measures/mart.js';
import { narrowed } from '../measures/narrowed.js';
import { splitBy } from '../measures/source.js';
import { columnVisible } from './datasets.js';
import { argumentsOf, keptAggregates } from './declare/arguments.js';
import type { MeasureDataset } from './declare/dataset.js';

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The mart of a measure dataset: of the events that count by default. */
export const martPlan = (dataset: MeasureDataset): MartPlan => ({
  name: `mart_${snake(dataset.key)}`,
  source: narrowed(dataset.source, dataset.counted?.(argumentsOf(dataset.arguments)) ?? {}),
  parts: dataset.parts.parts,
  cubes: dataset.cubes,
  followed: dataset.followed?.(argumentsOf(dataset.arguments)) ?? 0,
  ...(publishedOf(dataset) ?? {}),
});

/** What of a dataset is published: to all roles with published figures alike. */
function publishedOf(dataset: MeasureDataset): { readonly published: Published } | undefined {
  const role = dataset.roles.find((one) => roleDeclarations[one].profile === 'published');
  if (role === undefined) return undefined;
  const { source, year } = dataset;
  const sets = subsets(dataset.by).flatMap((by) => {
    const grains = allowedGrains(role, dataset, by);
    // Of a dataset of years ALL is one of them.
    return grains.length === 0
      ? []
      : [{ by: splitBy(source, by), grains: year === undefined ? grains : (['YEAR'] as const) }];
  });
  const shown = [...dataset.measures.values()].filter(({ name }) => columnVisible(dataset, role, name));
  const defaults = argumentsOf(dataset.arguments);
  const aggregates = shown.flatMap((column) =>
    keptAggregates(column.name, column, defaults).map(([, aggregate]) => aggregate),
  );
  return {
    published: {
      sets,
      // That there is a cell tells that there are events.
      figures: figuresOf(dataset.parts, aggregates, count()),
      timeless: year !== undefined,
    },
  };
}
