import type { CommandContext } from './command.js';

const width = 24;

/** Draws one line that is written over on a terminal; prints a line a step elsewhere, or JSON lines. */
export function progressTo(context: Pick<CommandContext, 'err' | 'terminal'>, json: boolean) {
  const named = new Set<string>();
  return {
    step(step: string, detail: string, done: number, total: number): void {
      if (json) {
        context.err(`${JSON.stringify({ step, detail, done, total })}\n`);
        return;
      }
      if (!context.terminal) {
        // Some steps go on side by side.
        if (!named.has(step)) context.err(`${step} …\n`);
        named.add(step);
        return;
      }
      const filled = total === 0 ? width : Math.round((done / total) * width);
      const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
      context.err(`\r\x1b[2K${step.padEnd(8)} ${bar} ${detail}`);
    },
    end(): void {
      if (!json && context.terminal) context.err('\r\x1b[2K');
    },
  };
}
