import { join } from 'node:path';
import type { Config } from '../../config/environment.js';
import { assertServable } from '../../config/serving.js';
import { MaplewoodError } from '../../errors.js';
import { type DevelopmentIssuer, developmentIssuer } from './issuer.js';
import { type KeySource, singleKey } from './keys.js';
import { TenantKeys } from './tenant-keys.js';
import type { VerifierOptions } from './verify.js';

/** The one issuer whose tokens this server takes, with its keys. */
export interface TrustedSource {
  readonly options: VerifierOptions;
  readonly keys: KeySource;
  /**
   * What a caller without a token is told of where to get one: the value of `WWW-Authenticate` (RFC 6750, 3). Power Query finds
   * the tenant and the application in it.
   */
  readonly challenge: string;
}

export interface TrustedSourceEffects {
  tenantKeys(options: { url: string; issuer: string; file: string }): KeySource;
}
const fromNetwork: TrustedSourceEffects = { tenantKeys: (options) => new TenantKeys(options) };

/**
 * Whose tokens are accepted: those of the development issuer under `MAPLEWOOD_DEV=1` on a loopback address, else
 * those of the tenant; never both. `loadIssuer` is called in the first case only.
 * Error: `CONFIGURATION` where neither can be trusted.
 */
export function trustedSource(
  config: Config,
  loadIssuer: () => DevelopmentIssuer,
  effects: TrustedSourceEffects = fromNetwork,
): TrustedSource {
  assertServable(config);
  return config.dev ? development(config, loadIssuer()) : tenant(config, effects);
}

function development({ settings }: Config, issuer: DevelopmentIssuer): TrustedSource {
  const { clients } = settings.authentication;
  return {
    keys: singleKey(issuer.kid, issuer.publicKey),
    challenge: 'Bearer realm="maplewood"',
    options: {
      issuers: [{ version: developmentIssuer.version, issuer: developmentIssuer.issuer }],
      audiences: [developmentIssuer.audience],
      tenantId: developmentIssuer.tenantId,
      scope: developmentIssuer.scope,
      clients: clients.length === 0 ? 'any' : new Set(clients),
      algorithms: ['RS256'],
      trustsClaim: 'trusts',
    },
  };
}

/** The addresses are those of the Microsoft identity platform for one tenant ("Access tokens", "Validate tokens"). */
function tenant(config: Config, effects: TrustedSourceEffects): TrustedSource {
  const { tenantId, audience, clientId, settings, home } = config;
  if (tenantId === null || audience === null) throw new MaplewoodError('CONFIGURATION');
  const { clients, algorithms, version1, audiences, trustsClaim } = settings.authentication;
  const authority = `https://login.microsoftonline.com/${tenantId}`;
  const issuer = `${authority}/v2.0`;
  return {
    challenge: `Bearer authorization_uri="${authority}/oauth2/authorize", resource_id="${audience}"`,
    keys: effects.tenantKeys({
      url: `${authority}/discovery/v2.0/keys`,
      issuer,
      file: join(home.state, `tenant-keys-${tenantId}.json`),
    }),
    options: {
      issuers: [
        { version: '2.0', issuer },
        ...(version1 ? [{ version: '1.0' as const, issuer: `https://sts.windows.net/${tenantId}/` }] : []),
      ],
      audiences: [audience, ...audiences],
      tenantId,
      scope: developmentIssuer.scope,
      clients: new Set(clientId === null ? clients : [clientId, ...clients]),
      algorithms,
      trustsClaim,
    },
  };
}
