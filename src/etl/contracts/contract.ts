/**
 * A source contract: what a delivered table must look like, as data. Reading, typing, validation, quarantine,
 * the run report and the data dictionary all derive from it.
 */

/** D direct identifier, Q quasi-identifier, S sensitive, W staff, O open. */
export type Sensitivity = 'D' | 'Q' | 'S' | 'W' | 'O';

export type SourceType =
  /** Text of at most `length` characters; longer values are not cut but quarantined. */
  | { readonly kind: 'text'; readonly length: number }
  /** Comma-separated codes of at most `length` characters in all. */
  | { readonly kind: 'codes'; readonly length: number }
  /** Whole number within the bounds; `38.0` is taken as 38. */
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number; readonly min: number }
  | { readonly kind: 'boolean' }
  /** `YYYY-MM-DD`, also with a time of midnight behind it. */
  | { readonly kind: 'date' }
  /** Wall-clock time in Europe/London without zone: `YYYY-MM-DD hh:mm:ss[.ffffff]`, blank or `T` between. */
  | { readonly kind: 'localTime' };

/** Later than the day of load is implausible (`event`), or may be planned (`planned`). */
export type DateBound = 'event' | 'planned';

export interface SourceColumn {
  readonly type: SourceType;
  /** Null or empty sends the row to quarantine. */
  readonly required: boolean;
  /** The file is quarantined if the column is missing; otherwise it is null with a warning. */
  readonly mustExist: boolean;
  readonly sensitivity: Sensitivity;
  readonly description: string;
  /** Name of a code list in `reference/`, or the codes themselves; others are kept and counted as a warning. */
  readonly codes?: string | readonly string[];
  /** Form of a value, after trimming and upper case where `upper`; others are kept and counted as a warning. */
  readonly pattern?: string;
  readonly upper?: boolean;
  /** Values that mean "not known": null in silver, counted as a warning under `rule`. */
  readonly sentinels?: { readonly values: readonly string[]; readonly rule: string };
  /** Values by which the source says "not stated", and those it writes where it has none (VODIM: Other, Default). */
  readonly notStated?: readonly string[];
  readonly defaults?: readonly string[];
  readonly bound?: DateBound;
  /** Other names under which a delivery may carry the column. */
  readonly aliases?: readonly string[];
  /**
   * An id: a local one of the column's length and form, or a FHIR token `namespace|value` of at most
   * `longestToken` characters, whose letters keep their case.
   */
  readonly token?: true;
  /** Only FHIR resources carry it: its absence from another delivery is no reason to warn. */
  readonly origin?: 'fhir';
  /** Not every source has it: its absence from a delivery is no reason to warn. */
  readonly optional?: true;
}

/** Whether a delivery that is no FHIR resource is expected to carry the column. */
export const isExpected = ({ origin, optional }: SourceColumn): boolean => origin !== 'fhir' && !optional;

export type RuleAction =
  /** The row goes to quarantine. */
  | 'reject'
  /** The row stays and is counted as a warning. */
  | 'warn'
  /** The row stays and is counted. */
  | 'info';

/** A rule over the typed columns of one row. `violated` is SQL over silver columns, three-valued: only TRUE counts. */
export interface RowRule {
  readonly id: string;
  readonly column: string;
  readonly action: RuleAction;
  readonly violated: string;
  readonly reason: string;
  /** Set to null in silver where the rule is violated (the row stays). */
  readonly nullify?: boolean;
}

/** A column whose value must be the key of another dataset. */
export interface Reference {
  readonly rule: string;
  readonly column: string;
  readonly dataset: string;
  readonly action: 'reject' | 'warn';
}

export interface Contract {
  readonly dataset: string;
  readonly version: number;
  readonly description: string;
  readonly key: readonly string[];
  /** Rule name under which repeated keys are counted. */
  readonly duplicateRule: string;
  /** A release cannot be made without this dataset. */
  readonly requiredForRelease: boolean;
  /** Date or time column whose newest value tells how fresh a delivery is. */
  readonly freshness?: string;
  readonly columns: Readonly<Record<string, SourceColumn>>;
  readonly rules: readonly RowRule[];
  readonly references: readonly Reference[];
  /** Only FHIR resources fill it: no file of it is expected. */
  readonly origin?: 'fhir';
}

/** Longest FHIR token in a column of ids. */
export const longestToken = 255;

type More = Partial<Omit<SourceColumn, 'type' | 'sensitivity' | 'description'>>;
const make =
  (type: SourceType) =>
  (sensitivity: Sensitivity, description: string, more: More = {}): SourceColumn => ({
    required: false,
    mustExist: more.required ?? false,
    ...more,
    type,
    sensitivity,
    description,
  });

export const text = (length: number) => make({ kind: 'text', length });
export const codes = (length: number) => make({ kind: 'codes', length });
export const integer = (min: number, max: number) => make({ kind: 'integer', min, max });
export const decimal = (precision: number, scale: number, min = 0) =>
  make({ kind: 'decimal', precision, scale, min });
export const bool = make({ kind: 'boolean' });
export const date = make({ kind: 'date' });
export const localTime = make({ kind: 'localTime' });

const identifier = /^[a-z][a-z0-9_]{0,62}$/;

/** Checks a contract against itself; a mistake in a declaration ends the start, not a run. */
export function contract(declaration: Contract): Contract {
  const names = new Set(Object.keys(declaration.columns));
  const need = (name: string, where: string): void => {
    if (!names.has(name))
      throw new Error(`contract ${declaration.dataset}: ${where} names ${name}, which is no column`);
  };
  for (const name of names) {
    if (!identifier.test(name)) throw new Error(`contract ${declaration.dataset}: ${name} is no column name`);
  }
  for (const name of declaration.key) need(name, 'key');
  if (declaration.freshness !== undefined) need(declaration.freshness, 'freshness');
  for (const rule of declaration.rules) need(rule.column, rule.id);
  for (const reference of declaration.references) need(reference.column, reference.rule);
  return declaration;
}
