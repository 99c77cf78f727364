import { MaplewoodError } from '../errors.js';
import { type LimitDeclaration, limitDeclarations, overloadDeclarations } from './limit-declarations.js';
import { Secret } from './secret.js';
import {
  type Anonymity,
  type AuthenticationSettings,
  type BreakGlassSettings,
  type CaptureSettings,
  type CaptureSourceSettings,
  type CdsClient,
  type CdsSettings,
  type Disclosure,
  defaultSettings,
  disclosureModes,
  type Limits,
  type Overload,
  type RowSettings,
  type Settings,
  tokenAlgorithms,
} from './settings.js';
import {
  amount,
  dictionary,
  flag,
  list,
  oneOf,
  orNull,
  type Shape,
  section,
  share,
  text,
  whole,
} from './shape.js';

/** No `#`: it separates a recipient from its own domains, so a name that holds one could pass for another's. */
const identifier = text(/^[A-Za-z0-9._-]{1,128}$/, 'a name of letters, digits, ".", "_" and "-"');
const trust = text(/^[A-Z0-9]{3,5}$/, 'a trust code (ODS, upper case)');
const https = text(/^https:\/\/[^\s#@]+$/, 'an https:// address');
const origin = text(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/, 'an origin such as https://intranet.example');
const claim = text(/^[A-Za-z0-9._-]{1,128}$/, 'the name of a claim');

const category = text(
  /^([A-Z])\d\d(-\1\d\d)?$/,
  'an ICD-10 category such as Z21, or a range of one letter such as F10-F19',
);

const disclosure: Shape<Disclosure> = {
  schema: { enum: Object.keys(disclosureModes) },
  read: (value, at) => disclosureModes[oneOf(['default', 'strict'] as const).read(value, at)],
};

const authentication = section<AuthenticationSettings>(
  {
    clients: list(identifier),
    algorithms: list(oneOf(tokenAlgorithms), 1),
    version1: flag,
    audiences: list(text(/^\S{1,256}$/, 'an audience')),
    trustsClaim: claim,
    purposeRequired: flag,
  },
  defaultSettings.authentication,
);

const anonymity = section<Anonymity>(
  { k: whole(2, 1_000), dominantPct: orNull(whole(50, 100)) },
  defaultSettings.rows.anonymity,
);

const breakGlass = section<BreakGlassSettings>(
  {
    minutes: whole(1, 1_440),
    maxMinutes: whole(1, 1_440),
    perDay: whole(1, 1_000),
    signInMinutes: whole(1, 1_440),
  },
  defaultSettings.breakGlass,
);

const cdsClient = section<CdsClient>(
  { issuer: https, jwksUrl: https, tenant: orNull(identifier), client: identifier, trusts: list(trust, 1) },
  { tenant: null },
);

const databaseUrl = text(/^mssql:\/\/\S+$/, 'an address mssql://user:password@host:port/database');

const captureSource = section<CaptureSourceSettings>(
  {
    url: { schema: databaseUrl.schema, read: (value, at) => new Secret(databaseUrl.read(value, at)) },
    tables: dictionary(
      text(/^[^[\].\s]+\.[^[\].]+$/, 'a table such as dbo.Patients'),
      text(/^[a-z][a-z_]{0,62}$/, 'the name of a dataset'),
    ),
    changeTables: flag,
  },
  { changeTables: false },
);

const cdc = section<CaptureSettings>(
  {
    // `files` is the name of the source that is a folder.
    sources: dictionary(
      captureSource,
      text(/^(?!files$)[a-z][a-z0-9_-]{0,62}$/, 'a name in lower case, not "files"'),
    ),
    keys: dictionary(
      list(text(/^\S{1,128}$/, 'the name of a column'), 1),
      text(/^[a-z][a-z_]{0,62}$/, 'the name of a dataset'),
    ),
    maxDeleteShare: share,
  },
  defaultSettings.cdc,
);

/** Shapes of declared limits, by name. */
const declared = <N extends string>(limits: Readonly<Record<N, LimitDeclaration>>) =>
  Object.fromEntries(
    Object.entries<LimitDeclaration>(limits).map(([name, { least, most, unset }]) => [
      name,
      unset === undefined ? whole(least, most) : orNull(whole(least, most)),
    ]),
  ) as Record<N, Shape<never>>;

const limits = section<Limits>(declared(limitDeclarations), defaultSettings.limits);
const overload = section<Overload>(declared(overloadDeclarations), defaultSettings.overload);

const file = section<Settings>(
  {
    authentication,
    recipients: dictionary(identifier, identifier),
    trusts: dictionary(list(trust, 1), identifier),
    cdc,
    cds: section<CdsSettings>(
      { clients: list(cdsClient), openDiscovery: flag, cardsPerDay: whole(1, 1_000) },
      defaultSettings.cds,
    ),
    corsOrigins: list(origin),
    disclosure,
    rows: section<RowSettings>(
      { careDays: whole(0, 365), sensitiveDiagnoses: list(category), anonymity },
      defaultSettings.rows,
    ),
    breakGlass,
    limits,
    overload,
    cache: section<Settings['cache']>({ bytes: whole(0, 17_179_869_184) }, defaultSettings.cache),
    slowStatementMs: whole(1, 600_000),
    stop: section<Settings['stop']>(
      { noticeMs: whole(0, 60_000), patienceMs: whole(0, 600_000) },
      defaultSettings.stop,
    ),
    egress: section<Settings['egress']>({ searched: share }, defaultSettings.egress),
    releases: section<Settings['releases']>(
      { kept: whole(1, 100), omop: flag, rules: flag },
      defaultSettings.releases,
    ),
    checks: dictionary(amount, text(/^[a-z][A-Za-z0-9_.-]{0,63}$/, 'the name of a check')),
  },
  defaultSettings,
);

/** The JSON Schema of the configuration file. */
export const configurationSchema: Readonly<Record<string, unknown>> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'MAPLEWOOD_CONFIG',
  ...file.schema,
};

/** Settings from the text of a configuration file. Error: `CONFIGURATION`, naming what is wrong in it. */
export function readSettings(json: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new MaplewoodError('CONFIGURATION', 'MAPLEWOOD_CONFIG: the file is not JSON. Correct its syntax.');
  }
  const settings = file.read(value, 'the file');
  if (settings.limits.firstDefault > settings.limits.firstMax) {
    throw new MaplewoodError(
      'CONFIGURATION',
      'MAPLEWOOD_CONFIG: limits.firstDefault is above limits.firstMax. Lower the first or raise the second.',
    );
  }
  if (settings.breakGlass.minutes > settings.breakGlass.maxMinutes) {
    throw new MaplewoodError(
      'CONFIGURATION',
      'MAPLEWOOD_CONFIG: breakGlass.minutes is above breakGlass.maxMinutes. Lower the first or raise the second.',
    );
  }
  return settings;
}
