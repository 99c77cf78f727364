import { readFileSync } from 'node:fs';

/** How often a run has passed each fail point, from the file in which it has listed them (`list:FILE`). */
export function passedIn(file: string): ReadonlyMap<string, number> {
  const passed = new Map<string, number>();
  for (const point of readFileSync(file, 'utf8').trimEnd().split('\n'))
    passed.set(point, (passed.get(point) ?? 0) + 1);
  return passed;
}
