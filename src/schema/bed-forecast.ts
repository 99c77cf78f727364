import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { DisclosureRule } from '../access/disclosure.js';
import { type Role, roleDeclarations } from '../access/role.js';
import type { ForecastMethod } from '../forecast/method.js';
import { Classed } from './declare/classed.js';
import { DateScalar } from './declare/scalars.js';

/** Who may ask for a forecast: those who have the census that it is made from. */
export const bedForecastRoles: readonly Role[] = ['bi-reader', 'analyst', 'operations', 'clinician'];

/** The flow of patients is counted from stays that are not released to roles under disclosure control. */
export const flowRoles: readonly Role[] = ['operations', 'clinician'];

export const forecastMeanings: Readonly<Record<ForecastMethod, string>> = {
  SEASONAL_NAIVE: 'Every day as the last known day of the same weekday: the baseline.',
  HOLT_WINTERS: 'Exponential smoothing, additive, period 7, around annual Fourier terms.',
  FLOW: 'Patients here now by the survival of stays like theirs (admission type, age band, specialty), and expected admissions convolved with it. Limits by simulation with a seed of the release.',
};

const between = (side: string, share: number): string =>
  `${side} limit between which ${share} of 100 days should lie.`;

/** The figures of a day of a forecast, in beds, and what they mean. */
export const forecastFigures = {
  expected: 'Occupied beds expected at the midnight that ends the day.',
  lower80: between('Lower', 80),
  upper80: between('Upper', 80),
  lower95: between('Lower', 95),
  upper95: between('Upper', 95),
} as const;

/** The figures of a back-test, their units and what they mean. */
export const backtestFigures = {
  mae: { unit: 'beds', meaning: 'Mean absolute error of the method.' },
  mape: {
    unit: 'percent',
    meaning: 'Mean absolute error in percent of the beds that were occupied; null where none was.',
  },
  coverage95: { unit: 'percent', meaning: 'Share of days that lay within the limits of 95 %.' },
  baselineMae: {
    unit: 'beds',
    meaning: 'Mean absolute error of the baseline, SEASONAL_NAIVE, from the same origins.',
  },
} as const;

/** What a role sees of the figures of a day. */
export const forecastShown = (role: Role, { threshold, base }: DisclosureRule): string =>
  roleDeclarations[role].profile === 'exact'
    ? 'To a tenth of a bed.'
    : `Made from the census as it is shown to you, and rounded to ${base}; hidden from 1 to ${threshold - 1}, and where a day of the census is hidden.`;

const beds = (name: keyof typeof forecastFigures): string =>
  `${forecastFigures[name]} Beds. Null with its name in \`suppressed\` where it is hidden.`;

@ObjectType({ description: 'Occupied beds expected at the midnight that ends a day.' })
export class BedForecastDay {
  @Classed('O', () => DateScalar, { description: 'The day, Europe/London.' })
  readonly date!: string;

  @Classed('Q', () => Float, { nullable: true, description: beds('expected') })
  readonly expected!: number | null;

  @Classed('Q', () => Float, { nullable: true, description: beds('lower80') })
  readonly lower80!: number | null;

  @Classed('Q', () => Float, { nullable: true, description: beds('upper80') })
  readonly upper80!: number | null;

  @Classed('Q', () => Float, { nullable: true, description: beds('lower95') })
  readonly lower95!: number | null;

  @Classed('Q', () => Float, { nullable: true, description: beds('upper95') })
  readonly upper95!: number | null;

  @Classed('O', () => String, {
    nullable: true,
    description: 'Names of the figures that are hidden in this row, space-separated. Null: none is.',
  })
  readonly suppressed!: string | null;
}

@ObjectType({
  description:
    'How well the method would have done: forecasts of the same horizon from origins of the last year, each with the data up to its origin only, against what came. Days with an incomplete census are left out.',
})
export class BedForecastBacktest {
  @Classed('O', () => String, { description: 'The method that was tested: that of the forecast.' })
  readonly method!: string;

  @Classed('O', () => Int, { description: 'Days from which it was forecast.' })
  readonly origins!: number;

  @Classed('O', () => Int, { description: 'Days forecast from each origin.' })
  readonly horizonDays!: number;

  @Classed('Q', () => Float, { description: backtestFigures.mae.meaning })
  readonly mae!: number;

  @Classed('Q', () => Float, { nullable: true, description: backtestFigures.mape.meaning })
  readonly mape!: number | null;

  @Classed('Q', () => Float, { description: backtestFigures.coverage95.meaning })
  readonly coverage95!: number;

  @Classed('Q', () => Float, { description: backtestFigures.baselineMae.meaning })
  readonly baselineMae!: number;

  @Classed('Q', () => Boolean, { description: 'The baseline did better than the method: prefer it.' })
  readonly baselineIsBetter!: boolean;
}

@ObjectType({ description: 'A forecast of the midnight census with the back-test that justifies it.' })
export class BedForecast {
  @Classed('O', () => String, {
    nullable: true,
    description: 'The method of the forecast; null where there is none.',
  })
  readonly method!: string | null;

  @Classed('O', () => DateScalar, {
    nullable: true,
    description: 'First day of the census that it was made from.',
  })
  readonly historyFrom!: string | null;

  @Classed('O', () => DateScalar, {
    nullable: true,
    description: 'Last day of the census that it was made from; the forecast begins on the next.',
  })
  readonly historyTo!: string | null;

  @Field(() => [BedForecastDay], { description: 'One a day; none where the trust is not in scope.' })
  readonly nodes!: readonly BedForecastDay[];

  @Field(() => BedForecastBacktest, {
    nullable: true,
    description: 'Null where a day of the census is hidden from the role, or the trust is not in scope.',
  })
  readonly backtest!: BedForecastBacktest | null;
}
