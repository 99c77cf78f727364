import { MaplewoodError } from '../errors.js';

/** What a value of the configuration file must look like: it reads one, and describes itself as JSON Schema. */
export interface Shape<T> {
  /** Error: `CONFIGURATION`, naming the place `at` in the file. */
  read(value: unknown, at: string): T;
  readonly schema: Readonly<Record<string, unknown>>;
}

const refuse = (at: string, expected: string): MaplewoodError =>
  new MaplewoodError('CONFIGURATION', `MAPLEWOOD_CONFIG: ${at} must be ${expected}.`);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const flag: Shape<boolean> = {
  schema: { type: 'boolean' },
  read(value, at) {
    if (typeof value !== 'boolean') throw refuse(at, 'true or false');
    return value;
  },
};

export const whole = (minimum: number, maximum: number): Shape<number> => ({
  schema: { type: 'integer', minimum, maximum },
  read(value, at) {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw refuse(at, `a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  },
});

export const amount: Shape<number> = {
  schema: { type: 'number', minimum: 0 },
  read(value, at) {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw refuse(at, 'a number that is not negative');
    }
    return value;
  },
};

export const share: Shape<number> = {
  schema: { type: 'number', minimum: 0, maximum: 1 },
  read(value, at) {
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw refuse(at, 'a number from 0 to 1');
    return value;
  },
};

/** `expected` completes the sentence "… must be". */
export const text = (pattern: RegExp, expected: string): Shape<string> => ({
  schema: { type: 'string', pattern: pattern.source },
  read(value, at) {
    if (typeof value !== 'string' || !pattern.test(value)) throw refuse(at, expected);
    return value;
  },
});

export const oneOf = <T extends string>(names: readonly T[]): Shape<T> => ({
  schema: { enum: names },
  read(value, at) {
    const found = names.find((name) => name === value);
    if (found === undefined) throw refuse(at, `one of ${names.join(', ')}`);
    return found;
  },
});

export const orNull = <T>(shape: Shape<T>): Shape<T | null> => ({
  schema: { anyOf: [shape.schema, { type: 'null' }] },
  read: (value, at) => (value === null ? null : shape.read(value, at)),
});

export const list = <T>(item: Shape<T>, minimum = 0): Shape<readonly T[]> => ({
  schema: { type: 'array', items: item.schema, minItems: minimum },
  read(value, at) {
    if (!Array.isArray(value) || value.length < minimum) {
      throw refuse(at, minimum === 0 ? 'a list' : `a list of at least ${minimum}`);
    }
    return value.map((one, index) => item.read(one, `${at}[${index}]`));
  },
});

/** An object used as a dictionary; read into a Map, so that `__proto__` is a key like any other. */
export const dictionary = <T>(item: Shape<T>, key: Shape<string>): Shape<ReadonlyMap<string, T>> => ({
  schema: { type: 'object', propertyNames: key.schema, additionalProperties: item.schema },
  read(value, at) {
    if (!isObject(value)) throw refuse(at, 'an object');
    return new Map(
      Object.entries(value).map(([name, one]) => [
        key.read(name, `the key "${name}" of ${at}`),
        item.read(one, `${at}.${name}`),
      ]),
    );
  },
});

type Shapes<T> = { readonly [K in keyof T]: Shape<T[K]> };

/**
 * An object with exactly these keys. A missing one takes its default, or is an error where there is none.
 * An unknown one is an error that names it: a misspelt limit must not silently be no limit.
 */
export function section<T extends object>(fields: Shapes<T>, defaults: Partial<T>): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(names.map((name) => [name, fields[name].schema])),
      required: names.filter((name) => defaults[name] === undefined),
    },
    read(value, at) {
      if (!isObject(value)) throw refuse(at, 'an object');
      const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
      if (unknown !== undefined) {
        throw new MaplewoodError(
          'CONFIGURATION',
          `MAPLEWOOD_CONFIG: "${unknown}" is not a setting of ${at}. Remove it or use one of ${names.join(', ')}.`,
        );
      }
      const read = (name: keyof T & string) => {
        if (Object.hasOwn(value, name)) return fields[name].read(value[name], `${at}.${name}`);
        if (defaults[name] === undefined) throw refuse(`${at}.${name}`, 'given');
        return defaults[name];
      };
      return Object.fromEntries(names.map((name) => [name, read(name)])) as T;
    },
  };
}
