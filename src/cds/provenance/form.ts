/** What a value of a file must look like: it names what is wrong with one, and describes itself as JSON Schema. */
export interface Form<T> {
  readonly schema: Readonly<Record<string, unknown>>;
  /** What is wrong with the value at a place of the file, a line each. */
  problems(value: unknown, at: string): readonly string[];
  /** Never there: carries the type of a value without problems. */
  readonly of?: T;
}

/** The value itself where it has no problem. */
export const hasForm = <T>(form: Form<T>, value: unknown): value is T =>
  form.problems(value, '').length === 0;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const must = (holds: boolean, at: string, be: string): readonly string[] =>
  holds ? [] : [`${at} must be ${be}`];

/** A text that is not empty. */
export const text: Form<string> = {
  schema: { type: 'string', minLength: 1 },
  problems: (value, at) => must(typeof value === 'string' && value.trim() !== '', at, 'a text'),
};

/** `expected` completes the sentence "… must be". */
export const matching = (pattern: RegExp, expected: string): Form<string> => ({
  schema: { type: 'string', pattern: pattern.source },
  problems: (value, at) => must(typeof value === 'string' && pattern.test(value), at, expected),
});

/** A day of the calendar, `YYYY-MM-DD`. */
export const day: Form<string> = {
  schema: { type: 'string', format: 'date' },
  problems: (value, at) =>
    must(
      typeof value === 'string' &&
        /^\d{4}-\d{2}-\d{2}$/.test(value) &&
        new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true,
      at,
      'a day YYYY-MM-DD',
    ),
};

export const whole = (minimum: number, maximum: number): Form<number> => ({
  schema: { type: 'integer', minimum, maximum },
  problems: (value, at) =>
    must(
      typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum,
      at,
      `a whole number from ${minimum} to ${maximum}`,
    ),
});

export const oneOf = <T extends string>(names: readonly T[]): Form<T> => ({
  schema: { enum: names },
  problems: (value, at) =>
    must(
      names.some((name) => name === value),
      at,
      `one of ${names.join(', ')}`,
    ),
});

export const list = <T>(item: Form<T>, minimum = 0): Form<readonly T[]> => ({
  schema: { type: 'array', items: item.schema, minItems: minimum },
  problems: (value, at) =>
    Array.isArray(value) && value.length >= minimum
      ? value.flatMap((one, index) => item.problems(one, `${at}[${index}]`))
      : [`${at} must be a list${minimum > 0 ? ` of at least ${minimum}` : ''}`],
});

/** What a file writes for an optional key: absent is not the same as undefined. */
type Required<T> = { [K in keyof T as undefined extends T[K] ? never : K]: Form<T[K]> };
type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Form<NonNullable<T[K]>> };

/** An object with these keys and no others. */
export function section<T extends object>(required: Required<T>, optional?: Optional<T>): Form<T> {
  const needed = Object.entries(required) as [string, Form<unknown>][];
  const allowed = Object.entries(optional ?? {}) as [string, Form<unknown>][];
  const forms = new Map([...needed, ...allowed]);
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries([...forms].map(([name, { schema }]) => [name, schema])),
      required: needed.map(([name]) => name),
    },
    problems(value, at) {
      if (!isObject(value)) return [`${at || 'the file'} must be a map of ${[...forms.keys()].join(', ')}`];
      const place = (name: string): string => (at === '' ? name : `${at}.${name}`);
      return [
        ...needed
          .filter(([name]) => !Object.hasOwn(value, name))
          .map(([name]) => `${place(name)} is missing`),
        ...Object.entries(value).flatMap(
          ([name, one]) =>
            forms.get(name)?.problems(one, place(name)) ?? [
              `${place(name)} is no key: ${[...forms.keys()].join(', ')}`,
            ],
        ),
      ];
    },
  };
}
