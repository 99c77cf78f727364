import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCatalogue, MaplewoodError } from '../../errors.js';
import { facet, type LineageDataset, type RunEvent, runEvent } from './event.js';

/** Events of one run, appended to `<runId>.openlineage.ndjson` beside its report. */
export interface RunJournal {
  started(inputs?: readonly LineageDataset[]): Promise<void>;
  completed(inputs: readonly LineageDataset[], outputs: readonly LineageDataset[]): Promise<void>;
  /** Never throws: what stopped the run is told to its caller, whatever becomes of the file. */
  stopped(error: unknown): Promise<void>;
}

/** A run that is killed leaves its START alone. */
export function runJournal(folder: string, runId: string, now: () => Date): RunJournal {
  const file = join(folder, `${runId}.openlineage.ndjson`);
  const run = { runId: runUuid(runId) };
  const write = (event: RunEvent): Promise<void> =>
    appendFile(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
  return {
    started: (inputs = []) => write(runEvent('START', now(), run, { inputs })),
    completed: (inputs, outputs) => write(runEvent('COMPLETE', now(), run, { inputs, outputs })),
    async stopped(error) {
      const code = error instanceof MaplewoodError ? error.code : 'ETL_FAILED';
      // The catalogue's own sentence: a message may name folders of the machine, a cause values of the data.
      const message = `${code}: ${errorCatalogue[code].meaning}`;
      const facets = facet('errorMessage', { message, programmingLanguage: 'TypeScript' });
      const ending = code === 'RELEASE_OVERTAKEN' ? 'ABORT' : 'FAIL';
      await write(runEvent(ending, now(), { ...run, facets })).catch(() => undefined);
    },
  };
}

/** UUID (version 8, RFC 9562) of a run: the same for the same run id, since the specification asks for one. */
export function runUuid(runId: string): string {
  const bytes = createHash('sha256').update(`maplewood run ${runId}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [0, 8, 12, 16, 20].map((from, index, starts) => hex.slice(from, starts[index + 1])).join('-');
}
