import { join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';

/** An engine of the ETL without data. */
export const testEngine = (folder: string): Promise<Engine> =>
  openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
