import fc from 'fast-check';
import { errorCatalogue } from '../../../src/errors.js';
import {
  type MetricDeclaration,
  metricDeclarations,
} from '../../../src/server/observe/metric-declarations.js';
import { type MetricSources, type Metrics, makeMetrics } from '../../../src/server/observe/metrics.js';
import { secrets, secretsIn } from './hostile.js';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text format of Prometheus, version 0.0.4; a line that is none of it is an error. */
function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const [, name, labels = '', value] =
      /^([a-z_]+)(?:\{(.*)\})? (-?[0-9.e+-]+|[+-]Inf|NaN)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    return [
      {
        name,
        labels: Object.fromEntries(
          [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map((found) => [found[1]!, found[2]!]),
        ),
        value: Number(value),
      },
    ];
  });
}

const declared: readonly MetricDeclaration[] = Object.values(metricDeclarations);
const now = new Date('2026-03-02T06:00:00Z');
const all: MetricSources = {
  statementsRunning: () => 2,
  requestsWaiting: () => 7,
  cache: () => ({ entries: 3, bytes: 4096 }),
  auditWaiting: () => 5,
  release: () => ({ id: 12, publishedAt: '2026-03-02T05:00:00Z', dataAsOf: '2026-02-28' }),
  connections: () => 9,
  demotedRules: () => 2,
};

const open: Metrics[] = [];
function metricsOf(sources: MetricSources = all, strict = true): Metrics {
  const metrics = makeMetrics(sources, { strict }, { now: () => now });
  open.push(metrics);
  return metrics;
}
afterEach(() => {
  for (const metrics of open.splice(0)) metrics.close();
});

