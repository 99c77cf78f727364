import { MaplewoodError } from '../errors.js';

export interface StandardVariable {
  readonly name: `OTEL_${string}`;
  readonly description: string;
  readonly default: string | null;
}

/** Variables of the OpenTelemetry standard that the product reads; without an address nothing is traced. */
export const tracingVariables = [
  {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    default: null,
    description:
      'Address of a collector that takes OTLP over HTTP; traces go to /v1/traces below it. What it does not answer within 750 ms is lost.',
  },
  {
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    default: null,
    description: 'Address for traces alone, taken as it is; goes before the other.',
  },
  {
    name: 'OTEL_SERVICE_NAME',
    default: 'maplewood',
    description: 'Name of the service in its traces.',
  },
] as const satisfies readonly StandardVariable[];

type VariableName = (typeof tracingVariables)[number]['name'];

export interface TracingConfig {
  /** Where spans are sent. */
  readonly url: string;
  readonly serviceName: string;
}

/** Where traces go; null where none are wanted. An empty variable counts as absent. Error: `CONFIGURATION`. */
export function tracingConfig(env: NodeJS.ProcessEnv): TracingConfig | null {
  const value = (name: VariableName): string | null => env[name]?.trim() || null;
  const address = (name: VariableName): string | null => {
    const text = value(name);
    if (text === null) return null;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
      throw new MaplewoodError(
        'CONFIGURATION',
        `${name} must be an address such as http://127.0.0.1:4318, without a password.`,
      );
    }
    return url.href;
  };
  const base = address('OTEL_EXPORTER_OTLP_ENDPOINT');
  const url =
    address('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ??
    (base === null ? null : `${base.replace(/\/+$/, '')}/v1/traces`);
  const serviceName = value('OTEL_SERVICE_NAME') ?? 'maplewood';
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(serviceName)) {
    throw new MaplewoodError(
      'CONFIGURATION',
      'OTEL_SERVICE_NAME must be at most 64 letters, digits, points, hyphens and underscores.',
    );
  }
  return url === null ? null : { url, serviceName };
}
