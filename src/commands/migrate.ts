import { goldSchema } from '../../migrations/gold.js';
import { steps } from '../../migrations/run.js';
import { MaplewoodError } from '../errors.js';
import { martTable } from '../measures/mart.js';
import { measureDatasets } from '../schema/datasets.js';
import { martPlan } from '../schema/mart-plan.js';
import { goldTables } from '../warehouse/gold/index.js';
import { omopTables } from '../warehouse/omop/index.js';
import { type Command, parse } from './command.js';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Print the schema of the warehouse.',
  usage: 'maplewood migrate --print [--dialect duckdb|tsql] [--engine synapse|sqlserver]',
  async run(args, context) {
    const { values } = parse(migrate, args, {
      print: { type: 'boolean', default: false },
      dialect: { type: 'string', default: 'duckdb' },
      engine: { type: 'string', default: 'synapse' },
    });
    if (!values.print) {
      throw new MaplewoodError(
        'USAGE',
        `The embedded warehouse needs no migration; a release is made with its tables. Use --print.\nUsage: ${migrate.usage}`,
      );
    }
    if (values.dialect !== 'duckdb' && values.dialect !== 'tsql') {
      throw new MaplewoodError('USAGE', `--dialect must be duckdb or tsql.\nUsage: ${migrate.usage}`);
    }
    if (values.engine !== 'synapse' && values.engine !== 'sqlserver') {
      throw new MaplewoodError('USAGE', `--engine must be synapse or sqlserver.\nUsage: ${migrate.usage}`);
    }
    const engine = values.dialect === 'duckdb' ? 'duckdb' : values.engine;
    const tables = [
      ...goldTables,
      ...measureDatasets.map((dataset) => martTable(martPlan(dataset))),
      ...omopTables,
    ];
    const lasting =
      engine === 'duckdb' ? [] : steps.flatMap((step) => step.statements(engine).map(({ sql }) => sql));
    const end = engine === 'duckdb' ? ';\n\n' : '\nGO\n\n';
    for (const statement of [...lasting, ...goldSchema(tables, 'gold_r1', engine)])
      context.out(`${statement}${end}`);
  },
};
