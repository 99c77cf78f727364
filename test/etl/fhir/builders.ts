import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { hashFile } from '../../../src/etl/hash-file.js';
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

/** A file as `discover` describes it. */
export const fileAt = async (path: string, name = basename(path)): Promise<LandingFile> => ({
  dataset: 'fhir',
  name,
  path,
  changes: false,
  format: /(nd)?json(\.gz)?$/.exec(path)?.[0] as LandingFormat,
  bytes: statSync(path).size,
  sha256: await hashFile(path),
});

/** Puts a file into a landing folder. */
export async function landed(folder: string, name: string, content: string | Buffer): Promise<LandingFile> {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return fileAt(path, name);
}

export const engineAt = (folder: string, memoryLimit = '512MB'): Promise<Engine> =>
  openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit });
