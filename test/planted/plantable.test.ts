import { root } from '../support/landing.js';
import { clauses } from './clauses.js';
import { notPlantable } from './tree.js';

// The errors are tried by `npm run test:full`; code that moves is noticed at once.
describe.each(Object.entries(clauses))('planted errors: %s', (_clause, errors) => {
  it.each(errors.map((planted) => [planted.error, planted] as const))('%s', (_error, planted) => {
    expect(notPlantable(root, planted)).toBeUndefined();
  });
});
