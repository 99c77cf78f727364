import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../config/home.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { createExclusively, isDraft, remove, removeDrafts, sync } from './durable.js';
import type { Lake } from './lake.js';

/** A lake in a local folder. Its fail points are named after the first folder of a name: `lake.batches.before-link`. */
export function folderLake(root: string): Lake {
  const at = (name: string): string => join(root, name);
  const size = async (name: string): Promise<number | undefined> => {
    try {
      return (await stat(at(name))).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    path(name) {
      makeFolder(dirname(at(name)), placeOf(name));
      return at(name);
    },
    async seal(name) {
      await sync(at(name), placeOf(name));
      await sync(dirname(at(name)), placeOf(name), 'fsync-folder');
    },
    putIfAbsent: (name, content) =>
      createExclusively(at(name), `${JSON.stringify(content, null, 1)}\n`, placeOf(name)),
    async readJson(name) {
      const text = await readFile(at(name), 'utf8');
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new MaplewoodError(
          'LAKE_DAMAGED',
          `${name} in the lake is damaged: it is no JSON. Restore it from a backup of the lake and run again.`,
          { cause },
        );
      }
    },
    size,
    async list(folder) {
      try {
        return (await readdir(at(folder))).filter((name) => !isDraft(name)).sort();
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return [];
        throw error;
      }
    },
    removeDrafts: (folder) => removeDrafts(at(folder), placeOf(folder)),
    exists: async (name) => (await size(name)) !== undefined,
    remove: (name) => remove(at(name), placeOf(name)),
  };
}

const placeOf = (name: string): string => `lake.${name.split('/')[0] ?? ''}`;
