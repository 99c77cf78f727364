import { contract, integer, text } from './contract.js';
import { trustCodePattern } from './identity.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  trust_code: text(6)('O', 'Organisation code of the trust.', {
    required: true,
    upper: true,
    pattern: trustCodePattern,
    aliases: ['provider_code', 'org_code'],
  }),
  trust_name: text(200)('O', 'Name of the trust.', { mustExist: true }),
  trust_type: text(60)(
    'O',
    'Type as supplied; it contradicts most names, so no conclusion is drawn from it.',
    {
      codes: ['Foundation Trust', 'NHS Trust', 'Mental Health Trust', 'Community Trust'],
    },
  ),
  region: text(60)('O', 'Region of the trust as supplied.'),
  commissioner_code: text(12)('O', 'Commissioner of the trust; supplied codes are not national ones.', {
    upper: true,
    pattern: 'CCG[0-9]{3}|Q[A-Z0-9]{2}|[A-Z0-9]{3,5}',
  }),
  beds: integer(0, 20_000)('O', 'Beds of the trust as supplied; without relation to activity.'),
  annual_income: integer(0, 100_000_000_000)('O', 'Income of the trust in pounds a year.'),
};

export const trusts = contract({
  dataset: 'trusts',
  version: 1,
  description: 'Hospital trusts of the group.',
  key: ['trust_code'],
  duplicateRule: 'TRUST_DUPLICATE',
  requiredForRelease: true,
  columns,
  rules: noNegatives(columns),
  references: [],
});
