import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import type { LandingFile, LandingFormat } from '../../../src/etl/landing.js';

export type Json = Record<string, unknown>;

/** A transaction Bundle around resources, addressed by their ids as UUIDs. */
export const bundle = (resources: readonly Json[], type = 'transaction'): Json => ({
  resourceType: 'Bundle',
  type,
  entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${String(resource['id'])}`, resource })),
});

export const ndjson = (resources: readonly Json[]): string =>
  resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');

/** Puts a file into a landing folder and describes it as `discover` does. */
export function landed(folder: string, name: string, content: string | Buffer): LandingFile {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return {
    dataset: 'fhir',
    name,
    path,
    format: /(nd)?json(\.gz)?$/.exec(name)?.[0] as LandingFormat,
    bytes: statSync(path).size,
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
  };
}

export const engineAt = (folder: string): Promise<Engine> =>
  openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '512MB' });
