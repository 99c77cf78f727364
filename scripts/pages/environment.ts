import { type EnvironmentVariable, environmentVariables } from '../../src/config/environment.js';
import { configurationSchema } from '../../src/config/file.js';
import { defaultSettings } from '../../src/config/settings.js';
import { type StandardVariable, tracingVariables } from '../../src/config/tracing.js';
import { code, type Page, page, table } from './page.js';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** `docs/reference/environment.md`: variables and the configuration file. */
export function environment(): Page {
  const variables: readonly EnvironmentVariable[] = environmentVariables;
  const row = ({
    name,
    default: standard,
    description,
  }: EnvironmentVariable | StandardVariable): string[] => [
    code(name),
    standard === null ? '' : code(standard),
    description,
  ];
  return page('docs/reference/environment.md', 'Configuration', '`src/config/`', [
    'Maplewood is configured by environment variables. An empty one counts as absent; relative paths start from the folder in which the command runs; `<home>` is the value of `MAPLEWOOD_HOME`. `npx maplewood doctor` lists them with what is set, checks them, and names variables that look like ours and are none.',
    table(['variable', 'default', 'meaning'], variables.filter(({ testsOnly }) => !testsOnly).map(row)),
    'Traces are sent where these variables of the OpenTelemetry standard say. The exporter reads further ones of the standard itself, such as `OTEL_EXPORTER_OTLP_HEADERS`.',
    table(['variable', 'default', 'meaning'], tracingVariables.map(row)),
    'For tests only:',
    table(['variable', 'default', 'meaning'], variables.filter(({ testsOnly }) => testsOnly).map(row)),
    '## The configuration file',
    'The JSON file that `MAPLEWOOD_CONFIG` names. Every setting is optional; an unknown one is an error.',
    table(['setting', 'value', 'default'], settings('', configurationSchema as Schema, defaultSettings)),
  ]);
}

/** One row a setting, sections unfolded. */
function settings(path: string, schema: Schema, standard: unknown): string[][] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, inner]) =>
      settings(path === '' ? name : `${path}.${name}`, inner, (standard as Record<string, unknown>)[name]),
    );
  }
  return [[code(path), describe(schema), code(json(path, standard))]];
}

function describe(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(describe).join(' or ');
  if (schema.type === 'array') return `list of: ${describe(schema.items ?? {})}`;
  if (schema.properties) return `object of ${Object.keys(schema.properties).map(code).join(', ')}`;
  if (schema.additionalProperties) return `object; each value: ${describe(schema.additionalProperties)}`;
  if (schema.type === 'integer') return `whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'number') {
    return schema.maximum === undefined
      ? `number of at least ${schema.minimum}`
      : `number from ${schema.minimum} to ${schema.maximum}`;
  }
  if (schema.type === 'boolean') return '`true` or `false`';
  return schema.pattern ? `text of the form ${code(schema.pattern)}` : (schema.type ?? '');
}

/** The default as one would write it: disclosure control is chosen by the name of a mode. */
function json(path: string, value: unknown): string {
  if (path === 'disclosure') return '"default"';
  return JSON.stringify(value instanceof Map ? Object.fromEntries(value) : value);
}
