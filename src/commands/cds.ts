import { MaplewoodError } from '../errors.js';
import { runOverWarehouse } from './cds-run.js';
import { runFile } from './cds-run-file.js';
import type { Command } from './command.js';

export const cds: Command = {
  name: 'cds',
  summary: 'Run the rules of decision support over the warehouse, or one rule on given facts.',
  usage:
    'maplewood cds run [--as-of DAY] [--rule NAME]… [--json] | maplewood cds run FILE.mlm --facts FACTS.json [--now TIME] [--event NAME] [--trace] [--json]',
  async run([verb, ...args], context) {
    if (verb === 'run')
      return args.some((arg) => arg === '--facts' || arg.startsWith('--facts=') || arg.endsWith('.mlm'))
        ? runFile(cds, args, context)
        : runOverWarehouse(cds, args, context);
    throw new MaplewoodError('USAGE', `cds needs run.\nUsage: ${cds.usage}`);
  },
};
