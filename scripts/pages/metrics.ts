import { type MetricDeclaration, metricDeclarations } from '../../src/server/observe/metric-declarations.js';
import { code, codes, type Page, page, table } from './page.js';

/** `docs/reference/metrics.md`: every metric with all values of its labels. */
export function metrics(): Page {
  const declared: readonly MetricDeclaration[] = Object.values(metricDeclarations);
  return page('docs/reference/metrics.md', 'Metrics', '`src/server/observe/metric-declarations.ts`', [
    'In the text format of Prometheus. A label has no values but those listed here; `other` in a label means a defect of the server. No metric holds a value of the data, a token or an identifier.',
    table(
      ['metric', 'kind', 'meaning', 'labels'],
      declared.map(({ name, kind, help, labels }) => [code(name), kind, help, codes(Object.keys(labels))]),
    ),
    '## Labels',
    table(
      ['metric', 'label', 'values'],
      declared.flatMap(({ name, labels }) =>
        Object.entries(labels).map(([label, values]) => [code(name), code(label), codes(values)]),
      ),
    ),
    '## Buckets',
    'A histogram has, beside its buckets, `_sum` and `_count`.',
    table(
      ['metric', 'upper bounds, in seconds'],
      declared.flatMap(({ name, buckets }) => (buckets ? [[code(name), buckets.join(', ')]] : [])),
    ),
  ]);
}
