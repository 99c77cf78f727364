import { type Aggregate, count, eq, persons, type Sum, sum } from '../measures/aggregate.js';
import { europeanStandard2013 } from '../measures/standardised.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import type { ByArgument } from './declare/metadata.js';
import * as dimensions from './dimensions.js';
import { healthYears } from './sources/health-years.js';

const briefing = 'Association of Public Health Observatories, Technical Briefing 3: commonly used statistics';
const standard =
  'Eurostat 2013, revision of the European Standard Population; limits: Dobson et al. 1991 with Byar’s approximation';
const people =
  'current patients of the release who were born before the end of the year, not the list sizes of practices';
const independence =
  'several events of one patient are not independent, as the limits assume; a 5-year band without people is left out; null below 10 events';

/** Indicators in the order of the API. */
const indicators = [
  'EMERGENCY_ADMISSIONS',
  'ELECTIVE_ADMISSIONS',
  'ED_ATTENDANCES',
  'ED_OVER_4_HOURS',
  'MENTAL_HEALTH_REFERRALS',
  'COMMUNITY_CONTACTS',
  'PRESCRIPTION_ITEMS',
  'HOSPITAL_DEATHS',
] as const;

const population = count({ kind: eq('PERSON') });

/** A measure of the events of the indicator that is asked for. */
const byIndicator = (of: (events: Sum) => Aggregate): ByArgument => ({
  argument: 'indicator',
  cases: Object.fromEntries(
    indicators.map((indicator) => [indicator, of(sum('n', { kind: eq(indicator) }))]),
  ),
});

const standardised = (value: 'rate' | 'lower' | 'upper'): ByArgument =>
  byIndicator((events) => ({
    kind: 'standardised',
    events,
    population,
    over: 'STANDARD_BAND',
    weights: europeanStandard2013,
    value,
  }));

const ofIndicator =
  'events of the indicator in the year: admissions by their day, attendances by arrival, referrals, contacts, prescription items by their day; of deaths in hospital the first of a patient';

@MeasureDataset({
  key: 'populationHealth',
  title: 'Population health',
  description:
    'Events of an indicator among the current patients, by deprivation, ethnic group and age, a calendar year at a time: the last full one unless another is asked for; grain YEAR gives every year. Age is that of 1 July for events and people alike. Deprivation is area-based as supplied, by postcode district. Under disclosure control rates, limits and slopes come from the rounded numbers, and are hidden where one of these is.',
  source: healthYears,
  year: 'year',
  roles: ['bi-reader', 'analyst'],
  cubes: [
    { by: ['QUINTILE', 'AGE_BAND'], published: 'YEAR', mart: null },
    { by: ['QUINTILE', 'ETHNIC_GROUP'], published: 'YEAR', mart: null },
    { by: ['QUINTILE', 'ETHNIC_GROUP', 'AGE_BAND', 'STANDARD_BAND'], published: null, mart: 'YEAR' },
  ],
  rowsFloor: { default: 'YEAR' },
  arguments: {
    indicator: {
      type: { kind: 'enum', name: 'Indicator', values: indicators },
      default: 'EMERGENCY_ADMISSIONS',
      description: 'What is counted.',
    },
    year: {
      type: { kind: 'int', least: 1900, most: 2999 },
      default: null,
      description: 'Calendar year; without it the last one that the data cover to its end.',
    },
  },
})
export abstract class PopulationHealth {
  @Dimension(dimensions.deprivationQuintile) readonly deprivationQuintile!: string | null;
  @Dimension(dimensions.ethnicGroup) readonly ethnicGroup!: string | null;
  @Dimension({
    ...dimensions.ageBand,
    description: "Age on 1 July: 0-17, 18-29, ten-year bands, 90+; 'unknown' without a birth date.",
  })
  readonly ageBand!: string | null;

  @Measure({
    is: byIndicator((events) => events),
    unit: 'events',
    sensitivity: 'Q',
    description: 'Events of the indicator.',
    denominator: ofIndicator,
    edgeCases: 'an attendance of exactly four hours is not over four hours',
    source: briefing,
  })
  readonly events!: number | null;

  @Measure({
    is: persons({ kind: eq('PERSON') }),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'People among whom the events happened.',
    denominator: people,
    edgeCases: 'those whose ethnic group or age is not known are members of their own',
    source: briefing,
  })
  readonly population!: number | null;

  @Measure({
    is: byIndicator((events) => ({ kind: 'rate', events, population })),
    unit: 'per 100,000 person-years',
    sensitivity: 'Q',
    description: 'Crude rate.',
    numerator: ofIndicator,
    denominator: people,
    source: briefing,
  })
  readonly crudeRate!: number | null;

  @Measure({
    is: standardised('rate'),
    unit: 'per 100,000 person-years',
    sensitivity: 'Q',
    description:
      'Directly standardised rate: the rate if the age bands of five years had the shares of the European Standard Population 2013.',
    numerator: ofIndicator,
    denominator: people,
    edgeCases: independence,
    source: standard,
  })
  readonly standardisedRate!: number | null;

  @Measure({
    is: standardised('lower'),
    unit: 'per 100,000 person-years',
    sensitivity: 'Q',
    description: 'Lower 95 % limit of the standardised rate.',
    numerator: ofIndicator,
    denominator: people,
    edgeCases: independence,
    source: standard,
  })
  readonly lower95!: number | null;

  @Measure({
    is: standardised('upper'),
    unit: 'per 100,000 person-years',
    sensitivity: 'Q',
    description: 'Upper 95 % limit of the standardised rate.',
    numerator: ofIndicator,
    denominator: people,
    edgeCases: independence,
    source: standard,
  })
  readonly upper95!: number | null;

  @Measure({
    is: byIndicator((events) => ({
      kind: 'slope',
      events,
      population,
      over: 'QUINTILE',
      groups: ['1', '2', '3', '4', '5'],
    })),
    unit: 'per 100,000 person-years',
    sensitivity: 'Q',
    description:
      'Slope index of inequality of the crude rate: its change from the most to the least deprived end of the people, by least squares over the quintiles, weighted by their people. Negative where the most deprived have the higher rate.',
    numerator: ofIndicator,
    denominator: people,
    edgeCases:
      'null below three quintiles or 50 events, hence by QUINTILE; people without a quintile are left out',
    source: 'Mackenbach and Kunst 1997, Soc Sci Med 44(6):757-771',
  })
  readonly slopeIndex!: number | null;
}
