import type { CdsFeedback } from '../../cds/hooks/ledger.js';
import type { Reason } from '../../cds/hooks/reasons.js';
import type { Rules } from '../../cds/rules/read-rules.js';
import type { CdsClient } from '../../config/settings.js';
import type { KeySource } from '../authentication/keys.js';
import type { KeptTokens } from './spent-tokens.js';

/** A client that signs its own tokens, and where its keys are found. */
export interface ClientKeys {
  readonly client: CdsClient;
  readonly keys: KeySource;
}

/** What the services of CDS Hooks are made of. */
export interface CdsHooksParts {
  readonly rules: Rules;
  /** Why a card can be overridden. */
  readonly reasons: readonly Reason[];
  readonly feedback: CdsFeedback;
  readonly clients: readonly ClientKeys[];
  /** Tokens of clients that were used; without it they are known to this process alone. */
  readonly spentTokens?: KeptTokens;
  /** Address under which clients call; null: that on which the server listens. */
  readonly publicUrl: string | null;
}
