import { Field, Int } from 'type-graphql';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { BedForecastDay } from '../../src/schema/bed-forecast.js';

it('a field without a class stops the build of the schemas, and is named', () => {
  Field(() => Int)(BedForecastDay.prototype, 'beds');
  expect(() => buildRoleSchemas()).toThrow(/No sensitivity class is declared for BedForecastDay\.beds\./);
});
