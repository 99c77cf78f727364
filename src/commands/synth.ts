import { join, resolve } from 'node:path';
import { MaplewoodError } from '../errors.js';
import { synthesise } from '../synth/synthesise.js';
import { type Command, parse, required, wholeNumber } from './command.js';
import { progressTo } from './progress.js';

export const synth: Command = {
  name: 'synth',
  summary: 'Make plausible, purposely faulty synthetic sources.',
  usage:
    'maplewood synth --out DIR --patients N --seed S --years Y [--fault-rate F] [--start YYYY-MM-DD] [--format parquet|csv|csv.gz] [--tables-only] [--json]',
  async run(args, context) {
    const { values } = parse(synth, args, {
      out: { type: 'string' },
      patients: { type: 'string' },
      seed: { type: 'string' },
      years: { type: 'string' },
      'fault-rate': { type: 'string', default: '0.05' },
      start: { type: 'string' },
      format: { type: 'string', default: 'parquet' },
      'tables-only': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const number = (name: 'patients' | 'seed' | 'years'): number =>
      wholeNumber(synth, `--${name}`, required(synth, `--${name}`, values[name]));
    if (!['parquet', 'csv', 'csv.gz'].includes(values.format)) {
      throw new MaplewoodError('USAGE', `--format must be parquet, csv or csv.gz.\nUsage: ${synth.usage}`);
    }
    const progress = progressTo(context, values.json);
    const summary = await synthesise(
      {
        out: resolve(required(synth, '--out', values.out)),
        patients: number('patients'),
        seed: number('seed'),
        years: number('years'),
        faultRate: Number(values['fault-rate']),
        referenceDir: join(context.root, 'reference'),
        observations: !values['tables-only'],
        format: values.format as 'parquet' | 'csv' | 'csv.gz',
        ...(values.start === undefined ? {} : { start: values.start }),
      },
      (step, done, total) => progress.step('synth', step, done, total),
    ).finally(() => progress.end());
    if (values.json) return context.out(`${JSON.stringify(summary)}\n`);
    for (const table of summary.tables) {
      context.out(`  ${table.dataset.padEnd(18)} ${table.rows.toLocaleString('en-GB').padStart(12)} rows\n`);
    }
    context.out(
      `${summary.faults.toLocaleString('en-GB')} faults are listed in faults.json. ${summary.seconds.toFixed(1)} s.\n`,
    );
  },
};
