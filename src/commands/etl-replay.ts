import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config/environment.js';
import { openEngine } from '../etl/engine.js';
import { correctedFile } from '../etl/replay/corrected.js';
import { exportRefused, type RefusedExport } from '../etl/replay/export.js';
import type { Replay } from '../etl/replay/replay.js';
import { printReport, type RunReport } from '../etl/report.js';
import { newRunId } from '../etl/run-id.js';
import { type Command, type CommandContext, parse, required, wholeNumber } from './command.js';
import { etlFolders } from './etl-folders.js';

/** Runs the ETL with one corrected file. */
type Load = (
  config: Config,
  context: CommandContext,
  what: { landing: undefined; full: false; json: boolean; replay: Replay },
) => Promise<RunReport>;

/** `etl replay`: exports what is in quarantine of a batch, or loads the corrected file. */
export async function replayed(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
  load: Load,
): Promise<void> {
  const { values } = parse(command, args, {
    batch: { type: 'string' },
    file: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const batch = wholeNumber(command, '--batch', required(command, '--batch', values.batch));
  const config = context.config();
  const { lake, folders } = etlFolders(config);
  const folder = join(config.home.root, 'replay');
  const runId = newRunId(new Date());
  const engine = await openEngine({ spill: join(folders.spill, runId), threads: 1, memoryLimit: '512MB' });
  let replay: Replay;
  const scratch = join(folder, String(batch), `.${runId}`);
  try {
    try {
      if (values.file === undefined) {
        const exported = await exportRefused(engine, lake, folders.warehouse, folder, batch);
        context.out(values.json ? `${JSON.stringify(exported)}\n` : `${printExport(exported)}\n`);
        return;
      }
      replay = await correctedFile(engine, lake, batch, resolve(values.file), scratch);
    } finally {
      engine.close();
    }
    const { json } = values;
    const report = await load(config, context, { landing: undefined, full: false, json, replay });
    context.out(json ? `${JSON.stringify(report)}\n` : `${printReport(report)}\n`);
  } finally {
    await rm(scratch, { force: true });
  }
}

function printExport({ batch, name, file, rows, reason }: RefusedExport): string {
  if (file === null) return `No row of batch ${batch} (${name}) is in quarantine.`;
  const what =
    rows === null
      ? `The file of batch ${batch} (${name}), which was quarantined as a whole: ${reason ?? 'it could not be read'}.`
      : `${rows.toLocaleString('en-GB')} refused ${rows === 1 ? 'row' : 'rows'} of batch ${batch} (${name}).`;
  return `${what}
  ${file}
It may hold what identifies patients. Correct it, then run:
  maplewood etl replay --batch ${batch} --file FILE`;
}
