import { communityContact } from './community-contact.js';
import { discharge } from './discharge.js';
import { edAttendance } from './ed-attendance.js';
import type { Fact, ValueSet } from './fact.js';
import { mhReferral } from './mh-referral.js';
import { observation } from './observation.js';
import { patient } from './patient.js';
import { patientCost } from './patient-cost.js';
import { prescription } from './prescription.js';
import { qualityFinding } from './quality-finding.js';
import { socialCarePackage } from './social-care-package.js';
import { spell } from './spell.js';

/** What rules can read, and the lists of codes that they can name. */
export interface Registry {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly valueSets: ReadonlyMap<string, ValueSet>;
}

/** All facts by name. */
export const facts: ReadonlyMap<string, Fact> = new Map(
  [
    patient,
    spell,
    discharge,
    edAttendance,
    mhReferral,
    communityContact,
    prescription,
    socialCarePackage,
    patientCost,
    observation,
    qualityFinding,
  ].map((fact) => [checked(fact).name, fact]),
);

/** The registry with these value sets. */
export const registryOf = (valueSets: ReadonlyMap<string, ValueSet> = new Map()): Registry => ({
  facts,
  valueSets,
});

/** The fact itself. Error: its declaration names a column that it does not have. */
function checked(fact: Fact): Fact {
  const need = (column: string, where: string): void => {
    if (!Object.hasOwn(fact.columns, column))
      throw new Error(`fact ${fact.name}: ${where} names ${column}, which is no column`);
  };
  need(fact.defaultColumn, 'the default');
  if (fact.time) need(fact.time.column, 'the primary time');
  if (fact.trust !== undefined) need(fact.trust, 'the trust');
  for (const [name, { knownAt, type, stored }] of Object.entries(fact.columns)) {
    if ((type === 'time') !== (stored !== undefined))
      throw new Error(`fact ${fact.name}: ${name} is a time if it says how it is stored, and only then`);
    if (knownAt === undefined) continue;
    need(knownAt, name);
    if (fact.columns[knownAt]?.type !== 'time')
      throw new Error(`fact ${fact.name}: ${name} is known at ${knownAt}, which is no time`);
  }
  return fact;
}
