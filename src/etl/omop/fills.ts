import { conditionFills, procedureFills } from './clinical-codes.js';
import { costFills } from './costs.js';
import type { OmopContext, OmopFill } from './fill.js';
import { measurementFills, observationFills } from './findings.js';
import { drugFills } from './medicines.js';
import { personFills } from './persons.js';
import { placeFills, sourceFill } from './places.js';
import { visitFills } from './visits.js';

/** Every fill, in an order in which what a row refers to comes before it. */
export function omopFills(context: OmopContext): {
  readonly places: readonly OmopFill[];
  readonly persons: readonly OmopFill[];
  readonly source: OmopFill;
} {
  return {
    places: placeFills(context),
    persons: [
      ...personFills(context),
      ...visitFills(context),
      ...conditionFills(context),
      ...procedureFills(context),
      ...drugFills(context),
      ...measurementFills(context),
      ...observationFills(context),
      ...costFills(context),
    ],
    source: sourceFill(context),
  };
}
