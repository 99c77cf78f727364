import type { RowOf } from '../table.js';
import { cdsTables } from './cds.js';
import { derivedTables } from './derived.js';
import { dimensionTables } from './dimensions.js';
import { factTables } from './facts.js';
import { qualityFinding, valueSet } from './findings.js';
import { releaseLimit } from './limits.js';
import { lineageTables } from './lineage.js';
import { qualityTables } from './quality.js';
import { versionTables } from './versions.js';

/** Every table of a release but the marts, which derive from the datasets. */
export const goldTables = [
  ...dimensionTables,
  ...versionTables,
  ...factTables,
  releaseLimit,
  ...derivedTables,
  ...qualityTables,
  qualityFinding,
  valueSet,
  ...cdsTables,
  ...lineageTables,
] as const;

type GoldTable = (typeof goldTables)[number];

/** Kysely's view of gold. */
export type Gold = { readonly [T in GoldTable as T['name']]: RowOf<T> };
