import { loadConfig } from '../../src/config/environment.js';
import { tracingConfig } from '../../src/config/tracing.js';

const urlOf = (env: NodeJS.ProcessEnv): string | undefined => tracingConfig(env)?.url;

describe('where traces go', () => {
  it('is nowhere unless an address is set', () => {
    expect(tracingConfig({})).toBeNull();
    expect(tracingConfig({ OTEL_SERVICE_NAME: 'gold', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })).toBeNull();
    expect(loadConfig({}, '/srv/app').tracing).toBeNull();
  });

  it('is below the address of the collector', () => {
    for (const address of ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/'])
      expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: address })).toBe('http://127.0.0.1:4318/v1/traces');
    expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example/in' })).toBe(
      'https://otel.example/in/v1/traces',
    );
  });

  it('is the address for traces, as it is, where there is one', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4319/traces',
      OTEL_SERVICE_NAME: 'gold.north',
    };
    expect(loadConfig(env, '/srv/app').tracing).toEqual({
      url: 'http://127.0.0.1:4319/traces',
      serviceName: 'gold.north',
    });
  });

  it.each([
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://127.0.0.1:4317' },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://me:word@127.0.0.1:4318' },
    { OTEL_SERVICE_NAME: 'two words' },
    { OTEL_SERVICE_NAME: 'x'.repeat(65) },
  ])('is refused with what to write: %j', (env) => {
    const [[name, value]] = Object.entries(env) as [[string, string]];
    expect(() => tracingConfig(env)).toThrow(new RegExp(`^${name} must be`));
    expect(() => tracingConfig(env)).not.toThrow(value);
  });
});
