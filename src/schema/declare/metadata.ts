import type { RawBuilder } from 'kysely';
import type { Entity } from '../../access/pseudonym.js';
import type { Role } from '../../access/role.js';
import type { Aggregate, Condition } from '../../measures/aggregate.js';
import type { EventSource, GoldBuilder } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import type { Grain } from '../../warehouse/grain.js';
import type { ColumnType, TableDeclaration } from '../../warehouse/table.js';

/** D direct identifier, Q quasi-identifier, S sensitive, W staff, O open. A field without one does not compile. */
export type Sensitivity = 'D' | 'Q' | 'S' | 'W' | 'O';

/** What every column of an answer declares. */
export interface FieldCommon {
  readonly description: string;
  readonly sensitivity: Sensitivity;
  /** What the load has made of the value that was delivered, where it shows less to everybody. */
  readonly generalised?: string;
  /** Unit of a number: minutes, percent, beds … */
  readonly unit?: string;
  /** Only these of the dataset's roles have the column. Default: all of them. */
  readonly roles?: readonly Role[];
}

/** Where the value of a dimension column comes from. */
export type DimensionValue =
  /** The dimension's own key. */
  | { readonly from: 'key' }
  /** A name looked up by the key. `list` picks the code list of `dim_code`. */
  | {
      readonly from: 'label';
      readonly table: string;
      readonly key: string;
      readonly column: string;
      readonly list?: string;
      /** Column that is 1 in the row that counts, of a table that has several with one key. */
      readonly current?: string;
    };

export interface DimensionColumn extends FieldCommon {
  /** Name of the dimension in `by`. */
  readonly by: string;
  readonly type: ColumnType;
  readonly value: DimensionValue;
}

/** Arguments of one question, every declared one of the dataset among them; null where one without default is not given. */
export type Arguments = Readonly<Record<string, string | boolean | number | null>>;

/** A measure whose meaning depends on an argument of the dataset. The mart keeps every case. */
export interface ByArgument {
  readonly argument: string;
  readonly cases: Readonly<Record<string, Aggregate>>;
}

export interface MeasureColumn extends FieldCommon {
  /**
   * What the measure is; by a function, what it is for the arguments: the mart keeps it for their default values, and
   * others are computed from the events. Its kind is the same for all, even for none.
   */
  readonly is: Aggregate | ByArgument | ((args: Arguments) => Aggregate);
  /** What is counted above the line, where the measure is a share. */
  readonly numerator?: string;
  /** What it is a share of, or what is counted. */
  readonly denominator: string;
  readonly edgeCases?: string;
  /** Publication that defines the measure. */
  readonly source: string;
}

/** A set of dimensions that is offered under disclosure control, with all its subsets. */
export interface Cube {
  readonly by: readonly string[];
  /** Finest grain at which few enough cells are small, for published figures. `null`: not published at all. */
  readonly published: Grain | null;
  /** Finest grain that the mart keeps ready. `null`: computed from the events. */
  readonly mart: Grain | null;
}

export interface DatasetArgument {
  readonly description: string;
  readonly type:
    | { readonly kind: 'boolean' }
    /** Whole number within limits, both included. */
    | { readonly kind: 'int'; readonly least: number; readonly most: number }
    | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] };
  /** Null: it need not be given, and then means what its description says. */
  readonly default: string | boolean | number | null;
  /**
   * The only values for roles that get published figures, if not all: counts at one threshold after the other would
   * tell the small numbers that rounding hides.
   */
  readonly published?: readonly (string | boolean | number)[];
}

/**
 * Members of a fixed dimension that exist for some of the dataset's roles alone. No cell counts events of two members
 * together, so that nothing tells others of them.
 */
export interface Reserved {
  readonly by: string;
  readonly members: Readonly<Record<string, readonly Role[]>>;
}

export interface MeasureDatasetDeclaration {
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly source: EventSource;
  /** Which events there are for the arguments of a question; all of them by default. */
  readonly counted?: (args: Arguments) => Condition;
  /** Days of data that must follow an event before it counts; by default none. What `counted` says by a column. */
  readonly followed?: (args: Arguments) => number;
  /** Argument with a year: cells of grain ALL are those of this year, or of the last full one of the release. */
  readonly year?: string;
  readonly roles: readonly Role[];
  /** Dimensions that only some of the roles may use. */
  readonly dimensionRoles?: Readonly<Record<string, readonly Role[]>>;
  readonly reserved?: Reserved;
  readonly cubes: readonly Cube[];
  /** Finest grain for roles that see rows: of any question, and of questions that use a dimension. */
  readonly rowsFloor: {
    readonly default: Grain;
    readonly only?: readonly { readonly by: readonly string[]; readonly grain: Grain }[];
    readonly using?: Readonly<Record<string, Grain>>;
  };
  readonly arguments?: Readonly<Record<string, DatasetArgument>>;
  /** An argument value for which the source holds no data: measures about people are null, with this reason. */
  readonly unavailable?: { readonly argument: string; readonly value: string; readonly reason: string };
}

