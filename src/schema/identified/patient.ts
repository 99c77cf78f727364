import 'reflect-metadata';
import { Field, ID, Int } from 'type-graphql';
import { factSpellScore } from '../../warehouse/gold/derived.js';
import {
  factCarePackage,
  factContact,
  factEdAttendance,
  factPrescription,
  factReferral,
  factSpell,
} from '../../warehouse/gold/facts.js';
import { identifiedPatient } from '../../warehouse/identified.js';
import { Classed } from '../declare/classed.js';
import { IdentifiedCarePackage } from './care-package.js';
import { IdentifiedContact } from './contact.js';
import { Exact, type ExactRows, ExactType, exactRowsOf } from './declare.js';
import { IdentifiedEdAttendance } from './ed-attendance.js';
import { IdentifiedEpisode } from './episode.js';
import { IdentifiedPrescription } from './prescription.js';
import { IdentifiedReferral } from './referral.js';

/** Lists of the patient's events, by their field. */
export const eventsOfIdentified: ReadonlyMap<string, ExactRows> = new Map([
  ['episodes', exactRowsOf(IdentifiedEpisode, factSpell, { table: factSpellScore, key: 'spell_sk' })],
  ['edAttendances', exactRowsOf(IdentifiedEdAttendance, factEdAttendance)],
  ['referrals', exactRowsOf(IdentifiedReferral, factReferral)],
  ['contacts', exactRowsOf(IdentifiedContact, factContact)],
  ['prescriptions', exactRowsOf(IdentifiedPrescription, factPrescription)],
  ['carePackages', exactRowsOf(IdentifiedCarePackage, factCarePackage)],
]);

/** A list of the patient's events. */
const Events =
  (field: string, what: string): PropertyDecorator =>
  (prototype, name) => {
    const type = eventsOfIdentified.get(field)?.type as unknown as new () => object;
    Field(() => [type], { description: `${what} of the patient at all trusts, in order of time.` })(
      prototype,
      name,
    );
  };

/** What a broken glass shows of one patient. Ages and tokens are made; the rest is as the sources say. */
@ExactType(
  'Who a patient is, and what happened to them, exactly and at all trusts: under an open grant only.',
)
export abstract class IdentifiedPatient {
  @Classed('D', () => ID, { description: 'The pseudonym that was asked for.' })
  readonly patientId!: string;

  @Exact(identifiedPatient, 'patient_id', {
    sensitivity: 'D',
    description: 'Identifier of the patient in the source.',
  })
  readonly localId!: string;

  @Exact(identifiedPatient, 'nhs_number', {
    sensitivity: 'D',
    description: 'NHS number, ten digits; null where none with a right check digit was supplied.',
  })
  readonly nhsNumber!: string | null;

  @Exact(identifiedPatient, 'family_name', {
    sensitivity: 'D',
    description: 'Family name in use; null where the source sends no names.',
  })
  readonly familyName!: string | null;

  @Exact(identifiedPatient, 'given_names', {
    sensitivity: 'D',
    description: 'Given names in use, separated by blanks.',
  })
  readonly givenNames!: string | null;

  @Exact(identifiedPatient, 'date_of_birth', { sensitivity: 'Q', description: 'Day of birth.' })
  readonly dateOfBirth!: string | null;

  @Classed('Q', () => Int, {
    nullable: true,
    description: 'Age in whole years on the last day with data; null without a day of birth.',
  })
  readonly ageYears!: number | null;

  @Exact(identifiedPatient, 'gender', { sensitivity: 'Q', description: 'M male, F female, U not known.' })
  readonly gender!: string | null;

  @Exact(identifiedPatient, 'ethnicity', {
    sensitivity: 'S',
    description: 'NHS ethnic category: A to S, Z not stated.',
  })
  readonly ethnicity!: string | null;

  @Exact(identifiedPatient, 'deprivation_decile', {
    sensitivity: 'Q',
    description: 'Deprivation tenth, 1 = most deprived; area-based, as supplied.',
  })
  readonly deprivationDecile!: number | null;

  @Exact(identifiedPatient, 'registered_practice', {
    sensitivity: 'Q',
    description: 'Code of the registered practice.',
  })
  readonly registeredPractice!: string | null;

  @Exact(identifiedPatient, 'postcode_district', {
    sensitivity: 'Q',
    description: 'Postcode district of residence.',
  })
  readonly postcodeDistrict!: string | null;

  @Events('episodes', 'Hospital spells')
  readonly episodes!: readonly IdentifiedEpisode[];

  @Events('edAttendances', 'Emergency department attendances')
  readonly edAttendances!: readonly IdentifiedEdAttendance[];

  @Events('referrals', 'Mental health referrals')
  readonly referrals!: readonly IdentifiedReferral[];

  @Events('contacts', 'Community services contacts')
  readonly contacts!: readonly IdentifiedContact[];

  @Events('prescriptions', 'Prescribed items')
  readonly prescriptions!: readonly IdentifiedPrescription[];

  @Events('carePackages', 'Social care packages')
  readonly carePackages!: readonly IdentifiedCarePackage[];
}
