import type { TracingConfig } from '../../config/tracing.js';
import { noTracing, type Tracing } from './tracing.js';

/** Tracing as it is configured. The libraries are loaded only where there is somebody to send to. */
export async function openTracing(
  config: TracingConfig | null,
  options: { readonly strict?: boolean } = {},
): Promise<Tracing> {
  if (config === null) return noTracing;
  const { otlpTracing } = await import('./otlp-tracing.js');
  return otlpTracing(config, options);
}