export interface RowColumn extends FieldCommon {
  readonly type: ColumnType;
  /** Column of the table; the API name in snake case by default. */
  readonly column?: string;
  readonly nullable?: boolean;
  /** One value for the whole answer, beside its rows: neither a column of a row nor of its filters. */
  readonly beside?: true;
  /** Of rows of people: what each role sees. For a role that is not named the column does not exist. */
  readonly shown?: ShownTo;
  /** A 128-bit key that leaves the server as a token of the recipient. */
  readonly token?: Entity;
}

export type ShownTo = Readonly<Partial<Record<Role, Shown>>>;

/** A column as one role sees it, in every clause: selected, filtered, ordered and in cursors. */
export interface Shown {
  readonly value: (row: RowOfPerson) => RawBuilder<unknown>;
  /** What of it the role sees, to complete the description: "the Monday of its ISO week". */
  readonly as?: string;
}

/** What the expression of a column may refer to. */
export interface RowOfPerson {
  readonly dialect: Dialect;
  /** A column of the dataset's table. */
  own(column: string): RawBuilder<unknown>;
  /** A column of `dim_patient`. */
  patient(column: string): RawBuilder<unknown>;
  /** A column of a table that the dataset joins by the name of the join. */
  joined(join: string, column: string): RawBuilder<unknown>;
  /** Where the values of the release are cut off: a column of `release_limit`. */
  limit(column: string): RawBuilder<unknown>;
  /** What was last done about the row, a column of `actColumns`; null where nothing was. */
  act(column: 'outcome' | 'urgency' | 'at' | 'until'): RawBuilder<unknown>;
  /** A column of the cohort of the question. */
  cohort(column: string): RawBuilder<unknown>;
  /** A value of an event at an own trust, which a column of the dataset's table names; null elsewhere. */
  atOwnTrust(trust: string, value: RawBuilder<unknown>): RawBuilder<unknown>;
}

export interface RowDatasetDeclaration {
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly table: TableDeclaration;
  readonly roles: readonly Role[];
  /** API names that identify a row, in the default order. */
  readonly order: readonly string[];
  readonly arguments?: Readonly<Record<string, DatasetArgument>>;
  /** The rows are about people: row scope, pseudonyms and what each role sees of a column hold for them. */
  readonly people?: RowsOfPeople;
}

export interface RowsOfPeople {
  /** 128-bit key of a row. */
  readonly key: string;
  /** Column with the trust of the event, where the table has one. */
  readonly trust?: string;
  /** Tables with names of codes, by the name that expressions use. */
  readonly joins: Readonly<Record<string, RowJoin>>;
  /** Roles that can list the rows; the other `roles` reach them through a patient only. */
  readonly listedFor: readonly Role[];
  /** Only these patients have a row, each one. */
  readonly cohort?: Cohort;
  /** Condition that a row exists for a role; all do where there is none. */
  readonly sees?: (row: RowOfPerson, role: Role) => RawBuilder<boolean>;
  /** Column with the key of what people have done about a row: see `RowOfPerson.act`. */
  readonly acts?: string;
  /** The rows have the scope of their patients, whatever trust they name. */
  readonly scopeOfPatient?: true;
  /** Column of a join that is 1 in rows which clinicians see of patients in care alone; `sees` uses the join. */
  readonly careOnly?: string;
}

/** Patients that a question picks by what all of their events add up to: `patient_no` and columns of its own. */
export type Cohort = (of: CohortOf) => DynamicQuery;

export interface CohortOf {
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  readonly role: Role;
  readonly args: Arguments;
  /** Last day with data, ISO 8601. */
  readonly dataAsOf: string;
  /** Columns of the rows that are needed, by API name. */
  readonly names: ReadonlySet<string>;
  /** Condition that an event is in scope, by its column with the trust if it has one; undefined where everything is. */
  readonly inScope: (trust: string | undefined) => RawBuilder<boolean> | undefined;
}

/** A row of another table that belongs to a row, or none. */
export interface RowJoin {
  readonly table: string;
  /** Its column that equals `from` of the dataset's table. */
  readonly key: string;
  readonly from: string;
  /** Code list of `dim_code`. */
  readonly list?: string;
}
