import type { Secret } from './secret.js';

/** What one request may ask for. Exceeding one is an error, never a silent cut. */
export interface Limits {
  /** Bytes of a request body, and of the body of a CDS Hooks call. */
  readonly bodyBytes: number;
  readonly hookBodyBytes: number;
  readonly jsonDepth: number;
  /** Characters and lexical tokens of a GraphQL document. */
  readonly queryCharacters: number;
  readonly tokens: number;
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly fragments: number;
  /** Nodes of the document once its fragments are expanded. */
  readonly nodes: number;
  readonly firstDefault: number;
  readonly firstMax: number;
  /** Sum of rows × fields, nested lists multiplied. */
  readonly cost: number;
  readonly variables: number;
  readonly listItems: number;
  readonly textCharacters: number;
  /** Errors listed in one answer. */
  readonly errors: number;
  /** Milliseconds until the statement of a request is stopped. */
  readonly deadlineMs: number;
}

/** How many requests are let in, and who waits for whom. */
export interface Overload {
  /** Requests a second that one caller may go on with, and how many at once. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Requests that read the warehouse at once; null: as many as there are processors, at least two. */
  readonly running: number | null;
  /** Requests that may wait to. */
  readonly waiting: number;
  /** Milliseconds that a burst may last. Where requests wait and none of these places falls free for longer, hardly any more may wait. */
  readonly burstMs: number;
  readonly connections: number;
  /** Bytes of answers that callers have not taken yet. */
  readonly unsentBytes: number;
}

/**
 * Persons and counts from 1 to `threshold` − 1 are hidden, others rounded to `base`. The two belong together:
 * 8 and 5 are those of the NHS England Hospital Episode Statistics analysis guide.
 */
export interface Disclosure {
  readonly threshold: number;
  readonly base: number;
}

