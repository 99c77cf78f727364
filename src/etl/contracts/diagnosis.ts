import { type SourceColumn, text } from './contract.js';

/** An ICD-10 code of three to five characters; `INVALID` means that the coder gave none. */
export const primaryDiagnosis = (): SourceColumn =>
  text(8)('S', 'Primary diagnosis, ICD-10; supplied codes are cut to three characters.', {
    mustExist: true,
    upper: true,
    pattern: '[A-Z][0-9]{2}([0-9][0-9X]?)?',
    sentinels: { values: ['INVALID'], rule: 'DIAGNOSIS_INVALID' },
    aliases: ['primary_diagnosis_code'],
  });
