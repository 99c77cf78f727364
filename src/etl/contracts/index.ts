import type { Contract } from './contract.js';
import { csdsContacts } from './csdsContacts.js';
import { ecdsAttendances } from './ecdsAttendances.js';
import { mhsdsReferrals } from './mhsdsReferrals.js';
import { patientJourneys } from './patientJourneys.js';
import { patients } from './patients.js';
import { practices } from './practices.js';
import { prescriptions } from './prescriptions.js';
import { socialCare } from './socialCare.js';
import { susEpisodes } from './susEpisodes.js';
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
  ].map((contract) => [contract.dataset, contract]),
);
