import type { GraphQLResolveInfo } from 'graphql';
import { ruleName, ruleRuns } from '../cds/results/rule-runs.js';
import { ruleStatements, type SqlDialect } from '../cds/results/rule-sql.js';
import { type RuleText, ruleTexts } from '../cds/results/rule-texts.js';
import type { RuleFigures } from '../cds/testing/figures.js';
import { MaplewoodError } from '../errors.js';
import type { LoadContext } from '../loaders/load.js';
import type { Row } from '../loaders/rows.js';
import { CdsRule, ruleDetails } from '../schema/cds-rules.js';
import { type Args, callsOf } from './calls.js';
import type { RequestContext } from './context.js';
import type { Selection } from './selection.js';

/** A rule of the page: its name, and the SHA-256 of its text. */
interface Known {
  readonly name: string;
  readonly sha256: string;
}

interface Loading {
  readonly texts: readonly string[];
  readonly args: Args;
  readonly load: LoadContext;
  readonly figures: RuleFigures | undefined;
}

type ValueOf = (rule: Known) => unknown;

/** How each field is loaded for a page of rules; a statement or two, whatever the number of rules. */
const loaders: Readonly<Record<string, (loading: Loading) => Promise<ValueOf>>> = {
  deviations: (loading) => byText(loading, ({ gem }) => gem.deviations),
  targetPopulation: (loading) => byText(loading, ({ gem }) => gem.target_population),
  sourceText: (loading) => byText(loading, ({ text }) => text),
  async sql({ texts, args, load }) {
    const statements = await ruleStatements(texts, args['dialect'] as SqlDialect, load);
    return ({ sha256 }) => statements.get(sha256) ?? null;
  },
  async runs({ texts, args, load }) {
    const most = entries(args);
    const runs = await ruleRuns(texts, load);
    return ({ name, sha256 }) => (runs.get(ruleName(name, sha256)) ?? []).slice(0, most);
  },
  async backtests({ args, figures }) {
    const most = entries(args);
    return async ({ name, sha256 }) => (await figures?.backTested(name, sha256))?.slice(0, most) ?? [];
  },
  async tests({ figures }) {
    return async ({ name, sha256 }) => (await figures?.tested(name, sha256)) ?? null;
  },
};

async function byText({ texts, load }: Loading, of: (text: RuleText) => unknown): Promise<ValueOf> {
  const found = await ruleTexts(texts, load);
  return ({ sha256 }) => {
    const text = found.get(sha256);
    return text ? of(text) : null;
  };
}

function entries({ first }: Args): number {
  if (typeof first !== 'number' || first < 1 || first > 1_000)
    throw new MaplewoodError('BAD_USER_INPUT', 'first must be from 1 to 1000.');
  return first;
}

/** Loads what is asked for of rules beside their columns. */
export async function loadRuleDetails(
  rows: readonly Row[],
  selection: Selection,
  { load, figures }: Pick<RequestContext, 'load' | 'figures'>,
  info: Pick<GraphQLResolveInfo, 'schema' | 'variableValues'>,
  keep: (row: Row, name: string, args: Args, value: unknown) => void,
): Promise<void> {
  const known = rows.map((row): Known => ({ name: String(row['name']), sha256: String(row['sha256']) }));
  const texts = [...new Set(known.map(({ sha256 }) => sha256))];
  for (const name of Object.keys(ruleDetails).filter((one) => selection.has(one))) {
    const loader = loaders[name];
    if (!loader) continue;
    load.account.addColumns([{ name: `${CdsRule.name}.${name}`, class: 'O' }]);
    for (const { args } of callsOf(CdsRule.name, name, selection, info)) {
      const answerFor = await loader({ texts, args, load, figures });
      for (const [at, row] of rows.entries()) {
        const rule = known[at];
        if (rule) keep(row, name, args, await answerFor(rule));
      }
    }
  }
}
