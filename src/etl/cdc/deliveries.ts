import { stat } from 'node:fs/promises';
import type { Lake } from '../../lake/lake.js';
import type { LandingFile } from '../landing.js';
import { changeName, listChanges } from './manifest.js';

/** The change files that captures have committed, as deliveries: datasets in the order given, each in sequence. */
export async function capturedChanges(lake: Lake, datasets: readonly string[]): Promise<LandingFile[]> {
  const changes = (await listChanges(lake)).filter(({ dataset }) => datasets.includes(dataset));
  changes.sort(
    (a, b) => datasets.indexOf(a.dataset) - datasets.indexOf(b.dataset) || a.sequence - b.sequence,
  );
  return Promise.all(
    changes.map(async ({ dataset, sequence, file, sha256 }) => {
      const path = lake.path(file);
      const { size } = await stat(path);
      return {
        dataset,
        name: changeName(dataset, sequence),
        path,
        format: 'parquet' as const,
        changes: true,
        bytes: size,
        sha256,
      };
    }),
  );
}
