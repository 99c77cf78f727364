/**
 * The tree of an MLM. It is canonical: forms of one meaning have one shape (`LET x BE e` and `x := e`;
 * `x OCCURRED WITHIN PAST 3 DAYS` and `TIME OF x IS WITHIN (NOW - 3 DAYS) TO NOW`), so that interpreter, SQL compiler
 * and printer each know few of them. Names are in lower case.
 */

/** Where a part stands in the text of the file: offsets in UTF-16 units, the end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Local wall clock of Europe/London without zone, in milliseconds as if it were UTC. */
export type WallClock = number;

export type Constant =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'time'; readonly value: WallClock }
  /** Milliseconds since midnight. */
  | { readonly type: 'time of day'; readonly value: number }
  /** 1 Monday … 7 Sunday. */
  | { readonly type: 'day of week'; readonly value: number }
  | { readonly type: 'term'; readonly value: string }
  /** `()` */
  | { readonly type: 'empty list' };

/** Operators and functions, by what they mean; the order of operands is that of the names in the comment, if any. */
export type Operator =
  // lists
  | 'join' // left , right
  | 'single' // , x
  | 'merge'
  | 'sort data'
  | 'sort time'
  | 'seqto'
  | 'index' // list, n
  | 'sublist' // n, list [, start]
  | 'add to' // element, list [, position]
  | 'remove from' // position, list
  // logic and comparison
  | 'or'
  | 'and'
  | 'not'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in' // element, list
  | 'is null'
  | 'matches pattern' // string, pattern
  // times; `occurred` puts `time` around its operand
  | 'within' // time, low, high: closed at both ends
  | 'within same day' // time, other time
  | 'before' // time, other time: strict
  | 'after'
  // text
  | '||'
  | 'formatted with' // value, format
  | 'trim'
  | 'trim left'
  | 'trim right'
  | 'find' // what, where [, start]
  | 'substring' // number of characters, string [, start]
  | 'extract characters'
  | 'reverse'
  | 'length'
  | 'uppercase'
  | 'lowercase'
  | 'string'
  // arithmetic; `d BEFORE t` is t - d, `d AFTER t` is t + d, `d AGO` is NOW - d
  | '+'
  | '-'
  | 'negate'
  | '*'
  | '/'
  | '**'
  | 'abs'
  | 'int'
  | 'round'
  | 'floor'
  | 'ceiling'
  | 'truncate'
  | 'sqrt'
  | 'exp'
  | 'log'
  | 'log10'
  | 'sine'
  | 'cosine'
  | 'tangent'
  | 'arcsin'
  | 'arccos'
  | 'arctan'
  | 'as number'
  | 'as time'
  | 'as string'
  // durations
  | 'years'
  | 'months'
  | 'weeks'
  | 'days'
  | 'hours'
  | 'minutes'
  | 'seconds'
  | 'extract year'
  | 'extract month'
  | 'extract day'
  | 'extract hour'
  | 'extract minute'
  | 'extract second'
  | 'extract time of day'
  | 'extract day of week'
  | 'replace year' // time, n; likewise the others
  | 'replace month'
  | 'replace day'
  | 'replace hour'
  | 'replace minute'
  | 'replace second'
  // aggregates
  | 'count'
  | 'exist'
  | 'average'
  | 'median'
  | 'sum'
  | 'stddev'
  | 'variance'
  | 'minimum'
  | 'maximum'
  | 'first'
  | 'last'
  | 'earliest'
  | 'latest'
  | 'any'
  | 'all'
  | 'no'
  | 'slope'
  | 'interval'
  | 'increase'
  | 'decrease'
  | 'percent increase'
  | 'percent decrease'
  // n, list
  | 'minimum from'
  | 'maximum from'
  | 'first from'
  | 'last from'
  | 'earliest from'
  | 'latest from'
  | 'at least' // n, list
  | 'at most'
  | 'nearest' // time, list
  | 'index nearest'
  | 'index minimum'
  | 'index maximum'
  | 'index earliest'
  | 'index latest'
  | 'index minimum from'
  | 'index maximum from'
  // primary time and objects
  | 'time'
  | 'time of day of' // TIME OF DAY OF t: the time of day of a time
  | 'clone'
  | 'attribute' // name, object
  | 'extract attribute names';