const sampleOf = async (metrics: Metrics, name: string, labels: Record<string, string> = {}) =>
  samplesOf(await metrics.text()).find(
    (sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
  )?.value;

function useAll(metrics: Metrics): void {
  metrics.request({ role: 'analyst', outcome: 'answered', code: 'none', seconds: 0.03 });
  metrics.request({ role: 'none', outcome: 'refused', code: 'UNAUTHENTICATED', seconds: 0.001 });
  metrics.statement({ lane: 'query', outcome: 'done', seconds: 0.2 });
  metrics.statement({ lane: 'point', outcome: 'deadline', seconds: 10 });
  metrics.refused('overload');
  metrics.answered('cache');
  metrics.withheld('postcode');
  metrics.lineWithheld('token');
  metrics.auditUnavailable();
}

describe('the metrics of a server', () => {
  it('count, time and tell what is read at the scrape', async () => {
    const metrics = metricsOf();
    useAll(metrics);
    const role = 'analyst';
    expect(
      await sampleOf(metrics, 'maplewood_requests_total', { role, outcome: 'answered', code: 'none' }),
    ).toBe(1);
    expect(await sampleOf(metrics, 'maplewood_request_seconds_bucket', { le: '0.025', role })).toBe(0);
    expect(await sampleOf(metrics, 'maplewood_request_seconds_bucket', { le: '0.05', role })).toBe(1);
    expect(await sampleOf(metrics, 'maplewood_request_seconds_sum', { role })).toBe(0.03);
    expect(
      await sampleOf(metrics, 'maplewood_statements_total', { lane: 'point', outcome: 'deadline' }),
    ).toBe(1);
    expect(await sampleOf(metrics, 'maplewood_statements_running')).toBe(2);
    expect(await sampleOf(metrics, 'maplewood_requests_waiting')).toBe(7);
    expect(await sampleOf(metrics, 'maplewood_cache_bytes')).toBe(4096);
    expect(await sampleOf(metrics, 'maplewood_audit_records_waiting')).toBe(5);
    expect(await sampleOf(metrics, 'maplewood_audit_unavailable_total')).toBe(1);
    expect(await sampleOf(metrics, 'maplewood_release_id')).toBe(12);
    expect(await sampleOf(metrics, 'maplewood_release_age_seconds')).toBe(3600);
    // Since the end of 28 February: one day and six hours.
    expect(await sampleOf(metrics, 'maplewood_data_age_seconds')).toBe(30 * 3600);
    expect(await sampleOf(metrics, 'maplewood_connections')).toBe(9);
    expect(await sampleOf(metrics, 'maplewood_cds_demoted_rules')).toBe(2);
    expect(await sampleOf(metrics, 'maplewood_log_lines_withheld_total', { shape: 'token' })).toBe(1);
  });

  it('begin at zero where a rise is to be seen', async () => {
    const metrics = metricsOf();
    expect(await sampleOf(metrics, 'maplewood_refusals_total', { reason: 'rate' })).toBe(0);
    expect(await sampleOf(metrics, 'maplewood_answers_withheld_total', { shape: 'NHS number' })).toBe(0);
  });

  it('have none but the declared names, and labels with listed values', async () => {
    const metrics = metricsOf();
    useAll(metrics);
    const samples = samplesOf(await metrics.text());
    const seen = new Set<string>();
    for (const { name, labels } of samples) {
      const family = declared.find(({ name: own }) =>
        [own, `${own}_bucket`, `${own}_sum`, `${own}_count`].includes(name),
      );
      expect([name, family?.name]).toEqual([name, expect.stringMatching(/^maplewood_/)]);
      seen.add(family!.name);
      for (const [label, value] of Object.entries(labels)) {
        const values =
          label === 'le' ? [...(family!.buckets ?? []).map(String), '+Inf'] : family!.labels[label];
        expect([name, label, values]).toEqual([name, label, expect.arrayContaining([value])]);
      }
    }
    // A collection of garbage may not have been yet.
    expect([...seen, 'maplewood_garbage_collection_seconds'].sort()).toEqual(
      expect.arrayContaining(declared.map(({ name }) => name).sort()),
    );
  });

  it('know every code with which a request can end', () => {
    const overHttp = Object.entries(errorCatalogue).flatMap(([code, { http }]) =>
      http === null ? [] : [code],
    );
    expect(metricDeclarations.requests.labels.code).toEqual([...overHttp, 'none']);
  });

  it.each(['PAT_000123', '9434765919', 'constructor', '__proto__', '', 'analyst"} 1\nx{a="'])(
    'take no label value from outside of the list: %j',
    async (value) => {
      const use = (metrics: Metrics): void => {
        metrics.request({ role: value, outcome: value, code: value, seconds: 1 } as never);
        metrics.statement({ lane: value, outcome: value, seconds: 1 } as never);
        metrics.refused(value as never);
        metrics.answered(value as never);
        metrics.withheld(value as never);
        metrics.lineWithheld(value as never);
      };
      const strict = metricsOf();
      expect(() => use(strict)).toThrow('maplewood_requests_total{role} has a value outside of its list');
      const served = metricsOf(all, false);
      use(served);
      const labels = samplesOf(await served.text()).flatMap((sample) => Object.values(sample.labels));
      expect(labels).not.toContain(value);
      expect(
        await sampleOf(served, 'maplewood_requests_total', {
          role: 'other',
          outcome: 'other',
          code: 'other',
        }),
      ).toBe(1);
      expect(await sampleOf(served, 'maplewood_refusals_total', { reason: 'other' })).toBe(1);
    },
  );

  it('hold no value, whatever they are given', async () => {
    const metrics = metricsOf(all, false);
    const value = fc.oneof(
      fc.constantFrom(...secrets),
      fc.tuple(fc.string(), fc.constantFrom(...secrets)).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(value, value, (one, another) => {
        metrics.request({ role: one, outcome: another, code: one, seconds: 1, more: one } as never);
        metrics.statement({ lane: one, outcome: another, seconds: 1 } as never);
        for (const tell of [metrics.refused, metrics.answered, metrics.withheld, metrics.lineWithheld])
          tell(another as never);
      }),
    );
    expect(secretsIn(await metrics.text())).toEqual([]);
  });

  it('leave out what cannot be read now, and what there is not', async () => {
    let served: ReturnType<NonNullable<MetricSources['release']>> = {
      id: 4,
      publishedAt: '2026-03-01T00:00:00Z',
      dataAsOf: '2026-02-27',
    };
    const metrics = metricsOf({
      release: () => served,
      connections: () => {
        throw new Error('closed');
      },
    });
    expect(await sampleOf(metrics, 'maplewood_release_id')).toBe(4);
    expect(await sampleOf(metrics, 'maplewood_connections')).toBeUndefined();
    expect(await sampleOf(metrics, 'maplewood_cache_entries')).toBeUndefined();
    served = undefined;
    expect(await sampleOf(metrics, 'maplewood_release_id')).toBeUndefined();
    expect(await sampleOf(metrics, 'maplewood_data_age_seconds')).toBeUndefined();
    expect(await sampleOf(metrics, 'maplewood_resident_memory_bytes')).toBeGreaterThan(1e7);
  });

  it('belong to one server', async () => {
    const [one, another] = [metricsOf(), metricsOf()];
    one.refused('limits');
    expect(await sampleOf(one, 'maplewood_refusals_total', { reason: 'limits' })).toBe(1);
    expect(await sampleOf(another, 'maplewood_refusals_total', { reason: 'limits' })).toBe(0);
  });

  it('tell how late timers run, since the last scrape only', async () => {
    const metrics = metricsOf();
    const late = () => sampleOf(metrics, 'maplewood_event_loop_delay_seconds', { quantile: '1' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const until = performance.now() + 250;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await late()).toBeGreaterThan(0.15);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await late()).toBeLessThan(0.15);
  });

  it('tell of the collection of garbage', async () => {
    const metrics = metricsOf();
    const total = async () =>
      samplesOf(await metrics.text())
        .filter(({ name }) => name === 'maplewood_garbage_collection_seconds_count')
        .reduce((sum, { value }) => sum + value, 0);
    for (let round = 0; round < 100 && (await total()) === 0; round += 1) {
      Array.from({ length: 200_000 }, (_none, at) => ({ at }));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await total()).toBeGreaterThan(0);
  });
});
