import type { TokenCredential } from '@azure/identity';

/** A token to ask a vault with; undefined where none is needed. */
export type BearerToken = (signal: AbortSignal) => Promise<string | undefined>;

/** That of every vault: the token says who asks, the vault what they may read. */
const scope = 'https://vault.azure.net/.default';

/** The identity that this process was given: a managed identity, a workload identity, or that of a signed-in developer. */
export function processIdentity(): BearerToken {
  let credential: TokenCredential | undefined;
  return async (signal) => {
    if (credential === undefined) {
      const { DefaultAzureCredential } = await import('@azure/identity');
      credential = new DefaultAzureCredential();
    }
    const token = await credential.getToken(scope, { abortSignal: signal });
    if (token === null) throw new Error('no token');
    return token.token;
  };
}
