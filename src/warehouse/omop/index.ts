import { conditionOccurrence, procedureOccurrence } from './conditions.js';
import { cost } from './costs.js';
import { drugExposure } from './drugs.js';
import { measurement, observation } from './findings.js';
import { death, observationPeriod, person } from './persons.js';
import { careSite, location, provider } from './places.js';
import { cdmSource } from './source.js';
import { visitDetail, visitOccurrence } from './visits.js';

/**
 * The OMOP CDM 5.4 tables of a release, what a row refers to before the row. They stand under their official names
 * beside the star schema and are internal: no role's schema has them. Date-times are wall-clock times, as OMOP has
 * them, so that they agree with the dates beside them.
 */
export const omopTables = [
  location,
  careSite,
  provider,
  person,
  death,
  observationPeriod,
  visitOccurrence,
  visitDetail,
  conditionOccurrence,
  procedureOccurrence,
  drugExposure,
  measurement,
  observation,
  cost,
  cdmSource,
] as const;
