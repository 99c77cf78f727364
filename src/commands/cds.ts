import { MaplewoodError } from '../errors.js';
import { runFile } from './cds-run-file.js';
import type { Command } from './command.js';

export const cds: Command = {
  name: 'cds',
  summary: 'Run a decision-support rule on given facts.',
  usage: 'maplewood cds run FILE.mlm --facts FACTS.json [--now TIME] [--event NAME] [--trace] [--json]',
  async run([verb, ...args], context) {
    if (verb === 'run') return runFile(cds, args, context);
    throw new MaplewoodError('USAGE', `cds needs run.\nUsage: ${cds.usage}`);
  },
};
