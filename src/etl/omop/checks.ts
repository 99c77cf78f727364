import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { columnType } from '../../warehouse/duckdb/types.js';
import { omopTables } from '../../warehouse/omop/index.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { referenceFile } from '../code-lists.js';
import type { Check } from '../quality/check.js';
import { name, quoted } from '../sql.js';
import { type Concepts, loadConcepts } from './concepts.js';

/** Ids of a table when the checks begin. */
export interface IdRange {
  readonly low: number;
  readonly high: number;
  readonly rows: number;
}

/** A check of an OMOP table, as data: two aggregates over the one pass that all checks of the table share. */
export interface OmopCheck
  extends Pick<Check, 'id' | 'level' | 'category' | 'severity' | 'description' | 'thresholdPct'> {
  readonly table: string;
  readonly touches: string;
  /** Name of the check in the Data Quality Dashboard. */
  readonly rule: string;
  readonly column: string | null;
  /** SQL aggregate over the pass, alias `t`; `life` holds birth and death of the person. */
  readonly violated: string;
  readonly looked: string;
}

/** A line of `reference/omop_check.csv`. */
interface Declared {
  readonly check: string;
  readonly table: string;
  readonly field: string;
  readonly argument: string;
  readonly threshold_pct: string;
}

/** What a check may depend on beside the declarations. */
export interface OmopCheckContext {
  readonly concepts: Concepts;
  /** A map of source codes is loaded; without one a clinical concept is 0 and its completeness says nothing. */
  readonly mapped: boolean;
  readonly dataAsOf: string;
  readonly ranges: ReadonlyMap<string, IdRange>;
}

export interface OmopPass {
  readonly table: TableDeclaration;
  /** SQL after `from`. */
  readonly from: string;
  readonly checks: readonly OmopCheck[];
}

/** Days after death within which an event is plausible. */
const afterDeathDays = 60;
/** Widest range of ids for which a bitmap is kept. */
const bitmapLimit = 500_000_000;
/** Domain of each concept column, by `table.column`, from `reference/omop_field.csv`. */
type Domains = ReadonlyMap<string, string>;

/** The checks of every table, by the carried thresholds. Error: a line names no column of ours, or an unknown check. */
export async function omopPasses(referenceDir: string, context: OmopCheckContext): Promise<OmopPass[]> {
  const read = async <T>(list: string): Promise<T[]> =>
    parse(await readFile(referenceFile(referenceDir, list), 'utf8'), { columns: true }) as T[];
  const lines = await read<Declared>('omop_check');
  const fields = await read<{ table: string; field: string; fk_domain: string }>('omop_field');
  const domains = new Map(fields.map(({ table, field, fk_domain }) => [`${table}.${field}`, fk_domain]));
  return omopTables.map((table: TableDeclaration) => {
    const joins = new Map<string, string>();
    const checks = lines
      .filter((line) => line.table === table.name)
      .map((line) => checkOf(table, line, { ...context, domains }, joins));
    return { table, from: [`${table.name} t`, ...joins.values()].join(' '), checks };
  });
}

/** Names of the checks, as `--accept` and the configuration take them. */
export async function omopCheckNames(
  referenceDir: string,
): Promise<{ readonly all: readonly string[]; readonly stopping: readonly string[] }> {
  const passes = await omopPasses(referenceDir, {
    concepts: await loadConcepts(referenceDir),
    mapped: false,
    dataAsOf: '1970-01-01',
    ranges: new Map(),
  });
  const checks = passes.flatMap((pass) => pass.checks);
  return {
    all: checks.map(({ id }) => id),
    stopping: checks.filter(({ severity }) => severity === 'error').map(({ id }) => id),
  };
}

const lifeJoin =
  'left join (select p.person_id, p.year_of_birth, d.death_date from person p left join death d on d.person_id = p.person_id) life on life.person_id = t.person_id';

