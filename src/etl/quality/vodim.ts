import { qualityItem } from '../../warehouse/gold/quality.js';
import type { Engine } from '../engine.js';
import { itemsTogether } from '../silver/items.js';
import { parquet } from '../sql.js';

/** Fills `quality_item` of the release, whose catalogue is in use, from the counts that the logs keep: paths by dataset. */
export async function storeItems(engine: Engine, counts: Iterable<readonly string[]>): Promise<void> {
  for (const paths of counts)
    if (paths.length > 0)
      await engine.run(`insert into ${qualityItem.name} ${itemsTogether(parquet(paths))}`);
}
