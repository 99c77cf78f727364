import { localTime, type Reference, type RowRule, type SourceColumn, text } from './contract.js';

/** Columns, rules and references by which an event names its patient; the same in every event table. */

/**
 * The pseudonym that hashing a mistyped "INVALID" gave: several people share it, so it means "not known".
 * Not a sentinel of `NHS_NUMBER_INVALID`, whose counts are those of the literal alone.
 */
const hashOfInvalid = 'PSEUDO_00562E00FF16CA09';

export const patientId = (): SourceColumn =>
  text(64)('D', "The supplier's patient id, the only link between tables.", { required: true, token: true });

/** Codes of trusts, and the derived ones of organisations that FHIR sends without an ODS code. */
export const trustCodePattern = 'R[A-Z0-9]{2}|F[A-Z0-9]{4}';

/** Id of an event, unique in its dataset. */
export const eventId = (
  description: string,
  more: { readonly aliases?: readonly string[] } = {},
): SourceColumn => text(64)('D', description, { ...more, required: true, token: true });

/** The visit that something belongs to: the id of a spell, an attendance or a contact. */
export const encounterId = (): SourceColumn =>
  text(64)('D', 'Id of the spell, attendance or contact that it belongs to.', { token: true });

export const nhsNumber = (): SourceColumn =>
  text(32)('D', 'NHS number or its supplied pseudonym; identifies, never links and never enters gold.', {
    upper: true,
    pattern: 'PSEUDO_[0-9A-F]{16}|[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}',
    sentinels: { values: ['INVALID'], rule: 'NHS_NUMBER_INVALID' },
  });

export const nhsNumberRules: readonly RowRule[] = [
  {
    id: 'NHS_NUMBER_MISSING',
    column: 'nhs_number',
    action: 'warn',
    violated: 'nhs_number is null',
    reason: 'the NHS number is empty',
  },
  {
    id: 'NHS_NUMBER_SHARED',
    column: 'nhs_number',
    action: 'warn',
    violated: `nhs_number = '${hashOfInvalid}'`,
    reason: 'the NHS number is the pseudonym of an invalid one, which several patients share',
    nullify: true,
  },
];

export const knownPatient: Reference = {
  rule: 'ORPHAN_PATIENT',
  column: 'patient_id',
  dataset: 'patients',
  action: 'reject',
};

export const knownTrust: Reference = {
  rule: 'ORPHAN_TRUST',
  column: 'trust_code',
  dataset: 'trusts',
  action: 'reject',
};

/** When the source system wrote the row: a watermark, never the time of an event. */
export const createdTimestamp = (): SourceColumn =>
  localTime(
    'O',
    'When the source system wrote the row; a watermark of loading, never the time of an event.',
    {
      bound: 'planned',
    },
  );
