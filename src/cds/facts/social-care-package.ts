import { factCarePackage } from '../../warehouse/gold/facts.js';
import { age, amount, day, declareFact, known, number, own, string, told } from './declare.js';

export const socialCarePackage = declareFact({
  name: 'social_care_package',
  description: 'Social care packages. Status and review are as last supplied: nobody says since when.',
  table: factCarePackage,
  key: 'package_sk',
  columns: {
    start_date: told(day('first day', own('start_date'))),
    status: told(string('Active Completed', known('status'))),
    review_date: told(day('next review, as supplied', own('review_date'))),
    package_type: told(
      string('HOMECARE DAYCARE RESIDENTIAL NURSING EQUIPMENT DIRECT_PAYMENT', known('package_type')),
    ),
    weekly_cost: number('pounds a week', amount('weekly_cost'), { seenAs: 'carePackages.weeklyCost' }),
    age,
  },
  time: 'start_date',
  defaultColumn: 'start_date',
  dataset: 'carePackages',
  fhir: 'CarePlan?patient={{context.patientId}}',
  notAsOf: true,
});