export type Expression =
  | { readonly kind: 'constant'; readonly constant: Constant; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  /** IT or THEY: the element or list that a WHERE, `USING` or READ … WHERE speaks of. */
  | { readonly kind: 'it'; readonly span: Span }
  | {
      readonly kind: 'clock';
      readonly clock: 'now' | 'eventtime' | 'triggertime' | 'currenttime';
      readonly span: Span;
    }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly operands: readonly Expression[];
      readonly span: Span;
    }
  /** `value WHERE condition`: IT in the condition is the value. */
  | {
      readonly kind: 'where';
      readonly value: Expression;
      readonly condition: Expression;
      readonly span: Span;
    }
  /** `aggregate value USING expression` (2.8): the aggregate of the elements made anew, IT being each. */
  | {
      readonly kind: 'using';
      readonly operator: Operator;
      readonly operands: readonly Expression[];
      readonly each: Expression;
      readonly span: Span;
    }
  /** `x IS type`; object types by their name. */
  | { readonly kind: 'is type'; readonly value: Expression; readonly type: string; readonly span: Span }
  /** `object.attribute` */
  | { readonly kind: 'dot'; readonly object: Expression; readonly attribute: string; readonly span: Span }
  /** `NEW type [WITH v, …]` or `WITH [a := v, …]`. */
  | {
      readonly kind: 'new';
      readonly type: string;
      readonly values: readonly Expression[];
      readonly named: readonly { readonly attribute: string; readonly value: Expression }[];
      readonly span: Span;
    }
  /** `LOCALIZED 'key' [BY language]` */
  | {
      readonly kind: 'localized';
      readonly key: string;
      readonly language?: Expression;
      readonly span: Span;
    };

/** Text between braces, as written, without them. */
export interface Braces {
  readonly text: string;
  readonly span: Span;
}

/** What is assigned to: a name, or an attribute or element of what a name holds. */
export interface Target {
  readonly name: string;
  readonly path: readonly (
    | { readonly kind: 'attribute'; readonly attribute: string }
    | { readonly kind: 'index'; readonly index: Expression }
  )[];
  readonly span: Span;
}

/** What a READ does with the rows that its WHERE keeps. */
export interface ReadAggregate {
  readonly operator: Extract<
    Operator,
    | 'count'
    | 'exist'
    | 'average'
    | 'median'
    | 'sum'
    | 'stddev'
    | 'variance'
    | 'minimum'
    | 'maximum'
    | 'first'
    | 'last'
    | 'earliest'
    | 'latest'
    | 'any'
    | 'all'
    | 'no'
    | 'minimum from'
    | 'maximum from'
    | 'first from'
    | 'last from'
    | 'earliest from'
    | 'latest from'
  >;
  /** The n of `LAST n FROM`. */
  readonly count?: Expression;
}

