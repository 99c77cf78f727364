import { type RawBuilder, sql } from 'kysely';
import type { LoadContext } from '../../loaders/load.js';
import { queryOf } from '../../measures/source.js';
import { cdsResult, cdsRuleText, cdsVariable } from '../../warehouse/gold/cds.js';
import { valueSet } from '../../warehouse/gold/findings.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { bind } from '../../warehouse/value.js';
import { parseFile } from '../arden/parse.js';
import { printLiteral } from '../arden/run/literal.js';
import { timeOfInstant } from '../arden/run/time.js';
import type { CodeSystem, ValueSet } from '../facts/fact.js';
import { registryOf } from '../facts/registry.js';
import { type Compiled, compileRule, isCompiled, type Plan } from '../sql/compile.js';
import { firedFrom, type VariableRow } from './stored.js';

/** What a result says, made of the values that were kept when it fired. */
export interface ResultDetail {
  /** Null where the text of the rule is not there any more, or is not understood. */
  readonly message: string | null;
  readonly variables: readonly {
    readonly name: string;
    /** As the language writes it. */
    readonly value: string;
    readonly primaryTime: string | null;
  }[];
}

/** Reads what results say, by the keys of results that the caller may see. */
export type DetailsReader = (
  keys: readonly Uint8Array[],
  context: LoadContext,
) => Promise<ReadonlyMap<string, ResultDetail>>;

const nothing: ResultDetail = { message: null, variables: [] };
/** Plans that are kept: a rule at a time is one. */
const mostPlans = 500;

/** A reader that keeps what it has made of the texts of rules. */
export function detailsReader(): DetailsReader {
  const plans = new Map<string, Plan | undefined>();
  return async (keys, context) => {
    if (keys.length === 0) return new Map();
    const [results, variables] = await Promise.all([
      rows(cdsResult, ['result_key', 'rule', 'text_sha256', 'last_fired_at'], keysAre(keys), context),
      rows(cdsVariable, Object.keys(cdsVariable.columns), keysAre(keys), context),
    ]);
    const missing = new Set(
      results.flatMap((row) => (plans.has(planKey(row)) ? [] : [String(row['text_sha256'])])),
    );
    const compiled =
      missing.size > 0 ? await compiledRules([...missing], context) : new Map<string, Compiled>();
    if (plans.size > mostPlans) plans.clear();
    const byKey = new Map<string, VariableRow[]>();
    for (const row of variables) {
      const key = hex(row['result_key']);
      byKey.set(key, [...(byKey.get(key) ?? []), row as unknown as VariableRow]);
    }
    return new Map(
      results.map((row) => {
        const at = planKey(row);
        if (!plans.has(at))
          plans.set(
            at,
            compiled
              .get(String(row['text_sha256']))
              ?.planAt(timeOfInstant(Date.parse(String(row['last_fired_at'])))),
          );
        const key = hex(row['result_key']);
        return [key, detailOf(plans.get(at), byKey.get(key) ?? [])];
      }),
    );
  };
}

type Row = Readonly<Record<string, unknown>>;

const hex = (key: unknown): string => Buffer.from(key as Uint8Array).toString('hex');
const planKey = (row: Row): string => `${String(row['text_sha256'])} ${String(row['last_fired_at'])}`;

function detailOf(plan: Plan | undefined, kept: readonly VariableRow[]): ResultDetail {
  if (!plan) return nothing;
  const { written, variables } = firedFrom(plan, kept);
  return {
    message: written.map(({ text }) => text).join('\n'),
    variables: [...variables].map(([name, item]) => ({
      name,
      value: printLiteral(item),
      primaryTime: item.primaryTime ? new Date(item.primaryTime.instant).toISOString() : null,
    })),
  };
}

const keysAre = (keys: readonly Uint8Array[]): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref('t.result_key')} in (${sql.join(keys.map((key) => bind({ kind: 'key128' }, key)))})`;

/** The rules of some texts, as they are compiled by this build. */
async function compiledRules(
  texts: readonly string[],
  context: LoadContext,
): Promise<ReadonlyMap<string, Compiled>> {
  const among = sql.join(texts.map((text) => bind({ kind: 'text', length: 64 }, text)));
  const [parts, codes] = await Promise.all([
    rows(
      cdsRuleText,
      ['text_sha256', 'kind', 'part_no', 'content'],
      sql<boolean>`${sql.ref('t.text_sha256')} in (${among})`,
      context,
    ),
    rows(valueSet, ['name', 'system', 'code', 'match'], sql<boolean>`1 = 1`, context),
  ]);
  const registry = registryOf(valueSetsOf(codes));
  return new Map(
    texts.flatMap((sha256): [string, Compiled][] => {
      const own = parts
        .filter((part) => part['text_sha256'] === sha256 && part['kind'] === 'mlm')
        .sort((a, b) => Number(a['part_no']) - Number(b['part_no']));
      const [mlm] = parseFile(Buffer.from(own.map(({ content }) => content).join('')), {
        mode: 'lenient',
      }).mlms;
      const compiled = mlm && compileRule(mlm, registry);
      return compiled && isCompiled(compiled) ? [[sha256, compiled]] : [];
    }),
  );
}

function valueSetsOf(codes: readonly Row[]): ReadonlyMap<string, ValueSet> {
  const found = new Map<string, ValueSet>();
  for (const row of codes) {
    const name = String(row['name']);
    const code = {
      system: row['system'] as CodeSystem,
      code: String(row['code']),
      match: row['match'] as 'exact' | 'prefix',
      display: '',
      source: '',
    };
    found.set(name, { name, codes: [...(found.get(name)?.codes ?? []), code] });
  }
  return found;
}

/** Rows of a table of gold, with columns by their names there. */
async function rows(
  table: TableDeclaration,
  names: readonly string[],
  condition: RawBuilder<boolean>,
  { plan: { gold, dialect }, handle, signal, requestId, lane = 'query' }: LoadContext,
): Promise<Row[]> {
  const output = names.flatMap((name) => {
    const column = table.columns[name];
    return column ? [{ name, type: column.type }] : [];
  });
  const query = queryOf(gold, `${table.name} as t`)
    .where(condition)
    .select(output.map(({ name, type }) => dialect.output(sql.ref(`t.${name}`), type).as(name)));
  const { columns, rowCount } = await handle.read(dialect.compile(query), output, {
    signal,
    requestId,
    lane,
  });
  return Array.from({ length: rowCount }, (_none, row) =>
    Object.fromEntries(output.map(({ name }, at) => [name, columns[at]?.[row] ?? null])),
  );
}
