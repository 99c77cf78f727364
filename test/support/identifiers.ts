import { type Identifiers, identifiersFor } from '../../src/access/identifiers.js';
import { secretKey } from '../../src/access/key.js';

/** Pseudonyms under the published test key. */
export const testIdentifiers = (recipient = 'test'): Identifiers =>
  identifiersFor(
    {
      tokenMaster: {
        kid: 'a1',
        key: secretKey(
          'token',
          Uint8Array.from({ length: 32 }, (_none, at) => 0x20 + at),
          {
            place: 'test',
            dev: true,
          },
        ),
      },
      previousTokenMasters: [],
      deploymentId: 'test-deployment',
    },
    recipient,
  );
