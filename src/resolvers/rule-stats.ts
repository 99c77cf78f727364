import type { GraphQLResolveInfo } from 'graphql';
import type { Filter } from '../loaders/filter.js';
import { load } from '../loaders/load.js';
import type { MeasureQuestion } from '../loaders/question.js';
import type { Row } from '../loaders/rows.js';
import { CdsCounts } from '../schema/cds-counts.js';
import { CdsRule } from '../schema/cds-rules.js';
import { datasetOf, type MeasureDataset } from '../schema/declare/dataset.js';
import type { Grain } from '../warehouse/grain.js';
import { type Args, callsOf } from './calls.js';
import type { RequestContext } from './context.js';
import { toFilter } from './inputs.js';
import type { Selection } from './selection.js';

const counts = datasetOf(CdsCounts) as MeasureDataset;

/** Cells that are read at once. */
const mostAtOnce = 10_000;

/** Loads what is asked of `stats` for a page of rules: one question for all of them. Errors: those of `cdsCounts`. */
export async function loadRuleStats(
  rules: readonly Row[],
  selection: Selection,
  { load: context, limits, provenance }: Pick<RequestContext, 'load' | 'limits' | 'provenance'>,
  info: Pick<GraphQLResolveInfo, 'schema' | 'variableValues'>,
  keep: (row: Row, name: string, args: Args, value: unknown) => void,
): Promise<void> {
  const names = [...new Set(rules.map((rule) => String(rule['name'])))];
  for (const { args, nodes } of callsOf(CdsRule.name, 'stats', selection, info)) {
    const where = toFilter(args['where'] as Args | undefined, limits);
    const question = questionOf(names, args, selection.of(nodes), where);
    const cells = new Map<string, Row[]>(names.map((name) => [name, []]));
    for (let after: string | undefined, isLast = false; !isLast; ) {
      const page = await load(counts, question, after, context);
      for (const row of page.rows) cells.get(String(row['ruleName']))?.push(row);
      provenance.hiddenCells += page.hiddenCells;
      isLast = !page.hasNextPage;
      if (!isLast) [after] = page.cursors([page.rows.length - 1]);
    }
    for (const rule of rules)
      keep(rule, 'stats', args, cells.get(String(rule['name']))?.slice(0, Number(args['first'])) ?? []);
  }
}

function questionOf(
  names: readonly string[],
  { grain, after }: Args,
  cells: Selection,
  where: Filter | undefined,
): MeasureQuestion {
  const parts: Filter[] = [{ kind: 'test', column: 'ruleName', op: 'in', value: names }];
  if (where) parts.push(where);
  if (typeof after === 'string') parts.push({ kind: 'test', column: 'period', op: 'gt', value: after });
  return {
    kind: 'measure',
    dataset: counts.key,
    where: { kind: 'and', parts },
    orderBy: [
      { column: 'ruleName', descending: false },
      { column: 'period', descending: false },
    ],
    first: mostAtOnce,
    select: [...new Set([...cells.names(), 'ruleName', 'period'])].sort(),
    total: false,
    by: ['RULE'],
    grain: grain as Grain,
    args: {},
  };
}
