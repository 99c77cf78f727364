import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ingestFhir } from '../../../src/etl/fhir/ingest.js';
import { folderLake } from '../../../src/lake/folder.js';
import { engineAt, fileAt } from './builders.js';

/**
 * Ingests a smaller file and then a large one in a process of its own, and prints by how many MB the resident set had to
 * grow for the large one. Arguments: a working folder, the small file, the large file.
 */
async function main([folder = '', small = '', large = '']: readonly string[]): Promise<void> {
  const engine = await engineAt(folder, '320MB');
  const context = {
    connection: engine.connection,
    lake: folderLake(join(folder, 'lake')),
    run: 'r',
    loadedAt: '2024-01-01T00:00:00Z',
  };
  await ingestFhir(await fileAt(small), 1, context);
  const before = process.resourceUsage().maxRSS;
  const batch = await ingestFhir(await fileAt(large), 2, context);
  const growth = (process.resourceUsage().maxRSS - before) / 1024;
  engine.close();
  rmSync(join(folder, 'lake'), { recursive: true });
  process.stdout.write(JSON.stringify({ growth, rows: batch.rows, unreadable: batch.unreadable }));
}

void main(process.argv.slice(2));
