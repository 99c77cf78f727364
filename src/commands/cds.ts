import { MaplewoodError } from '../errors.js';
import { checkFiles } from './cds-check.js';
import { runOverWarehouse } from './cds-run.js';
import { runFile } from './cds-run-file.js';
import { testAll } from './cds-test.js';
import type { Command } from './command.js';

export const cds: Command = {
  name: 'cds',
  summary: 'Check and test decision-support rules; run them over the warehouse, or one rule on given facts.',
  usage:
    'maplewood cds check FILE… [--strict|--lenient] [--json] | maplewood cds test [--rule NAME]… [--seed N] [--backtest FROM TO STEP] [--json] | maplewood cds run [--as-of DAY] [--rule NAME]… [--interpret] [--json] | maplewood cds run FILE.mlm --facts FACTS.json [--now TIME] [--event NAME] [--trace] [--json]',
  async run([verb, ...args], context) {
    if (verb === 'check') return checkFiles(cds, args, context);
    if (verb === 'test') return testAll(cds, args, context);
    if (verb === 'run')
      return args.some((arg) => arg === '--facts' || arg.startsWith('--facts=') || arg.endsWith('.mlm'))
        ? runFile(cds, args, context)
        : runOverWarehouse(cds, args, context);
    throw new MaplewoodError('USAGE', `cds needs check, test or run.\nUsage: ${cds.usage}`);
  },
};