export interface Branch {
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

export type Statement =
  | {
      readonly kind: 'assign';
      readonly target: Target;
      /** The primary time of the target is set: `TIME OF x := t`. */
      readonly time: boolean;
      readonly value: Expression;
      readonly span: Span;
    }
  /** `(a, b) := (…)` other than of a READ, CALL or ARGUMENT. */
  | {
      readonly kind: 'assign each';
      readonly targets: readonly Target[];
      readonly value: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'read';
      readonly targets: readonly Target[];
      readonly aggregate?: ReadAggregate;
      /** Object type of READ AS. */
      readonly as?: string;
      readonly braces: Braces;
      /** IT is the list of rows read: a tuple's condition speaks of its first column. */
      readonly where?: Expression;
      readonly span: Span;
    }
  /** Names of what lies outside; `{…}` says what it is. */
  | {
      readonly kind: 'declare';
      readonly what: 'event' | 'message' | 'destination' | 'interface';
      readonly target: Target;
      /** Object type of MESSAGE AS and DESTINATION AS. */
      readonly as?: string;
      readonly braces: Braces;
      readonly span: Span;
    }
  | {
      readonly kind: 'mlm';
      readonly target: Target;
      /** Null: `MLM_SELF`. */
      readonly name: string | null;
      readonly institution?: string;
      readonly span: Span;
    }
  | { readonly kind: 'argument'; readonly targets: readonly Target[]; readonly span: Span }
  | {
      readonly kind: 'object';
      readonly target: Target;
      readonly attributes: readonly string[];
      readonly span: Span;
    }
  /** `INCLUDE mlm` */
  | { readonly kind: 'include'; readonly name: string; readonly span: Span }
  | {
      readonly kind: 'if';
      readonly branches: readonly Branch[];
      readonly otherwise: readonly Statement[];
      readonly span: Span;
    }
  | {
      readonly kind: 'for';
      readonly variable: string;
      readonly list: Expression;
      readonly body: readonly Statement[];
      readonly span: Span;
    }
  | {
      readonly kind: 'while';
      readonly condition: Expression;
      readonly body: readonly Statement[];
      readonly span: Span;
    }
  | { readonly kind: 'breakloop'; readonly span: Span }
  | {
      readonly kind: 'switch';
      readonly value: Expression;
      readonly cases: readonly { readonly value: Expression; readonly body: readonly Statement[] }[];
      readonly otherwise: readonly Statement[];
      readonly span: Span;
    }
  | {
      readonly kind: 'call';
      /** What the values returned are assigned to. */
      readonly targets: readonly Target[];
      readonly callee: string;
      readonly arguments: readonly Expression[];
      readonly delay?: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'conclude'; readonly value: Expression; readonly span: Span }
  | {
      readonly kind: 'write';
      readonly value: Expression;
      readonly at?: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'return'; readonly values: readonly Expression[]; readonly span: Span };

/** A statement of the evoke slot: when the rule is to run. */
export type Trigger =
  /** Any of these events. */
  | { readonly kind: 'events'; readonly names: readonly string[]; readonly span: Span }
  /** A time, or a delay after the time of an event. */
  | { readonly kind: 'at'; readonly time: Expression; readonly span: Span }
  | {
      readonly kind: 'every';
      readonly every: Expression;
      readonly lasting: Expression;
      readonly starting: Expression;
      readonly until?: Expression;
      readonly span: Span;
    };

export type Category = 'maintenance' | 'library' | 'knowledge' | 'resources';

/** A slot as written. */
export interface Slot {
  readonly category: Category;
  readonly name: string;
  /** Its text, trimmed. */
  readonly text: string;
  /** Of the text. */
  readonly span: Span;
}

export type Validation = 'production' | 'research' | 'testing' | 'expired';

/** A version of the language: 1 where there is no `arden:` slot, else 2.0, 2.1 … 2.10 as `[2, minor]`. */
export type ArdenVersion = readonly [major: number, minor: number];

export interface Citation {
  readonly number: number;
  readonly kind?: 'support' | 'refute';
  readonly text: string;
}

export interface Link {
  readonly kind: string;
  readonly name?: string;
  readonly address: string;
}

/** Text constants of one language, by key. */
export interface Language {
  readonly language: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** One Medical Logic Module. */
export interface Mlm {
  readonly name: string;
  readonly arden: ArdenVersion;
  readonly validation: Validation;
  /** Every slot in the order of the file, the unknown ones of lenient mode too. */
  readonly slots: readonly Slot[];
  readonly citations: readonly Citation[];
  readonly links: readonly Link[];
  readonly keywords: readonly string[];
  readonly data: readonly Statement[];
  readonly evoke: readonly Trigger[];
  readonly logic: readonly Statement[];
  readonly action: readonly Statement[];
  /** 1 to 99; 50 where the slot is absent. */
  readonly priority: number;
  /** A number or a name whose value at the end of the logic slot it is; 50 where absent. */
  readonly urgency: Expression;
  readonly defaultLanguage?: string;
  readonly languages: readonly Language[];
  readonly span: Span;
}

export type Severity = 'error' | 'warning';

/** Something wrong with a file, at a place of it. */
export interface Diagnostic {
  /** `L01` … `L16` for the departures of lenient mode, otherwise a word such as `SYNTAX`, `SLOT`, `NAME`. */
  readonly code: string;
  readonly severity: Severity;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The line of the file. */
  readonly excerpt: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What a file holds. A file whose logic is not understood still has its slots, READs and diagnostics. */
export interface ParsedFile {
  readonly mlms: readonly Mlm[];
  readonly diagnostics: readonly Diagnostic[];
}

export type Mode = 'strict' | 'lenient';
