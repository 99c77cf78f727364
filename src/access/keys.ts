import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from '../config/home.js';
import { MaplewoodError, systemCode } from '../errors.js';
import { assertDifferent, fingerprint, type KeyUse, keyLength, type SecretKey, secretKey } from './key.js';
import { readOrCreateSecretFile, readSecretFile } from './secret-file.js';

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

/** Key ids in files are `a1`, `a2` …; the greatest number is the newest. Two digits leave room for `demo`. */
const tokenFile = /^token-(a([1-9]\d?))\.key$/;

/** The key of pseudonyms; only the ETL loads it. Errors: `CONFIGURATION`, `HOME_NOT_WRITABLE`, `DISK_FULL`. */
export function loadWarehouseKey(
  home: Home,
  options: KeyOptions,
  effects = fromSystem,
): SecretKey<'warehouse'> {
  return loadKey(home, 'warehouse', 'warehouse', options, effects);
}

/** The keys of the API. Errors: `CONFIGURATION`, `HOME_NOT_WRITABLE`, `DISK_FULL`. */
export function loadServiceKeys(home: Home, options: KeyOptions, effects = fromSystem): ServiceKeys {
  const [newest = 'a1', ...older] = tokenKids(home);
  const master = (kid: string): TokenMaster => ({
    kid: options.dev ? `demo${kid}` : kid,
    key: loadKey(home, 'token', `token-${kid}`, options, effects),
  });
  const keys: ServiceKeys = {
    tokenMaster: master(newest),
    previousTokenMasters: older.map(master),
    cursor: loadKey(home, 'cursor', 'cursor', options, effects),
    audit: loadKey(home, 'audit', 'audit', options, effects),
    deploymentId: loadDeploymentId(home, options, effects),
  };
  assertDifferent(named(keys));
  return keys;
}

const earlierAuditFile = /^audit-([0-9a-f]{8})\.key$/;

/**
 * Keys under which the audit was written before, `audit-<fingerprint>.key`, by fingerprint. Error: `CONFIGURATION`, also
 * for one that has another fingerprint than its name says.
 */
export function loadEarlierAuditKeys(home: Home, dev: boolean): ReadonlyMap<string, SecretKey<'audit'>> {
  return new Map(
    filesIn(home.keys).flatMap((file) => {
      const named = earlierAuditFile.exec(file)?.[1];
      const bytes = named === undefined ? undefined : readSecretFile(join(home.keys, file));
      if (named === undefined || bytes === undefined) return [];
      const key = secretKey('audit', bytes, { place: join(home.keys, file), dev });
      if (fingerprint(key) !== named)
        throw new MaplewoodError(
          'CONFIGURATION',
          `The audit key ${join(home.keys, file)} has the fingerprint ${fingerprint(key)}. Name it audit-${fingerprint(key)}.key.`,
        );
      return [[named, key] as const];
    }),
  );
}

/** All keys, for a command that both loads and serves. Errors as of the two others. */
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

function loadKey<U extends KeyUse>(
  home: Home,
  kind: U,
  name: string,
  { create, dev }: KeyOptions,
  effects: KeyEffects,
): SecretKey<U> {
  const place = join(home.keys, `${name}.key`);
  const bytes = readOrCreateSecretFile(place, create, () => effects.randomBytes(keyLength));
  if (bytes === undefined) throw missing(`${kind} key`, place);
  return secretKey(kind, bytes, { place, dev });
}

function loadDeploymentId(home: Home, { create }: KeyOptions, effects: KeyEffects): string {
  const place = join(home.keys, 'deployment-id');
  const bytes = readOrCreateSecretFile(place, create, () =>
    Buffer.from(`${Buffer.from(effects.randomBytes(16)).toString('hex')}\n`),
  );
  if (bytes === undefined) throw missing('deployment id', place);
  const id = bytes.toString('utf8').trim();
  if (!/^[A-Za-z0-9-]{8,64}$/.test(id)) {
    throw new MaplewoodError(
      'CONFIGURATION',
      `The deployment id (${place}) is not 8 to 64 letters, digits or hyphens. Restore it from its backup.`,
    );
  }
  return id;
}

const missing = (what: string, place: string): MaplewoodError =>
  new MaplewoodError(
    'CONFIGURATION',
    `The ${what} is missing (${place}). Restore it from its backup; on a new installation run maplewood etl run first.`,
  );

/** Newest first. */
const tokenKids = (home: Home): readonly string[] =>
  filesIn(home.keys)
    .flatMap((file) => {
      const [, kid, number] = tokenFile.exec(file) ?? [];
      return kid === undefined ? [] : [{ kid, number: Number(number) }];
    })
    .sort((one, other) => other.number - one.number)
    .map(({ kid }) => kid);

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new MaplewoodError(
      'CONFIGURATION',
      `The folder ${folder} cannot be read (${systemCode(error)}). Give it to the user that runs this command.`,
      { cause: error },
    );
  }
}
