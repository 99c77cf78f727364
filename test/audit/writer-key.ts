import { type SecretKey, secretKey } from '../../src/access/key.js';

/** A key of counting bytes. */
export const writerKey = (first: number): SecretKey<'audit'> =>
  secretKey(
    'audit',
    Uint8Array.from({ length: 32 }, (_none, at) => first + at),
    {
      place: 'test',
      dev: true,
    },
  );
