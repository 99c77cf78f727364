import { randomBytes } from 'node:crypto';
import type { Home } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { assertDifferent, fingerprint, type KeyUse, keyLength, type SecretKey, secretKey } from './key.js';
import { keyFiles } from './key-files.js';
import { deploymentId, type Secrets } from './secrets.js';

export interface KeyOptions {
  /** Make what is missing, as on first use of an embedded warehouse. */
  readonly create: boolean;
  /** `MAPLEWOOD_DEV=1`: accept published test keys, and mark every key id with `demo`. */
  readonly dev: boolean;
}

/** A key for recipient tokens with the id that stands in them: 1 to 8 of `a`–`z` and `0`–`9`. */
export interface TokenMaster {
  readonly kid: string;
  readonly key: SecretKey<'token'>;
}

/** What the API holds: no key among them turns a raw id into a pseudonym. */
export interface ServiceKeys {
  readonly tokenMaster: TokenMaster;
  /** Older ones whose tokens are still read, for as long as their file is kept. */
  readonly previousTokenMasters: readonly TokenMaster[];
  readonly cursor: SecretKey<'cursor'>;
  readonly audit: SecretKey<'audit'>;
  /** Random text of this installation: two of them with one key still give different tokens. */
  readonly deploymentId: string;
}

export interface Keys extends ServiceKeys {
  readonly warehouse: SecretKey<'warehouse'>;
}

export interface KeyEffects {
  randomBytes(count: number): Uint8Array;
}
const fromSystem: KeyEffects = { randomBytes: (count) => randomBytes(count) };

/** How keys are read. */
export interface KeyReading extends Pick<KeyOptions, 'dev'> {
  readonly effects?: KeyEffects;
}

/** Key ids are `a1`, `a2` …; the greatest number is the newest. Two digits leave room for `demo`. */
const tokenName = /^token-(a([1-9]\d?))$/;

/** The key of pseudonyms; only the ETL asks for it. Errors: `CONFIGURATION`, and those of the place. */
export const warehouseKeyIn = (secrets: Secrets, reading: KeyReading): SecretKey<'warehouse'> =>
  keyIn(secrets, 'warehouse', 'warehouse', reading);

/** The keys of the API. Errors: `CONFIGURATION`, and those of the place. */
export function serviceKeysIn(secrets: Secrets, reading: KeyReading): ServiceKeys {
  const [newest = 'a1', ...older] = tokenKids(secrets);
  const master = (kid: string): TokenMaster => ({
    kid: reading.dev ? `demo${kid}` : kid,
    key: keyIn(secrets, 'token', `token-${kid}`, reading),
  });
  const keys: ServiceKeys = {
    tokenMaster: master(newest),
    previousTokenMasters: older.map(master),
    cursor: keyIn(secrets, 'cursor', 'cursor', reading),
    audit: keyIn(secrets, 'audit', 'audit', reading),
    deploymentId: deploymentIdIn(secrets, reading),
  };
  assertDifferent(named(keys));
  return keys;
}

const earlierAuditName = /^audit-([0-9a-f]{8})$/;

/**
 * Keys under which the audit was written before, `audit-<fingerprint>`, by fingerprint. Error: `CONFIGURATION`, also
 * for one that has another fingerprint than its name says.
 */
export function earlierAuditKeysIn(
  secrets: Secrets,
  { dev }: KeyReading,
): ReadonlyMap<string, SecretKey<'audit'>> {
  return new Map(
    secrets.names().flatMap((name) => {
      const named = earlierAuditName.exec(name)?.[1];
      const bytes = named === undefined ? undefined : secrets.read(name);
      if (named === undefined || bytes === undefined) return [];
      const key = secretKey('audit', bytes, { place: secrets.place(name), dev });
      const actual = fingerprint(key);
      if (actual !== named)
        throw new MaplewoodError(
          'CONFIGURATION',
          `The audit key ${secrets.place(name)} has the fingerprint ${actual}. Name it ${secrets.called(`audit-${actual}`)}.`,
        );
      return [[named, key] as const];
    }),
  );
}

/** The key of pseudonyms from its file. Errors: `CONFIGURATION`, `HOME_NOT_WRITABLE`, `DISK_FULL`. */
export const loadWarehouseKey = (
  home: Home,
  { create, dev }: KeyOptions,
  effects = fromSystem,
): SecretKey<'warehouse'> => warehouseKeyIn(keyFiles(home, create), { dev, effects });

/** The keys of the API from their files. Errors: `CONFIGURATION`, `HOME_NOT_WRITABLE`, `DISK_FULL`. */
export const loadServiceKeys = (home: Home, { create, dev }: KeyOptions, effects = fromSystem): ServiceKeys =>
  serviceKeysIn(keyFiles(home, create), { dev, effects });

/** Earlier keys of the audit from their files. Error: `CONFIGURATION`. */
export const loadEarlierAuditKeys = (home: Home, dev: boolean): ReadonlyMap<string, SecretKey<'audit'>> =>
  earlierAuditKeysIn(keyFiles(home, false), { dev });

/** All keys from their files. Errors as of the two others. */
export function loadKeys(home: Home, options: KeyOptions, effects = fromSystem): Keys {
  const warehouse = loadWarehouseKey(home, options, effects);
  const service = loadServiceKeys(home, options, effects);
  assertDifferent([{ name: 'warehouse', key: warehouse }, ...named(service)]);
  return { warehouse, ...service };
}

const named = (keys: ServiceKeys) => [
  ...[keys.tokenMaster, ...keys.previousTokenMasters].map(({ kid, key }) => ({ name: `token ${kid}`, key })),
  { name: 'cursor', key: keys.cursor },
  { name: 'audit', key: keys.audit },
];

function keyIn<U extends KeyUse>(
  secrets: Secrets,
  kind: U,
  name: string,
  { dev, effects = fromSystem }: KeyReading,
): SecretKey<U> {
  const bytes = secrets.read(name, () => effects.randomBytes(keyLength));
  if (bytes === undefined) throw missing(`${kind} key`, secrets, name);
  return secretKey(kind, bytes, { place: secrets.place(name), dev });
}

function deploymentIdIn(secrets: Secrets, { effects = fromSystem }: KeyReading): string {
  const bytes = secrets.read(deploymentId, () =>
    Buffer.from(`${Buffer.from(effects.randomBytes(16)).toString('hex')}\n`),
  );
  if (bytes === undefined) throw missing('deployment id', secrets, deploymentId);
  const id = Buffer.from(bytes).toString('utf8').trim();
  if (!/^[A-Za-z0-9-]{8,64}$/.test(id)) {
    throw new MaplewoodError(
      'CONFIGURATION',
      `The deployment id (${secrets.place(deploymentId)}) is not 8 to 64 letters, digits or hyphens. Restore it from its backup.`,
    );
  }
  return id;
}

const missing = (what: string, secrets: Secrets, name: string): MaplewoodError =>
  new MaplewoodError(
    'CONFIGURATION',
    `The ${what} is missing (${secrets.place(name)}). ${secrets.remedy(name)}`,
  );

/** Newest first. */
const tokenKids = (secrets: Secrets): readonly string[] =>
  secrets
    .names()
    .flatMap((name) => {
      const [, kid, number] = tokenName.exec(name) ?? [];
      return kid === undefined ? [] : [{ kid, number: Number(number) }];
    })
    .sort((one, other) => other.number - one.number)
    .map(({ kid }) => kid);
