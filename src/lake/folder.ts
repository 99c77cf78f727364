import { mkdirSync } from 'node:fs';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../errors.js';
import { createExclusively, sync } from './durable.js';
import type { Lake } from './lake.js';

/** A lake in a local folder. */
export function folderLake(root: string): Lake {
  const at = (name: string): string => join(root, name);
  return {
    path(name) {
      mkdirSync(dirname(at(name)), { recursive: true, mode: 0o700 });
      return at(name);
    },
    async seal(name) {
      await sync(at(name));
      await sync(dirname(at(name)));
    },
    putIfAbsent: (name, content) => createExclusively(at(name), `${JSON.stringify(content, null, 1)}\n`),
    async readJson(name) {
      return JSON.parse(await readFile(at(name), 'utf8')) as unknown;
    },
    async list(folder) {
      try {
        return (await readdir(at(folder))).filter((name) => !name.endsWith('.draft')).sort();
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return [];
        throw error;
      }
    },
    async exists(name) {
      try {
        await access(at(name));
        return true;
      } catch {
        return false;
      }
    },
    async remove(name) {
      await rm(at(name), { recursive: true, force: true });
    },
  };
}
