import { availableParallelism } from 'node:os';
import { timeOrEndOfDay } from '../cds/arden/run/literal.js';
import type { Time } from '../cds/arden/value.js';
import { feedbackIn } from '../cds/hooks/ledger.js';
import type { RuleOverrides } from '../cds/hooks/overrides.js';
import type { Config } from '../config/environment.js';
import { MaplewoodError } from '../errors.js';
import { printRules } from '../etl/report.js';
import { republish } from '../etl/republish.js';
import type { RuleLine } from '../etl/results.js';
import { measureDatasets } from '../schema/datasets.js';
import { martPlan } from '../schema/mart-plan.js';
import { fileStateStore } from '../state/file.js';
import { goldBuilder } from '../warehouse/gold-builder.js';
import { ruleResults } from './cds-results.js';
import { type Command, type CommandContext, parse } from './command.js';
import { etlFolders } from './etl-folders.js';
import { progressTo } from './progress.js';

/**
 * `cds run` without a file: the rules over the whole warehouse. What they say is published as a release of its own, whose other
 * tables are those of the served one.
 */
export async function runOverWarehouse(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values } = parse(command, args, {
    'as-of': { type: 'string' },
    rule: { type: 'string', multiple: true, default: [] },
    interpret: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const asOf = values['as-of'] === undefined ? undefined : endOf(command, values['as-of']);
  const config = context.config();
  const { folders } = etlFolders(config);
  const results = await ruleResults(context.root, {
    ...(values.rule.length > 0 ? { only: values.rule } : {}),
    ...(asOf ? { asOf } : {}),
    interpret: values.interpret,
  });
  const progress = progressTo(context, values.json);
  const { manifest, rules } = await republish(
    {
      folders,
      marts: measureDatasets.map(martPlan),
      gold: goldBuilder(),
      threads: availableParallelism(),
      memoryLimit: '1GB',
      keepReleases: config.settings.releases.kept,
    },
    { now: () => new Date(), progress: progress.step },
    results,
  ).finally(() => progress.end());
  const demoted = await demotedRules(config);
  context.out(
    values.json
      ? `${JSON.stringify({ release: manifest.id, rules, demoted })}\n`
      : printed(manifest.id, rules, demoted),
  );
  if (rules.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

interface Demoted extends RuleOverrides {
  readonly rule: string;
}

/** Rules whose cards are shown as information alone, since nearly everybody overrides them. */
async function demotedRules({ state }: Config): Promise<readonly Demoted[]> {
  if (state.kind !== 'folder') return [];
  const known = await feedbackIn(fileStateStore(state.path), (instant) => instant.slice(0, 10)).known();
  return [...known.demoted()].map(([rule, figures]) => ({ rule, ...figures }));
}

const printed = (release: number, rules: readonly RuleLine[], demoted: readonly Demoted[]): string =>
  `${[
    `Release ${release} is published.`,
    '',
    ...printRules(rules),
    ...demoted.map(
      ({ rule, outcomes, overridden }) =>
        `${rule}: its cards are shown as information alone; ${overridden} of the last ${outcomes} that were answered were overridden.`,
    ),
  ].join('\n')}\n`;

/** A date alone stands for its last second. */
function endOf({ usage }: Pick<Command, 'usage'>, given: string): Time {
  const time = timeOrEndOfDay(given);
  if (!time)
    throw new MaplewoodError('USAGE', `--as-of must be a day or time such as 2023-06-30.\nUsage: ${usage}`);
  return time;
}