function checkOf(
  table: TableDeclaration,
  { check, field, argument, threshold_pct }: Declared,
  context: OmopCheckContext & { readonly domains: Domains },
  joins: Map<string, string>,
): OmopCheck {
  const { concepts, mapped, dataAsOf, ranges, domains } = context;
  if (field !== '' && !(field in table.columns))
    throw new Error(`reference/omop_check.csv: ${table.name} has no column ${field}`);
  const column = `t.${name(field)}`;
  const made = (
    category: Check['category'],
    severity: Check['severity'],
    description: string,
    violated: string,
    looked = field === '' ? 'count(*)' : `count(${column})`,
  ): OmopCheck => ({
    id: [table.name, field, check].filter((part) => part !== '').join('.'),
    rule: check,
    table: table.name,
    column: field === '' ? null : field,
    level: field === '' ? 'table' : 'field',
    category,
    severity,
    description,
    thresholdPct: Number(threshold_pct),
    violated,
    looked,
    touches: 'OMOP',
  });
  const where = (condition: string): string => `count(*) filter (where ${condition})`;
  const life = (): void => void joins.set('life', lifeJoin);
  switch (check) {
    case 'isRequired':
      return made('conformance', 'error', `${field} is empty`, where(`${column} is null`), 'count(*)');
    case 'isPrimaryKey':
      return made(
        'conformance',
        'error',
        `${field} occurs more than once`,
        `count(*) - ${distinct(column, ranges.get(table.name))}`,
      );
    case 'isForeignKey': {
      const [target = '', key = ''] = argument.split('.');
      const range = ranges.get(target);
      const description = `${field} is no key of ${target}`;
      // Unique keys without a hole between the lowest and the highest hold every number between them.
      if (range && range.rows === range.high - range.low + 1)
        return made(
          'conformance',
          'error',
          description,
          where(`${column} not between ${range.low} and ${range.high}`),
        );
      const alias = `key_${field}`;
      joins.set(alias, `left join (select ${key} as k from ${target}) ${alias} on ${alias}.k = ${column}`);
      return made('conformance', 'error', description, where(`${column} is not null and ${alias}.k is null`));
    }
    case 'fkDomain': {
      const known = concepts.inDomain(argument);
      const unknown = mapped && known.length === 0;
      return made(
        'conformance',
        'warn',
        `${field} is neither 0 nor a concept of the domain ${argument} in reference/omop_concept.csv`,
        unknown ? '0' : where(`${column} not in (${[0, ...known].join(', ')})`),
        unknown ? '0' : `count(${column})`,
      );
    }
    case 'standardConceptRecordCompleteness': {
      const silent = !mapped && concepts.inDomain(domains.get(`${table.name}.${field}`) ?? '').length === 0;
      return made(
        'completeness',
        'warn',
        `${field} is 0: no matching concept`,
        silent ? '0' : where(`${column} = 0`),
        silent ? '0' : `count(${column})`,
      );
    }
    case 'plausibleStartBeforeEnd':
      return made(
        'plausibility',
        'warn',
        `${field} lies after ${argument}`,
        where(`${column} > t.${name(argument)}`),
      );
    case 'plausibleAfterBirth':
      life();
      return made(
        'plausibility',
        'warn',
        `${field} lies before the year of birth`,
        where(`year(${column}) < life.year_of_birth`),
      );
    case 'plausibleBeforeDeath':
      life();
      return made(
        'plausibility',
        'warn',
        `${field} lies more than ${afterDeathDays} days after the death`,
        where(`${column} > life.death_date + ${afterDeathDays}`),
      );
    case 'plausibleValueHigh': {
      const days = Number(/^extract(?:\+(\d+))?$/.exec(argument)?.[1] ?? 0);
      return made(
        'plausibility',
        'warn',
        `${field} lies after the last day with data${days > 0 ? ` + ${days} days` : ''}`,
        where(`${column} > DATE ${quoted(dataAsOf)} + ${days}`),
      );
    }
    case 'plausibleValueLow':
      return made(
        'plausibility',
        'warn',
        `${field} is below ${argument}`,
        where(`${column} < ${Number(argument)}`),
      );
    case 'measurePersonCompleteness':
      return made(
        'completeness',
        'warn',
        `persons without a row of ${table.name}`,
        `(select count(*) from person) - ${distinct('t.person_id', ranges.get('person'))}`,
        '(select count(*) from person)',
      );
    case 'measureObservationPeriodOverlap':
      return made(
        'plausibility',
        'error',
        'observation periods of a person that overlap or touch',
        '(select count(*) from (select observation_period_start_date - lag(observation_period_end_date) over (partition by person_id order by observation_period_start_date) as gap from observation_period) where gap <= 1)',
      );
    case 'cdmDatatype':
      return made(
        'conformance',
        'error',
        'columns of another type than the declared one',
        `(select ${Object.keys(table.columns).length} - count(*) from duckdb_columns() c join (values ${Object.entries(
          table.columns,
        )
          .map(([key, { type }]) => `(${quoted(key)}, ${quoted(columnType(type))})`)
          .join(
            ', ',
          )}) e(n, ty) on c.column_name = e.n and c.data_type = e.ty where c.database_name = current_database() and c.table_name = ${quoted(table.name)})`,
        `${Object.keys(table.columns).length}`,
      );
    default:
      throw new Error(`reference/omop_check.csv: there is no check ${check}`);
  }
}

/** Number of distinct ids: by a bitmap where their range allows it, which takes a bit an id. */
function distinct(column: string, range: IdRange | undefined): string {
  if (!range || range.rows === 0 || range.high - range.low >= bitmapLimit) return `count(distinct ${column})`;
  return `coalesce(bit_count(bitstring_agg(${column}, ${range.low}, ${range.high})), 0)`;
}
