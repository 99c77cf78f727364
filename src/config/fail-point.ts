import { appendFileSync } from 'node:fs';

/** What the process does at its fail points. For tests only. */
export type FailPoint =
  | {
      /** Ends the process, or stops it until it gets a SIGCONT. */
      readonly does: 'kill' | 'stop';
      readonly point: string;
      /** At which passing, counted from 1. */
      readonly passing: number;
    }
  | {
      readonly does: 'list';
      /** Each point that is passed is appended to this file, one a line. */
      readonly file: string;
    };

/** `name[:n]`, `stop:name[:n]` or `list:FILE`; undefined for any other text. */
export function readFailPoint(text: string): FailPoint | undefined {
  const [, file] = /^list:(.+)$/.exec(text) ?? [];
  if (file !== undefined) return { does: 'list', file };
  const [, stop, point, passing = '1'] = /^(stop:)?([\w.-]+)(?::([1-9]\d{0,8}))?$/.exec(text) ?? [];
  return point === undefined
    ? undefined
    : { does: stop === undefined ? 'kill' : 'stop', point, passing: Number(passing) };
}

export interface FailPointEffects {
  /** Nothing is tidied or flushed by either signal. */
  signal(name: 'SIGKILL' | 'SIGSTOP'): void;
  note(file: string, point: string): void;
}
const onProcess: FailPointEffects = {
  signal: (name) => process.kill(process.pid, name),
  note: (file, point) => appendFileSync(file, `${point}\n`),
};

// A state of the process, not an argument: the points lie below every signature, and a crash is of the whole process.
let watch: ((point: string) => void) | undefined;

/** Makes the fail points of this process act; `null` lets them be passed unseen. */
export function armFailPoint(chosen: FailPoint | null, effects: FailPointEffects = onProcess): void {
  if (chosen === null) {
    watch = undefined;
  } else if (chosen.does === 'list') {
    watch = (point) => effects.note(chosen.file, point);
  } else {
    let left = chosen.passing;
    watch = (point) => {
      if (point !== chosen.point) return;
      left -= 1;
      if (left === 0) effects.signal(chosen.does === 'kill' ? 'SIGKILL' : 'SIGSTOP');
    };
  }
}

export const failPointArmed = (): boolean => watch !== undefined;

/** The process passes a point. Nothing happens unless a test has armed it. */
export const pass = (point: string): void => watch?.(point);

/** Work that changes the disk, between `<place>.before-<step>` and `<place>.after-<step>`. */
export async function around<T>(place: string, step: string, work: () => Promise<T>): Promise<T> {
  pass(`${place}.before-${step}`);
  const result = await work();
  pass(`${place}.after-${step}`);
  return result;
}

/** As `around`, for work that does not wait. */
export function aroundSync<T>(place: string, step: string, work: () => T): T {
  pass(`${place}.before-${step}`);
  const result = work();
  pass(`${place}.after-${step}`);
  return result;
}
