import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { keyring } from '../access/keyring.js';
import { recipientTokens } from '../access/recipient-token.js';
import { type ExportQuestion, exportEvents } from '../audit/export.js';
import type { Config } from '../config/environment.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { moveDurably, remove } from '../lake/durable.js';
import { type Command, type CommandContext, parse } from './command.js';

/** `audit export`: the records as FHIR AuditEvents, one a line. */
export async function exported(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values } = parse(command, args, {
    from: { type: 'string' },
    to: { type: 'string' },
    out: { type: 'string' },
    recipient: { type: 'string' },
  });
  const instant = (option: 'from' | 'to', otherwise: number): number => {
    const given = values[option];
    if (given === undefined) return otherwise;
    const at = isInstant.test(given) ? Date.parse(given) : Number.NaN;
    if (Number.isNaN(at))
      throw new MaplewoodError(
        'USAGE',
        `--${option} must be a day or an instant with its zone, such as 2026-01-31 or 2026-01-31T09:00:00Z.\nUsage: ${command.usage}`,
      );
    return at;
  };
  const from = instant('from', Number.NEGATIVE_INFINITY);
  const to = instant('to', Number.POSITIVE_INFINITY);
  const { recipient } = values;
  if (recipient === '') throw new MaplewoodError('USAGE', `--recipient is empty.\nUsage: ${command.usage}`);
  const config = context.config();
  const { service, earlierAudit } = await keyring(config).api();
  const question: ExportQuestion = {
    from,
    to,
    site: siteOf(config),
    ...(recipient === undefined
      ? {}
      : { patients: { recipient, tokens: recipientTokens(service, 'patient', recipient) } }),
  };
  const auditKeys = [service.audit, ...earlierAudit.values()];
  const lines = linesOf(exportEvents(config.home.audit, auditKeys, question));
  if (values.out === undefined) for await (const text of lines) context.out(text);
  else await writeWhole(resolve(values.out), lines);
}

/** A day begins at midnight in UTC, as instants of the log are. */
const isInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

const siteOf = ({ publicUrl, host, port }: Config): string =>
  publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Characters that are written at once, about. */
const pieceLength = 64 * 1024;

async function* linesOf(events: ReturnType<typeof exportEvents>): AsyncGenerator<string> {
  let piece = '';
  for await (const some of events)
    for (const event of some) {
      piece += `${JSON.stringify(event)}\n`;
      if (piece.length < pieceLength) continue;
      yield piece;
      piece = '';
    }
  if (piece !== '') yield piece;
}

/** Writes a file in full or not at all, for its owner alone. Errors: `USAGE` where it cannot be made; `DISK_FULL`. */
async function writeWhole(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      for await (const piece of pieces) await file.appendFile(piece);
    } finally {
      await file.close();
    }
    await moveDurably(draft, path, 'audit-export');
  } catch (error) {
    await remove(draft, 'audit-export').catch(() => undefined);
    if (error instanceof MaplewoodError) throw error;
    if (systemCode(error) === 'ENOSPC') throw new MaplewoodError('DISK_FULL', undefined, { cause: error });
    throw new MaplewoodError('USAGE', `The file ${path} cannot be written (${systemCode(error)}).`, {
      cause: error,
    });
  }
}
