/** Bodies of requests; those of a list ask for the same with different arguments. */
const body = (query: string, variables: object): string => JSON.stringify({ query, variables });

const firsts = Array.from({ length: 40 }, (_, at) => 20 + at);

/** Figures that lie in a mart. */
export const marts = firsts.map((first, at) =>
  at % 2 === 0
    ? body(
        'query ($first: Int) { edWaits(by: [TRUST], grain: MONTH, first: $first) { nodes { period trustCode attendances within4HoursPct medianMinutes } } }',
        { first },
      )
    : body(
        'query ($first: Int) { lengthOfStay(by: [TRUST], grain: QUARTER, first: $first) { nodes { period trustCode discharges meanDays medianDays } } }',
        { first },
      ),
);

/** Figures that are counted from all events. */
export const fromEvents = firsts.map((first, at) =>
  at % 2 === 0
    ? body(
        'query ($first: Int) { edWaits(by: [TRUST, TRIAGE, ARRIVAL_HOUR], grain: YEAR, first: $first) { nodes { period trustCode attendances within4HoursPct medianMinutes } } }',
        { first },
      )
    : body(
        'query ($first: Int) { lengthOfStay(by: [TRUST, SPECIALTY, HRG], grain: ALL, first: $first) { nodes { trustCode discharges meanDays medianDays p95Days } } }',
        { first },
      ),
);

/** A page of a refresh. */
export const longPages = [
  body(
    'query ($first: Int) { episodes(first: $first) { nodes { trustCode trustName admissionDate losDays specialtyCode hrgCode } } }',
    { first: 10_000 },
  ),
];

/** A short page of de-identified rows. */
export const rows = firsts.map((first) =>
  body('query ($first: Int) { episodes(first: $first) { nodes { trustCode admissionDate losDays } } }', {
    first,
  }),
);
