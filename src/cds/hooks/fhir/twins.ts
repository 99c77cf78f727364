import { attendanceTwin, contactTwin, dischargeTwin, spellTwin } from './encounters.js';
import { observationTwin } from './observations.js';
import { prescriptionTwin, referralTwin } from './orders.js';
import { patientTwin } from './patients.js';
import type { Twin } from './twin.js';

/** The twins of facts, by their names. Facts that are not here are known from gold alone. */
export const twins: ReadonlyMap<string, Twin> = new Map(
  [
    patientTwin,
    spellTwin,
    dischargeTwin,
    attendanceTwin,
    contactTwin,
    prescriptionTwin,
    referralTwin,
    observationTwin,
  ].map((twin) => [twin.fact, twin]),
);

/** Facts whose resources another fact brings too. */
export const fetchedWith: Readonly<Record<string, string>> = { discharge: 'spell' };

/** Columns that need another fact beside their own. */
export const neededBeside: Readonly<Record<string, string>> = {
  age: 'patient',
  contact_after_discharge: 'community_contact',
  days_discharge_to_contact: 'community_contact',
  mh_referral_after: 'mh_referral',
  days_to_mh_referral: 'mh_referral',
};

/** Columns that are reckoned from the rows of a fact and of others. */
export const derivedColumns: Readonly<Record<string, readonly string[]>> = {
  spell: ['days_since_discharge', 'contact_after_discharge', 'days_discharge_to_contact'],
  discharge: ['days_since_discharge', 'contact_after_discharge', 'days_discharge_to_contact'],
  ed_attendance: ['hours_since_departure', 'mh_referral_after', 'days_to_mh_referral'],
};
