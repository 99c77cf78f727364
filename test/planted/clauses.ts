import { accessErrors } from './errors/access.js';
import { cellErrors } from './errors/cells.js';
import { filterErrors } from './errors/filter.js';
import { guardErrors } from './errors/guards.js';
import { measureErrors } from './errors/measures.js';
import { pageErrors } from './errors/page.js';
import { ruleErrors } from './errors/rules.js';
import type { PlantedErrors } from './planted-error.js';

/** All errors, by clause. */
export const clauses: PlantedErrors = {
  ...filterErrors,
  ...pageErrors,
  ...cellErrors,
  ...measureErrors,
  ...accessErrors,
  ...guardErrors,
  ...ruleErrors,
};
