import type { GoldBuilder } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';

/** What a value of the column is in Arden. A `codes` is a text of codes, comma-separated, that `contains` looks into. */
export type FactColumnType = 'boolean' | 'number' | 'string' | 'time' | 'codes';

/** Systems of codes that facts hold and value sets name. */
export type CodeSystem = 'icd10' | 'bnf' | 'loinc';

export interface FactColumn {
  readonly description: string;
  readonly type: FactColumnType;
  /** Of a time: a calendar day, at 00:00, or an instant in UTC. */
  readonly stored?: 'date' | 'instant';
  /** What its codes are of: they are compared in the form in which gold has them, and with codes of that system alone. */
  readonly system?: CodeSystem;
  /** Column of the fact with the time from which on the value is known; until then it is null. */
  readonly knownAt?: string;
  /** Clinicians see the same value in a dataset, or in what results say: it may be told how a rule came by it. */
  readonly told?: true;
  /** The column of a dataset whose reader may see it, `dataset.field`; none: everybody who reads rows of patients may. */
  readonly seenAs?: string;
}

/** Something that rules can read about patients. One file a fact; the registry checks them against gold at the start. */
export interface Fact {
  readonly name: string;
  readonly description: string;
  /**
   * One row an event: `patient_no`, `row_key` (the key of the row, also the tie-break: the highest comes last), the
   * primary time under its name, the trust if there is one, every column by its name here, and the columns that
   * `knownAt` names. Tables of gold alone. `columns` are those that are wanted: what nobody wants is not joined. `patients`: a
   * query of `patient_no`; rows of nobody else are read, and a column that looks at other rows of its patient is reckoned of
   * theirs alone.
   */
  readonly relation: (
    gold: GoldBuilder,
    dialect: Dialect,
    columns: ReadonlySet<string>,
    patients?: DynamicQuery,
  ) => DynamicQuery;
  /** Primary time; none: current rows, always visible. */
  readonly time?: { readonly column: string; readonly stored: 'date' | 'instant' };
  /**
   * A fact with the same columns, whose rows hold those of this one: they are the ones that have its primary time, which is
   * not before the other's. Rows of single patients are read once for both.
   */
  readonly within?: Fact;
  /** Column with the trust of the row. */
  readonly trust?: string;
  readonly columns: Readonly<Record<string, FactColumn>>;
  /** Column that a reference without columns means. */
  readonly defaultColumn: string;
  /** Key of the dataset whose rows these are, under the same keys; none: no dataset has them. */
  readonly dataset?: string;
  /** FHIR twin: search for the prefetch of CDS Hooks. */
  readonly fhir?: string;
  /** Cannot be reckoned as of an earlier day: barred from back-tests. */
  readonly notAsOf?: boolean;
}

/** A condition between the braces. Texts are compared by code point. */
export type FactCondition =
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>=';
      readonly value: string | number | boolean;
    }
  | {
      readonly kind: 'in';
      readonly column: string;
      readonly not: boolean;
      readonly values: readonly (string | number)[];
    }
  | { readonly kind: 'value set'; readonly column: string; readonly not: boolean; readonly name: string }
  | { readonly kind: 'starts with'; readonly column: string; readonly text: string }
  | { readonly kind: 'contains'; readonly column: string; readonly item: string }
  | { readonly kind: 'null'; readonly column: string; readonly not: boolean };

/** What stands between the braces of a READ or EVENT. */
export interface FactReference {
  readonly fact: Fact;
  readonly columns: readonly string[];
  readonly where: readonly FactCondition[];
}

/** Codes by their normalised form, matched whole or by their beginning. */
export interface ValueSet {
  readonly name: string;
  readonly codes: readonly {
    readonly system: string;
    readonly code: string;
    readonly match: 'exact' | 'prefix';
    readonly display: string;
    /** Publication that the code is taken from. */
    readonly source: string;
    /** A figure that goes with the code, such as a dose factor. */
    readonly factor?: number;
  }[];
}
