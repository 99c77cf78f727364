import { MaplewoodError, systemCode } from '../../errors.js';

/** What a vault was asked for, as it stands in a message: `the secret maplewood-cursor`. */
export type Asked = `the secret ${string}` | 'the list of its secrets';

const unavailable = (vault: string, what: string, cause?: unknown): MaplewoodError =>
  new MaplewoodError('KEY_UNAVAILABLE', `The Key Vault ${vault} ${what}`, { cause });

const reach = 'Check MAPLEWOOD_KEY_VAULT_URL, the firewall of the vault and the network of this machine.';

/** It gave no answer: it could not be reached, led elsewhere, or took too long. */
export function unreachable(vault: string, cause: unknown): MaplewoodError {
  const { name, cause: deeper } = cause as { name?: unknown; cause?: unknown };
  if (name === 'TimeoutError') return unavailable(vault, `did not answer in time. ${reach}`, cause);
  const code = systemCode(deeper) ?? systemCode(cause);
  return unavailable(vault, `cannot be reached${code === undefined ? '' : ` (${code})`}. ${reach}`, cause);
}

/** It gave an answer without what it was asked for. */
export function refused(vault: string, asked: Asked, status: number): MaplewoodError {
  if (status === 401 || status === 403)
    return unavailable(
      vault,
      `does not let this process read ${asked} (status ${status}). Give its identity the role Key Vault Secrets User, and let its network in.`,
    );
  if (status === 429)
    return unavailable(vault, 'is asked too often (status 429). Try again in a moment, and see who asks.');
  if (status >= 500)
    return unavailable(vault, `fails (status ${status}). Try again when it works; its health is in Azure.`);
  return unusable(vault, asked, `status ${status}`);
}

/** What came back is no answer of a vault. `why` says nothing of what was in it. */
export const unusable = (vault: string, asked: Asked, why: string, cause?: unknown): MaplewoodError =>
  unavailable(
    vault,
    `gave no answer of a vault when it was asked for ${asked} (${why}). Check MAPLEWOOD_KEY_VAULT_URL, and what stands between.`,
    cause,
  );

/** There is no token to ask it with. What the client of the identity says stays in the log. */
export const noToken = (vault: string, cause: unknown): MaplewoodError =>
  unavailable(
    vault,
    'cannot be asked: this process has no identity to sign in with. Give its machine or container a managed identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and what they need.',
    cause,
  );
