import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  type AnswerSource,
  closed,
  type Lane,
  type RefusalReason,
  type RequestOutcome,
  type RoleLabel,
  type StatementOutcome,
} from './labels.js';
import {
  type LabelsOf,
  type MetricDeclaration,
  type MetricKey,
  metricDeclarations,
} from './metric-declarations.js';
import { observeProcess } from './process-figures.js';
import type { WithheldShape } from './search-line.js';

/** What is read at each scrape. A gauge whose reading is absent, or throws, is not told. */
export interface MetricSources {
  readonly statementsRunning?: () => number;
  readonly requestsWaiting?: () => number;
  readonly cache?: () => { readonly entries: number; readonly bytes: number };
  readonly auditWaiting?: () => number;
  /** The served release; undefined while there is none. */
  readonly release?: () =>
    | { readonly id: number; readonly publishedAt: string; readonly dataAsOf: string }
    | undefined;
  readonly connections?: () => number;
  readonly demotedRules?: () => number | undefined;
}

export interface MetricEffects {
  now(): Date;
}

export interface Metrics {
  request(ended: {
    readonly role: RoleLabel;
    readonly outcome: RequestOutcome;
    readonly code: LabelsOf<'requests'>['code'];
    readonly seconds: number;
  }): void;
  statement(ended: {
    readonly lane: Lane;
    readonly outcome: StatementOutcome;
    readonly seconds: number;
  }): void;
  refused(reason: RefusalReason): void;
  answered(from: AnswerSource): void;
  withheld(shape: LabelsOf<'withheld'>['shape']): void;
  lineWithheld(shape: WithheldShape): void;
  auditUnavailable(): void;
  /** All metrics in the text format of Prometheus; its media type is `contentType`. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Stops watching the process. */
  close(): void;
}

/**
 * The metrics of one server. `strict`, for tests: a label value outside of its list is an error; else it is told as
 * `other`.
 */
export function makeMetrics(
  sources: MetricSources,
  { strict = false }: { readonly strict?: boolean } = {},
  effects: MetricEffects = { now: () => new Date() },
): Metrics {
  const registry = new Registry();
  const { counter, histogram, gauge } = makers(registry, strict);
  const requests = counter('requests');
  const requestSeconds = histogram('requestSeconds');
  const statements = counter('statements');
  const statementSeconds = histogram('statementSeconds');
  const refusals = counter('refusals');
  const answers = counter('answers');
  const withheld = counter('withheld');
  const linesWithheld = counter('linesWithheld');
  const auditUnavailable = counter('auditUnavailable');
  const collected = histogram('garbageCollection');

  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }]);
  const since = (instant: string | undefined) =>
    one(instant === undefined ? undefined : (effects.now().getTime() - Date.parse(instant)) / 1000);
  gauge('statementsRunning', () => one(sources.statementsRunning?.()));
  gauge('requestsWaiting', () => one(sources.requestsWaiting?.()));
  gauge('cacheEntries', () => one(sources.cache?.().entries));
  gauge('cacheBytes', () => one(sources.cache?.().bytes));
  gauge('auditWaiting', () => one(sources.auditWaiting?.()));
  gauge('release', () => one(sources.release?.()?.id));
  gauge('releaseAge', () => since(sources.release?.()?.publishedAt));
  gauge('dataAge', () => {
    const day = sources.release?.()?.dataAsOf;
    return since(day === undefined ? undefined : `${day}T24:00:00Z`);
  });
  gauge('connections', () => one(sources.connections?.()));
  gauge('demotedRules', () => one(sources.demotedRules?.()));

  const figures = observeProcess((kind, seconds) => collected({ kind }, seconds));
  gauge('eventLoopDelay', figures.eventLoopDelay);
  gauge('heap', figures.heap);
  gauge('resident', () => one(process.memoryUsage.rss()));
  gauge('cpu', figures.cpu);
  gauge('started', () => one(Math.round(performance.timeOrigin / 1000)));

  return {
    request({ role, outcome, code, seconds }) {
      requests({ role, outcome, code });
      requestSeconds({ role }, seconds);
    },
    statement({ lane, outcome, seconds }) {
      statements({ lane, outcome });
      statementSeconds({ lane }, seconds);
    },
    refused: (reason) => refusals({ reason }),
    answered: (from) => answers({ from }),
    withheld: (shape) => withheld({ shape }),
    lineWithheld: (shape) => linesWithheld({ shape }),
    auditUnavailable: () => auditUnavailable({}),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: figures.close,
  };
}

interface Reading<L> {
  readonly labels: L;
  readonly value: number;
}

/** Makes declared metrics in a registry, and nothing else. */
function makers(registry: Registry, strict: boolean) {
  const options = ({ name, help, labels }: MetricDeclaration) => ({
    name,
    help,
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  const listed = (declaration: MetricDeclaration, given: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(declaration.labels).map(([label, values]) => [
        label,
        closed(values, (given as Record<string, unknown>)[label], `${declaration.name}{${label}}`, strict),
      ]),
    );
  return {
    counter<K extends MetricKey<'counter'>>(key: K): (labels: LabelsOf<K>) => void {
      const declaration: MetricDeclaration = metricDeclarations[key];
      const made = new Counter(options(declaration));
      // So that the first of its kind shows as a rise from zero.
      const [only, ...more] = Object.entries(declaration.labels);
      if (only && more.length === 0) for (const value of only[1]) made.inc({ [only[0]]: value }, 0);
      return (labels) => made.inc(listed(declaration, labels));
    },
    histogram<K extends MetricKey<'histogram'>>(key: K): (labels: LabelsOf<K>, value: number) => void {
      const declaration: MetricDeclaration = metricDeclarations[key];
      const made = new Histogram({ ...options(declaration), buckets: [...(declaration.buckets ?? [])] });
      return (labels, value) => made.observe(listed(declaration, labels), value);
    },
    gauge<K extends MetricKey<'gauge'>>(key: K, read: () => readonly Reading<LabelsOf<K>>[]): void {
      const declaration: MetricDeclaration = metricDeclarations[key];
      const made: Gauge = new Gauge({
        ...options(declaration),
        collect() {
          made.reset();
          if (Object.keys(declaration.labels).length === 0) made.remove();
          for (const { labels, value } of readings(read)) made.set(listed(declaration, labels), value);
        },
      });
    },
  };
}

/** What cannot be read now is absent: it must not cost the others. */
function readings<L>(read: () => readonly Reading<L>[]): readonly Reading<L>[] {
  try {
    return read();
  } catch {
    return [];
  }
}
