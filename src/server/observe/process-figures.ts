import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import type { LabelsOf } from './metric-declarations.js';

type Collection = LabelsOf<'garbageCollection'>['kind'];

const collections: ReadonlyMap<number, Collection> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
]);

interface CollectionEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

/** Milliseconds between two looks at how late a timer is; that much is subtracted from what is measured. */
const resolution = 10;

/** Figures of this process from now on. */
export function observeProcess(onCollection: (kind: Collection, seconds: number) => void) {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as unknown as readonly CollectionEntry[])
      onCollection(collections.get(entry.detail.kind) ?? 'other', entry.duration / 1000);
  });
  observer.observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();

  return {
    eventLoopDelay() {
      const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1000);
      const read = (['0.5', '0.9', '0.99', '1'] as const).map((quantile) => ({
        labels: { quantile },
        value: delay.count === 0 ? 0 : late(delay.percentile(Number(quantile) * 100)),
      }));
      delay.reset();
      return read;
    },
    heap() {
      const { heapUsed, heapTotal } = process.memoryUsage();
      return [
        { labels: { part: 'used' }, value: heapUsed },
        { labels: { part: 'total' }, value: heapTotal },
      ] as const;
    },
    cpu() {
      const { user, system } = process.cpuUsage();
      return [
        { labels: { mode: 'user' }, value: user / 1e6 },
        { labels: { mode: 'system' }, value: system / 1e6 },
      ] as const;
    },
    close() {
      observer.disconnect();
      delay.disable();
    },
  };
}