/** Asymmetric algorithms only: with an HMAC beside them a public key could be used as its secret (RFC 8725, 2.1). */
export const tokenAlgorithms = ['RS256', 'PS256', 'ES256'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

export interface AuthenticationSettings {
  /** Client ids that may call. Empty: none but `MAPLEWOOD_CLIENT_ID`; any application of a tenant can ask for a token. */
  readonly clients: readonly string[];
  readonly algorithms: readonly TokenAlgorithm[];
  /** Accept Microsoft Entra tokens of version 1.0 too. */
  readonly version1: boolean;
  /** Further values of `aud`, beside `MAPLEWOOD_AUDIENCE`. */
  readonly audiences: readonly string[];
  /** Claim that holds the trusts; an optional claim of a directory extension is named `extn.…`. */
  readonly trustsClaim: string;
  /** Refuse requests that state no purpose. */
  readonly purposeRequired: boolean;
}

/** A CDS Hooks client, which signs its own tokens (CDS Hooks 2.0, "Trusting CDS Clients"). */
export interface CdsClient {
  readonly issuer: string;
  /** Address of its key set. */
  readonly jwksUrl: string;
  readonly tenant: string | null;
  /** For whom pseudonyms are made. */
  readonly client: string;
  readonly trusts: readonly string[];
}

export interface CdsSettings {
  readonly clients: readonly CdsClient[];
  /** The list of services is shown without a token. */
  readonly openDiscovery: boolean;
  /** Cards that one reader is shown on one day, the most urgent first. */
  readonly cardsPerDay: number;
}

/** A SQL Server database whose tables are captured. */
export interface CaptureSourceSettings {
  /** `mssql://…`. */
  readonly url: Secret;
  /** Dataset → table, written `schema.table`. */
  readonly tables: ReadonlyMap<string, string>;
  /** Read the server's own change tables where a table has one; without them whole tables are compared. */
  readonly changeTables: boolean;
}

export interface CaptureSettings {
  readonly sources: ReadonlyMap<string, CaptureSourceSettings>;
  /** Dataset → columns of its key, where it is not that of the contract. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** Share of a table's rows, 0 to 1, above which a capture does not believe that they were deleted. */
  readonly maxDeleteShare: number;
}

/** How far rows of patients are generalised at load. */
export interface Anonymity {
  /** Fewest patients who show the same. */
  readonly k: number;
  /** A group in which one ICD-10 chapter dominates at least this share, in percent, is generalised further; null: any may. */
  readonly dominantPct: number | null;
}

/** What decides which rows of people a role sees, and how. */
export interface RowSettings {
  /** Days before the last day with data in which a stay may have ended for its patient to be still in care. */
  readonly careDays: number;
  /** ICD-10 categories, and ranges of them, that are shown to nobody. Takes effect with the next run of the ETL. */
  readonly sensitiveDiagnoses: readonly string[];
  /** Takes effect with the next run of the ETL, too. */
  readonly anonymity: Anonymity;
}

/** When clinicians with the right to may see who a patient is. */
export interface BreakGlassSettings {
  /** Minutes that a grant lasts unless less or more is asked for, and the most that may be. */
  readonly minutes: number;
  readonly maxMinutes: number;
  /** Grants of one user in 24 hours. */
  readonly perDay: number;
  /** Minutes since the user has signed in. */
  readonly signInMinutes: number;
}

/** Everything that the configuration file can change. */
export interface Settings {
  readonly authentication: AuthenticationSettings;
  /** Client id → project: the clients of one project see the same pseudonyms. */
  readonly recipients: ReadonlyMap<string, string>;
  /** Object id of a user or group → trust codes. Where it is set, a token's own claim can only narrow it. */
  readonly trusts: ReadonlyMap<string, readonly string[]>;
  readonly cdc: CaptureSettings;
  readonly cds: CdsSettings;
  readonly corsOrigins: readonly string[];
  readonly disclosure: Disclosure;
  readonly rows: RowSettings;
  readonly breakGlass: BreakGlassSettings;
  readonly limits: Limits;
  readonly overload: Overload;
  /** Bytes of answers that are kept for the same question of the same grant on the same release. */
  readonly cache: { readonly bytes: number };
  /** Milliseconds from which on a statement is logged as slow. */
  readonly slowStatementMs: number;
  readonly stop: {
    /** Milliseconds for which a server that is told to stop still takes requests, so that those who send them learn of it. */
    readonly noticeMs: number;
    /** Milliseconds that requests under way then get. */
    readonly patienceMs: number;
  };
  /** Share of answers, 0 to 1, that are searched for shapes of identifiers; in development it is all of them. */
  readonly egress: { readonly searched: number };
  readonly releases: {
    readonly kept: number;
    /** Make the OMOP CDM tables of a release. */
    readonly omop: boolean;
    /** Run the rules of decision support over each release. */
    readonly rules: boolean;
  };
  /** Limit of the integrity checks → its number; integrity check → share of violations, in percent, that still passes. */
  readonly checks: ReadonlyMap<string, number>;
}

export const disclosureModes = {
  default: { threshold: 8, base: 5 },
  strict: { threshold: 10, base: 10 },
} as const satisfies Record<string, Disclosure>;

export const defaultSettings: Settings = {
  authentication: {
    clients: [],
    algorithms: ['RS256'],
    version1: false,
    audiences: [],
    trustsClaim: 'trusts',
    purposeRequired: false,
  },
  recipients: new Map(),
  trusts: new Map(),
  cdc: { sources: new Map(), keys: new Map(), maxDeleteShare: 0.5 },
  cds: { clients: [], openDiscovery: false, cardsPerDay: 20 },
  corsOrigins: [],
  disclosure: disclosureModes.default,
  rows: {
    careDays: 30,
    sensitiveDiagnoses: [
      ...[
        'B20-B24',
        'A50-A64',
        'Z21',
        'O03-O08',
        'Z31',
        'Z64',
        'Z70',
        'F10-F19',
        'X60-X84',
        'T74',
        'Y04-Y09',
      ],
      'Q90-Q99',
    ],
    anonymity: { k: 8, dominantPct: 95 },
  },
  breakGlass: { minutes: 30, maxMinutes: 240, perDay: 10, signInMinutes: 15 },
  limits: {
    bodyBytes: 256 * 1024,
    hookBodyBytes: 2 * 1024 * 1024,
    jsonDepth: 50,
    queryCharacters: 20_000,
    tokens: 1_500,
    depth: 10,
    aliases: 30,
    rootFields: 20,
    directives: 20,
    fragments: 50,
    nodes: 2_000,
    firstDefault: 100,
    firstMax: 10_000,
    cost: 150_000,
    variables: 50,
    listItems: 200,
    textCharacters: 4_000,
    errors: 5,
    deadlineMs: 10_000,
  },
  overload: {
    requestsPerSecond: 50,
    burst: 500,
    running: null,
    waiting: 64,
    burstMs: 5_000,
    connections: 1_000,
    unsentBytes: 256 * 1024 * 1024,
  },
  cache: { bytes: 64 * 1024 * 1024 },
  slowStatementMs: 1_000,
  stop: { noticeMs: 1_000, patienceMs: 20_000 },
  egress: { searched: 0.05 },
  releases: { kept: 3, omop: true, rules: true },
  checks: new Map(),
};
