import type { Config } from '../config/environment.js';
import { mayCreateKeys } from '../config/serving.js';
import type { SecretKey } from './key.js';
import { keyFiles } from './key-files.js';
import { earlierAuditKeysIn, type ServiceKeys, serviceKeysIn, warehouseKeyIn } from './keys.js';
import { asIfMade, type Secrets } from './secrets.js';
import { openVault } from './vault/client.js';
import { processIdentity } from './vault/credential.js';
import { serviceSecrets, warehouseSecrets } from './vault/vault-secrets.js';

/** What a server and the commands of the audit hold. */
export interface ApiKeys {
  readonly service: ServiceKeys;
  /** Keys under which the audit was written before, by fingerprint. */
  readonly earlierAudit: ReadonlyMap<string, SecretKey<'audit'>>;
}

/**
 * The keys of this installation: files of its home, or secrets of a Key Vault. Errors of all that is read: `CONFIGURATION`; of
 * files also `HOME_NOT_WRITABLE` and `DISK_FULL`; of a vault `KEY_UNAVAILABLE`.
 */
export interface Keyring {
  /** They are read over the network, and may come later. */
  readonly isRemote: boolean;
  /** The key of pseudonyms, for the ETL alone. It is made on first use where it may be. */
  warehouse(): Promise<SecretKey<'warehouse'>>;
  /** The keys of the API. None is made. */
  api(signal?: AbortSignal): Promise<ApiKeys>;
  /** The same, made on first use where they may be. */
  apiForServing(signal?: AbortSignal): Promise<ApiKeys>;
  /** Look at what is there, as whoever serves or loads would. Nothing is made. */
  examineApi(): Promise<void>;
  examineWarehouse(): Promise<void>;
}

type KeyringConfig = Pick<Config, 'home' | 'dev' | 'warehouse' | 'keyVaultUrl'>;

export const keyring = (config: KeyringConfig): Keyring =>
  config.keyVaultUrl === null ? inFiles(config) : inVault(config.keyVaultUrl, config.dev);

function inFiles(config: KeyringConfig): Keyring {
  const { home, dev } = config;
  const mayCreate = mayCreateKeys(config);
  const examined = (): Secrets => {
    const files = keyFiles(home, false);
    return mayCreate ? asIfMade(files) : files;
  };
  return {
    isRemote: false,
    warehouse: async () => warehouseKeyIn(keyFiles(home, mayCreate), { dev }),
    api: async () => apiKeysIn(keyFiles(home, false), dev),
    apiForServing: async () => apiKeysIn(keyFiles(home, mayCreate), dev),
    examineApi: async () => void apiKeysIn(examined(), dev),
    examineWarehouse: async () => void warehouseKeyIn(examined(), { dev }),
  };
}

/** Of those who are never told to stop. */
const never = new AbortController().signal;

function inVault(url: string, dev: boolean): Keyring {
  // The configuration lets a plain address of this machine through in development alone.
  const token = url.startsWith('https:') ? processIdentity() : async () => undefined;
  const api = async (signal = never): Promise<ApiKeys> =>
    apiKeysIn(await serviceSecrets(await openVault(url, token, signal)), dev);
  const warehouse = async (): Promise<SecretKey<'warehouse'>> =>
    warehouseKeyIn(await warehouseSecrets(await openVault(url, token, never)), { dev });
  return {
    isRemote: true,
    warehouse,
    api,
    apiForServing: api,
    examineApi: async () => void (await api()),
    examineWarehouse: async () => void (await warehouse()),
  };
}

const apiKeysIn = (secrets: Secrets, dev: boolean): ApiKeys => ({
  service: serviceKeysIn(secrets, { dev }),
  earlierAudit: earlierAuditKeysIn(secrets, { dev }),
});
