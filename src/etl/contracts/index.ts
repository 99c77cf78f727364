import { conditions } from './conditions.js';
import type { Contract } from './contract.js';
import { csdsContacts } from './csds-contacts.js';
import { ecdsAttendances } from './ecds-attendances.js';
import { mhsdsReferrals } from './mhsds-referrals.js';
import { observations } from './observations.js';
import { patientJourneys } from './patient-journeys.js';
import { patients } from './patients.js';
import { practices } from './practices.js';
import { prescriptions } from './prescriptions.js';
import { procedures } from './procedures.js';
import { socialCare } from './social-care.js';
import { susEpisodes } from './sus-episodes.js';
import { trusts } from './trusts.js';

/** Every source contract by dataset, in load order: what others refer to comes first. */
export const contracts: ReadonlyMap<string, Contract> = new Map(
  [
    trusts,
    practices,
    patients,
    susEpisodes,
    ecdsAttendances,
    mhsdsReferrals,
    csdsContacts,
    prescriptions,
    socialCare,
    patientJourneys,
    conditions,
    procedures,
    observations,
  ].map((contract) => [contract.dataset, contract]),
);
