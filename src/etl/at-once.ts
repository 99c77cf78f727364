import type { Engine } from './engine.js';

/** Many small statements as one transaction: each commit waits for the disk. */
export async function atOnce(engine: Pick<Engine, 'run'>, work: () => Promise<void>): Promise<void> {
  await engine.run('begin');
  try {
    await work();
  } catch (error) {
    await engine.run('rollback').catch(() => undefined);
    throw error;
  }
  await engine.run('commit');
}
