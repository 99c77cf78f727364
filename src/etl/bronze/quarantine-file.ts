import { MaplewoodError } from '../../errors.js';
import { copy } from '../../lake/durable.js';
import type { Lake } from '../../lake/lake.js';
import { hashFile } from '../hash-file.js';
import type { LandingFile } from '../landing.js';

/** Folder in the lake of what a batch could not load. */
const quarantineFolder = (batch: number, run: string): string =>
  `quarantine/${String(batch).padStart(8, '0')}-${run}`;

/**
 * Keeps the bytes of a file that is refused as a whole, since a landing folder may be emptied. They are durable
 * when this returns. Gives their name in the lake. Error: `ETL_FAILED` if the file changed meanwhile.
 */
export async function quarantineFile(
  file: LandingFile,
  batch: number,
  run: string,
  lake: Lake,
): Promise<string> {
  const folder = quarantineFolder(batch, run);
  const name = `${folder}/${file.name}`;
  const path = lake.path(name);
  await copy(file.path, path, 'quarantine');
  if ((await hashFile(path)) !== file.sha256) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `${file.name} changed while it was read. Run again when its delivery is complete.`,
    );
  }
  // Each seal makes an entry durable in the folder above, up to the root of the lake.
  const parts = name.split('/');
  for (let depth = parts.length; depth > 0; depth -= 1) await lake.seal(parts.slice(0, depth).join('/'));
  return name;
}
