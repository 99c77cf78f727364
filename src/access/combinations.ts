import { type Grain, grains, isFinerOrEqual } from '../warehouse/grain.js';
import type { Role } from './role.js';
import { roleDeclarations } from './role.js';

/** What a dataset offers under disclosure control. Dimension names are those of `by`. */
export interface OfferedCubes {
  /** Sets of dimensions with the finest grain that is published; their subsets are offered with them. */
  readonly cubes: readonly { readonly by: readonly string[]; readonly published: Grain | null }[];
  /** Finest grain for roles that see de-identified rows. */
  readonly rowsFloor: {
    readonly default: Grain;
    /** Questions by no other dimensions than these may be finer. */
    readonly only?: readonly { readonly by: readonly string[]; readonly grain: Grain }[];
    /** Questions that use the dimension must be coarser. */
    readonly using?: Readonly<Record<string, Grain>>;
  };
}

/** Grains at which the role may ask for exactly these dimensions; empty if for none. */
export function allowedGrains(role: Role, offered: OfferedCubes, by: readonly string[]): readonly Grain[] {
  const floor = floorFor(role, offered, by);
  return floor === undefined ? [] : grains.filter((grain) => isFinerOrEqual(floor, grain));
}

function floorFor(role: Role, offered: OfferedCubes, by: readonly string[]): Grain | undefined {
  const within = (set: readonly string[]): boolean => by.every((name) => set.includes(name));
  switch (roleDeclarations[role].profile) {
    case 'exact':
      return 'DAY';
    case 'none':
      return undefined;
    case 'published':
      return finest(
        offered.cubes.flatMap((cube) => (cube.published !== null && within(cube.by) ? [cube.published] : [])),
      );
    case 'rows': {
      const { rowsFloor } = offered;
      const base = role === 'finance' ? 'MONTH' : rowsFloor.default;
      const finer = finest((rowsFloor.only ?? []).flatMap((only) => (within(only.by) ? [only.grain] : [])));
      const coarser = by.flatMap((name) => rowsFloor.using?.[name] ?? []);
      return coarsest([finer !== undefined && role !== 'finance' ? finer : base, ...coarser]);
    }
  }
}

const finest = (found: readonly Grain[]): Grain | undefined => grains.find((grain) => found.includes(grain));
const coarsest = (found: readonly Grain[]): Grain | undefined =>
  grains.findLast((grain) => found.includes(grain));
