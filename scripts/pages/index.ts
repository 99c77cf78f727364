import { accessMatrix } from './access-matrix.js';
import { cli } from './cli.js';
import { dataDictionary } from './data-dictionary.js';
import { datasetsPage } from './datasets.js';
import { environment } from './environment.js';
import { errors } from './errors.js';
import { gemSchemaPage } from './gem-schema.js';
import { limits } from './limits.js';
import { lineagePage } from './lineage.js';
import { metrics } from './metrics.js';
import { omop } from './omop.js';
import type { Page } from './page.js';
import { schemaPages } from './schema.js';

/** Every generated page. */
export const pages = (): readonly Page[] => [
  accessMatrix(),
  cli(),
  dataDictionary(),
  datasetsPage(),
  environment(),
  errors(),
  gemSchemaPage(),
  limits(),
  lineagePage(),
  metrics(),
  omop(),
  ...schemaPages(),
];
