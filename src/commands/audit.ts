import { readFile } from 'node:fs/promises';
import { keyring } from '../access/keyring.js';
import { type Verified, verifyAudit } from '../audit/verify.js';
import type { Checkpoint } from '../audit/writer.js';
import type { Config } from '../config/environment.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { exported } from './audit-export.js';
import { type Command, parse } from './command.js';
import { checkpointsPath } from './parts.js';

export const audit: Command = {
  name: 'audit',
  summary: 'Check that the audit is as it was written; export it as FHIR AuditEvents.',
  usage:
    'maplewood audit verify [--json] | maplewood audit export [--from TIME] [--to TIME] [--recipient CLIENT] [--out FILE]',
  async run([verb, ...args], context) {
    if (verb === 'export') return exported(audit, args, context);
    const { values } = parse(audit, args, { json: { type: 'boolean', default: false } });
    if (verb !== 'verify')
      throw new MaplewoodError('USAGE', `audit needs verify or export.\nUsage: ${audit.usage}`);
    const config = context.config();
    const { service, earlierAudit } = await keyring(config).api();
    const found = await verifyAudit(
      config.home.audit,
      [service.audit, ...earlierAudit.values()],
      await checkpointsOf(config),
    );
    context.out(values.json ? `${JSON.stringify(found)}\n` : textOf(found));
    const { wrong } = found;
    if (wrong)
      throw new MaplewoodError(
        'AUDIT_DAMAGED',
        `The audit is not as it was written, from record ${wrong.seq} on (${wrong.segment}): ${wrong.reason}. Keep the files as they are, and compare them with a backup.`,
      );
  },
};

/** The seals that were kept apart from the log. A torn line at the end is none. */
async function checkpointsOf(config: Config): Promise<readonly Checkpoint[]> {
  const text = await readFile(checkpointsPath(config), 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line): Checkpoint[] => {
    try {
      return [JSON.parse(line) as Checkpoint];
    } catch {
      return [];
    }
  });
}

function textOf({ records, segments, first, last, wrong, notes }: Verified): string {
  const range =
    first === null ? 'There is no record yet.' : `Records ${first} to ${last} are as they were written`;
  const sentences = [
    ...(wrong
      ? [`${records} records before it are as they were written.`]
      : [
          first === null ? range : `${range}, in ${segments === 1 ? 'one segment' : `${segments} segments`}.`,
        ]),
    ...notes,
  ];
  return `${sentences.join('\n')}\n`;
}
