import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesise } from '../../src/synth/synthesise.js';
import { datasetNames, landing } from './landing.js';

async function digests(seed: number, engine: Record<string, string>): Promise<Record<string, string>> {
  const { remove, ...options } = landing({
    patients: 600,
    seed,
    faultRate: 0.15,
    format: 'csv',
    observations: true,
  });
  await synthesise(options, undefined, { now: () => 0, engine });
  const files = [
    ...datasetNames.map((name) => `${name}/${name}.csv`),
    'faults.json',
    'fhir/observations.ndjson',
  ];
  const found = files.map((file) => [
    file,
    createHash('sha256')
      .update(readFileSync(join(options.out, file)))
      .digest('hex'),
  ]);
  remove();
  return Object.fromEntries(found);
}

describe('synth determinism', () => {
  it('gives the same bytes for a seed, on one thread as on several, and other rows for another seed', async () => {
    const first = await digests(3, { threads: '4' });
    expect(await digests(3, { threads: '4' })).toEqual(first);
    expect(await digests(3, { threads: '1', memory_limit: '1GB' })).toEqual(first);
    const other = await digests(4, {});
    expect(other['fhir/observations.ndjson']).not.toBe(first['fhir/observations.ndjson']);
    expect(other['sus_episodes/sus_episodes.csv']).not.toBe(first['sus_episodes/sus_episodes.csv']);
  });
});
