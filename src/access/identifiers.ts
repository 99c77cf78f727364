import type { ServiceKeys } from './keys.js';
import type { Entity } from './pseudonym.js';
import { type RecipientTokens, recipientTokens } from './recipient-token.js';

/** The pseudonyms of one recipient, of every kind of thing. Keys are derived when one is first used. */
export interface Identifiers {
  of(entity: Entity): RecipientTokens;
}

export function identifiersFor(
  keys: Pick<ServiceKeys, 'tokenMaster' | 'previousTokenMasters' | 'deploymentId'>,
  recipient: string,
): Identifiers {
  const made = new Map<Entity, RecipientTokens>();
  return {
    of(entity) {
      const tokens = made.get(entity) ?? recipientTokens(keys, entity, recipient);
      made.set(entity, tokens);
      return tokens;
    },
  };
}
