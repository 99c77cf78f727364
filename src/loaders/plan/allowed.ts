import { allowedGrains } from '../../access/combinations.js';
import { MaplewoodError } from '../../errors.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';
import type { Arguments } from '../../schema/declare/metadata.js';
import type { Grain } from '../../warehouse/grain.js';
import type { PlanContext } from './plan.js';

export function dimensionAllowed(
  dataset: MeasureDataset,
  role: PlanContext['grant']['role'],
  name: string,
): boolean {
  return dataset.by.includes(name) && (dataset.dimensionRoles?.[name]?.includes(role) ?? true);
}

/** Error `BAD_USER_INPUT`, which names the values of an argument that the role may use. */
export function checkArguments(dataset: MeasureDataset, args: Arguments, { grant }: PlanContext): void {
  if (grant.profile !== 'published') return;
  for (const [name, { published }] of Object.entries(dataset.arguments ?? {})) {
    const value = args[name];
    if (published && value !== undefined && value !== null && !published.includes(value))
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `${name} of ${dataset.key} is offered to this role as ${published.join(', ')} only.`,
      );
  }
}

/**
 * Grains at which the grant may ask for exactly these dimensions. What is published of some of the trusts is published by
 * trust alone: a total over a few of them, beside that over all, would tell a hidden cell of one. The total over one trust
 * is its own cell.
 */
function grainsOf(
  dataset: MeasureDataset,
  by: readonly string[],
  { grant: { role, profile, trusts } }: PlanContext,
): readonly Grain[] {
  const allowed = allowedGrains(role, dataset, by);
  const narrowed = profile === 'published' && trusts !== null && trusts.length > 0;
  if (!narrowed || by.includes('TRUST') || !dataset.by.includes('TRUST')) return allowed;
  if (trusts.length > 1) return [];
  const own = allowedGrains(role, dataset, [...by, 'TRUST']);
  return allowed.filter((grain) => own.includes(grain));
}

/** Error `GRAIN_NOT_ALLOWED`, which names what the role may ask for. */
export function checkCombination(
  dataset: MeasureDataset,
  grain: Grain,
  by: readonly string[],
  context: PlanContext,
): void {
  const { role } = context.grant;
  const allowed = grainsOf(dataset, by, context);
  if (allowed.includes(grain)) return;
  if (allowedGrains(role, dataset, by).includes(grain))
    throw new MaplewoodError(
      'GRAIN_NOT_ALLOWED',
      `${dataset.key} is offered by TRUST to a token for some of the trusts: add it to by.`,
    );
  const words = by.length === 0 ? 'no dimension' : by.join(', ');
  if (allowed.length > 0) {
    throw new MaplewoodError(
      'GRAIN_NOT_ALLOWED',
      `${dataset.key} by ${words} (filtered dimensions included) is offered to this role at grain ${allowed.join(', ')}.`,
    );
  }
  const offered = dataset.cubes
    .filter((cube) => cube.by.every((name) => dataset.by.includes(name)))
    .flatMap((cube) => {
      const floor = allowedGrains(role, dataset, cube.by)[0];
      return floor ? [`${cube.by.join(' ')} from ${floor}`] : [];
    })
    .join('; ');
  throw new MaplewoodError(
    'GRAIN_NOT_ALLOWED',
    `${dataset.key} by ${words} (filtered dimensions included) is not offered to this role. Offered, with fewer dimensions as well: ${offered}.`,
  );
}
