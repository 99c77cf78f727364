/** What each word of `who-sees-what.md` promises of a value that is not null. */

const tenYears = ['0-17', '18-29', '30-39', '40-49', '50-59', '60-69', '70-79', '80-89', '90+'];
const fiveYears = [
  ...['0-4', '5-9', '10-14', '15-17', '18-19', '20-24', '25-29', '30-34', '35-39', '40-44', '45-49'],
  ...['50-54', '55-59', '60-64', '65-69', '70-74', '75-79', '80-84', '85-89', '90+'],
];
const groups = ['white', 'mixed', 'asian', 'black', 'other', 'not_stated'];

const oneOf =
  (values: readonly string[]) =>
  (value: unknown): boolean =>
    values.includes(String(value));
const like =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    pattern.test(String(value));
const whole = (value: unknown): value is number => Number.isInteger(value);
const isDay = like(/^\d{4}-\d\d-\d\d$/);
const weekdayOf = (day: unknown): number => new Date(`${String(day)}T00:00:00Z`).getUTCDay();
const isMoney = like(/^-?\d+\.\d\d$|^-?\d+$/);
const figuresOf = (value: unknown): number =>
  String(Math.trunc(Number(value)))
    .replace('-', '')
    .replace(/0+$/, '').length;
const isTens = (value: unknown): boolean => isMoney(value) && Number(value) % 10 === 0;
const isTenth = (value: unknown): boolean => Number((value as number).toFixed(1)) === value;

export interface ShownAs {
  readonly holds: (value: unknown) => boolean;
  /** How `explainAccess` says it. */
  readonly explained: RegExp;
  /** What the values of a column must also be: that they are not coarser than promised. */
  readonly among?: (values: readonly unknown[]) => boolean;
}

export const shownAs: Readonly<Record<string, ShownAs>> = {
  // Open to everybody who has the dataset.
  open: { explained: /^As it is/, holds: (value) => value !== '' },
  // A code, a name or a number as the warehouse has it.
  value: {
    explained: /^(As it is\.$|Null where|SENSITIVE in|Both from the pounds)/,
    holds: (value) => value !== '',
  },
  exact: { explained: /^(Exact|As it is)\.$/, holds: (value) => typeof value === 'number' },
  number: { explained: /^As it is\.$/, holds: (value) => whole(value) && value >= 1 },
  // Counts to the nearest five.
  fives: { explained: /^Rounded to 5; hidden/, holds: (value) => whole(value) && value % 5 === 0 },
  tenth: { explained: /one decimal.*hidden/, holds: isTenth },
  'two figures': { explained: /two figures/, holds: (value) => isTens(value) && figuresOf(value) <= 2 },
  tens: { explained: /£10/, holds: isTens },
  pounds: { explained: /not rounded|From the two figures|^As it is/, holds: isMoney },
  token: { explained: /pseudonym/, holds: like(/^m1\.[a-z0-9]{1,8}\.[A-Za-z0-9_-]{22}$/) },
  week: { explained: /Monday of its ISO week/, holds: (value) => isDay(value) && weekdayOf(value) === 1 },
  month: {
    explained: /first day of its month/,
    holds: (value) => isDay(value) && String(value).endsWith('-01'),
  },
  day: {
    explained: /^As it is\.$/,
    holds: isDay,
    among: (values) => values.some((day) => weekdayOf(day) !== 1),
  },
  hour: {
    explained: /^(As it is|The hour instead of the minute)\.$/,
    holds: (value) => whole(value) && value >= 0 && value <= 23,
  },
  'four hours': {
    explained: /^Four hours instead of the minute\.$/,
    holds: oneOf(['00-03', '04-07', '08-11', '12-15', '16-19', '20-23']),
  },
  quarters: {
    explained: /Rounded to 15\. Above the 99\.5th percentile/,
    holds: (value) => whole(value) && value % 15 === 0,
  },
  // Days, none above the 99.5th percentile of the release.
  'cut off': { explained: /Above the 99\.5th percentile/, holds: whole },
  'ten years': { explained: /^Bands of ten years|ten-year bands/, holds: oneOf([...tenYears, 'unknown']) },
  'five years': {
    explained: /^Five-year bands/,
    holds: oneOf(fiveYears),
    among: (values) => values.some((band) => !tenYears.includes(String(band))),
  },
  'row years': { explained: /^Five-year bands.*ten-year bands/, holds: oneOf([...fiveYears, ...tenYears]) },
  gender: { explained: /^(As it is|Null where too few)/, holds: oneOf(['M', 'F', 'U']) },
  group: { explained: /^A group of the ethnic categories\./, holds: oneOf(groups) },
  quintile: {
    explained: /^A fifth instead of the tenth\./,
    holds: oneOf(['1', '2', '3', '4', '5', 'unknown']),
  },
  area: { explained: /^The letters of the postcode district\./, holds: like(/^[A-Z]{1,2}$/) },
  // ICD-10 or OPCS-4 categories; listed ones are hidden.
  category: {
    explained: /first three characters.*SENSITIVE/,
    holds: like(/^([A-Z]\d[0-9A-Z]|SENSITIVE)(,([A-Z]\d[0-9A-Z]|SENSITIVE))*$/),
  },
  // Letters as A and a, digits as 9; of identifiers a word.
  shape: {
    explained: /^As it is\.$/,
    holds: like(/^(EMPTY|SENTINEL|WRONG_LENGTH|BAD_CHECK_DIGIT|OTHER|([Aa9]|[^A-Za-z0-9]){1,24})$/),
  },
};
