import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../config/home.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { readOrCreateSecretFile, readSecretFile } from './secret-file.js';
import { deploymentId, type Secrets } from './secrets.js';

const ending = '.key';

/** The files of a home, read when they are asked for. Errors of reading them: `CONFIGURATION`, `HOME_NOT_WRITABLE`, `DISK_FULL`. */
export function keyFiles({ keys }: Pick<Home, 'keys'>, create: boolean): Secrets {
  const called = (name: string): string => (name === deploymentId ? name : `${name}${ending}`);
  const place = (name: string): string => join(keys, called(name));
  return {
    names: () =>
      filesIn(keys).flatMap((file) => {
        if (file === deploymentId) return [file];
        return file.endsWith(ending) ? [file.slice(0, -ending.length)] : [];
      }),
    read: (name, make) =>
      make === undefined ? readSecretFile(place(name)) : readOrCreateSecretFile(place(name), create, make),
    called,
    place,
    remedy: () => 'Restore it from its backup; on a new installation run maplewood etl run first.',
  };
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new MaplewoodError(
      'CONFIGURATION',
      `The folder ${folder} cannot be read (${systemCode(error)}). Give it to the user that runs this command.`,
      { cause: error },
    );
  }
}
