import { join } from 'node:path';
import type { Config } from '../config/environment.js';
import { ensureFolder, ensureHome } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import type { EtlOptions } from '../etl/options.js';
import { folderLake } from '../lake/folder.js';

/** Where the ETL of this configuration reads and writes; makes the home. Error: `CONFIGURATION`. */
export function etlFolders(config: Config): Pick<EtlOptions, 'lake' | 'folders'> {
  if (
    config.warehouse.kind !== 'duckdb' ||
    config.lake.kind !== 'folder' ||
    config.identified.kind !== 'folder'
  ) {
    throw new MaplewoodError(
      'CONFIGURATION',
      'This version loads a lake folder into the embedded warehouse only. Set MAPLEWOOD_LAKE to a folder and MAPLEWOOD_WAREHOUSE to duckdb:PATH.',
    );
  }
  ensureHome(config.home);
  ensureFolder(config.lake.path, 'MAPLEWOOD_LAKE');
  ensureFolder(config.warehouse.path, 'MAPLEWOOD_WAREHOUSE');
  ensureFolder(config.identified.path, 'MAPLEWOOD_IDENTIFIED');
  return {
    lake: folderLake(config.lake.path),
    folders: {
      warehouse: config.warehouse.path,
      identified: config.identified.path,
      leases: join(config.lake.path, 'leases'),
      runs: config.home.runs,
      spill: config.home.tmp,
    },
  };
}
