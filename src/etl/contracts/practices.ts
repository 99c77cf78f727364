import { contract, integer, text } from './contract.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  practice_code: text(8)('O', 'Organisation code of the general practice.', {
    required: true,
    upper: true,
    pattern: '[A-HJ-NP-Y][0-9]{5}',
    aliases: ['gp_practice_code'],
  }),
  practice_name: text(200)('O', 'Name of the practice.', { mustExist: true }),
  list_size: integer(0, 1_000_000)('O', 'Registered patients as supplied.'),
  partners: integer(0, 1_000)('O', 'Number of partners.'),
  commissioning_region: text(60)('O', 'Region that commissions the practice.'),
  postcode_district: text(4)('O', 'Postcode district of the practice.', {
    upper: true,
    pattern: '[A-Z]{1,2}[0-9][A-Z0-9]?',
    defaults: ['ZZ99'],
  }),
};

export const practices = contract({
  dataset: 'practices',
  version: 1,
  description: 'General practices where patients are registered.',
  key: ['practice_code'],
  duplicateRule: 'PRACTICE_DUPLICATE',
  requiredForRelease: false,
  columns,
  rules: noNegatives(columns),
  references: [],
});
