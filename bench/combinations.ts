import { allowedGrains } from '../src/access/combinations.js';
import { type Role, roleDeclarations } from '../src/access/role.js';
import { keptSets, setNumber } from '../src/measures/mart.js';
import { columnVisible, measureDatasets } from '../src/schema/datasets.js';
import type { MeasureDataset } from '../src/schema/declare/dataset.js';
import { martPlan } from '../src/schema/mart-plan.js';
import { type Grain, isFinerOrEqual } from '../src/warehouse/grain.js';
import { type Asking, serving } from './serving.js';
import { print } from './timed.js';

/** Most milliseconds of an answer: with what a mart keeps, and with anything else. */
const limits = { mart: 10, events: 1_500 } as const;

interface Combination {
  readonly by: readonly string[];
  readonly grain: Grain;
}

/**
 * How long every measure dataset takes to answer, all its measures at once, 100 rows a page, by HTTP: at the
 * combinations that its mart keeps, and at others that a role may ask for.
 */
export async function benchCombinations(home: string): Promise<void> {
  const { asking, stop } = await serving(home);
  try {
    print('Measures, milliseconds of an answer over HTTP: median and slowest\n');
    for (const dataset of measureDatasets)
      for (const role of (['operations', 'analyst'] as const).filter((one) => dataset.roles.includes(one))) {
        const { mart, events } = combinationsOf(dataset, role);
        await report(dataset, role, 'mart', mart, asking);
        await report(dataset, role, 'events', events, asking);
      }
  } finally {
    stop();
  }
}

async function report(
  dataset: MeasureDataset,
  role: Role,
  from: keyof typeof limits,
  combinations: readonly Combination[],
  asking: Asking,
): Promise<void> {
  if (combinations.length === 0) return;
  const measures = [...dataset.measures.keys()].filter((name) => columnVisible(dataset, role, name));
  const taken: { readonly words: string; readonly time: number }[] = [];
  for (const { by, grain } of combinations) {
    const query = `{ ${dataset.key}(by: [${by.join(' ')}], grain: ${grain}) { nodes { ${measures.join(' ')} } } }`;
    const times: number[] = [];
    // The first asking of a combination plans and prepares it.
    for (let n = 0; n < (from === 'mart' ? 4 : 2); n += 1) {
      const began = performance.now();
      await asking(role, '/graphql', JSON.stringify({ query }));
      times.push(performance.now() - began);
    }
    taken.push({ words: [...by, grain].join(' '), time: Math.min(...times.slice(1)) });
  }
  const sorted = [...taken].sort((a, b) => a.time - b.time);
  const median = sorted[Math.floor(sorted.length / 2)]?.time ?? Number.NaN;
  const slowest = sorted.at(-1);
  const time = slowest?.time ?? Number.NaN;
  print(
    `  ${dataset.key.padEnd(16)} ${role.padEnd(10)} ${from.padEnd(6)} ${String(taken.length).padStart(4)} ${median.toFixed(1).padStart(8)} ${time.toFixed(1).padStart(8)}  ${(slowest?.words ?? '').padEnd(40)} (at most ${limits[from]}) ${time <= limits[from] ? 'ok' : 'TOO SLOW'}\n`,
  );
}

/** All that the mart keeps; of the others those by none, one, two or all dimensions at the finest grain and at ALL. */
function combinationsOf(
  dataset: MeasureDataset,
  role: Role,
): { readonly mart: readonly Combination[]; readonly events: readonly Combination[] } {
  const plan = martPlan(dataset);
  const kept = keptSets(plan);
  const names = dataset.by.filter((name) => dataset.dimensionRoles?.[name]?.includes(role) ?? true);
  // A mart cannot tell the patients and percentiles of several trusts together.
  const scoped = roleDeclarations[role].needsTrusts;
  const isKept = ({ by, grain }: Combination): boolean => {
    const found = kept.get(setNumber(plan.source, by));
    return (!scoped || by.includes('TRUST')) && found !== undefined && isFinerOrEqual(found.finest, grain);
  };
  const sets = subsets(names);
  const at = (by: readonly string[], grains: (all: readonly Grain[]) => readonly Grain[]): Combination[] =>
    grains(allowedGrains(role, dataset, by)).map((grain) => ({ by, grain }));
  const few = sets.filter((by) => by.length <= 2 || by.length === names.length);
  return {
    mart: sets.flatMap((by) => at(by, (all) => all)).filter(isKept),
    events: few
      .flatMap((by) => at(by, (all) => [...new Set([...all.slice(0, 1), ...all.slice(-1)])]))
      .filter((one) => !isKept(one)),
  };
}

const subsets = (names: readonly string[]): string[][] =>
  names.reduce<string[][]>((sets, name) => sets.concat(sets.map((set) => [...set, name])), [[]]);
