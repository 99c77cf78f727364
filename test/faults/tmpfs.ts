import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A small file system in memory. */
export interface SmallDisk {
  readonly path: string;
  /** `size=…`, `nr_inodes=…`, `ro`: options of tmpfs that can be changed while it is mounted. */
  remount(options: string): void;
  unmount(): void;
}

/** Mounts a tmpfs, or says why it cannot be. */
export function mountSmallDisk(path: string, options: string): SmallDisk | { readonly reason: string } {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { reason: 'a small disk can only be mounted on Linux, by root' };
  mkdirSync(path, { recursive: true });
  const call = (...args: readonly string[]): string | undefined => {
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
    return status === 0 ? undefined : stderr.trim() || 'mount could not be run';
  };
  const failed = call('-t', 'tmpfs', '-o', options, 'tmpfs', path);
  if (failed !== undefined) return { reason: `a small disk cannot be mounted here (${failed})` };
  return {
    path,
    remount(changed) {
      const reason = call('-o', `remount,${changed}`, path);
      if (reason !== undefined) throw new Error(reason);
    },
    unmount() {
      // A process that has just ended may still be let go of.
      for (let attempt = 0; attempt < 50; attempt += 1) {
        if (spawnSync('umount', [path]).status === 0) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
      throw new Error(`${path} cannot be unmounted`);
    },
  };
}
