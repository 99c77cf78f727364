import { createHash, createHmac } from 'node:crypto';
import { blobValue, DuckDBInstance, listValue } from '@duckdb/node-api';
import fc from 'fast-check';
import { secretKey } from '../../src/access/key.js';
import { hmacPads, normaliseId, pseudonym, pseudonymPrefix } from '../../src/access/pseudonym.js';

const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const key = secretKey('warehouse', bytes, { place: 'test', dev: true });
const patient = { entity: 'patient', namespace: 'nhs-local', caseInsensitive: true } as const;
const staff = { ...patient, entity: 'staff' } as const;

describe('a pseudonym', () => {
  it('equals the frozen vectors', () => {
    expect(pseudonym(key, patient, 'PAT_000001').toString('hex')).toBe('f05a067e40582aea6449fd592aa0cecc');
    expect(pseudonym(key, staff, 'C1000').toString('hex')).toBe('099915bc1434981b57488afad9c21594');
  });

  it('is one for the spellings that the source takes for one id', () => {
    const plain = pseudonym(key, patient, 'PAT_000001');
    for (const id of [' PAT_000001', 'pat_000001\t', '\u00a0Pat_000001\r\n']) {
      expect(pseudonym(key, patient, id).equals(plain)).toBe(true);
    }
    const fhir = { ...patient, namespace: 'https://fhir.example', caseInsensitive: false };
    expect(pseudonym(key, fhir, 'a').equals(pseudonym(key, fhir, 'A'))).toBe(false);
    expect(pseudonym(key, fhir, 'e\u0301').equals(pseudonym(key, fhir, '\u00e9'))).toBe(true);
    expect(normaliseId(' e\u0301 ', true)).toBe('\u00c9');
  });

  it('differs between entities and namespaces', () => {
    const of = (domain: Parameters<typeof pseudonym>[1]) => pseudonym(key, domain, 'X1').toString('hex');
    expect(new Set([of(patient), of(staff), of({ ...patient, namespace: 'other' })]).size).toBe(3);
  });

  it('is no plain digest of the id', () => {
    const made = pseudonym(key, patient, 'PAT_000001').toString('hex');
    for (const algorithm of ['md5', 'sha1', 'sha256']) {
      const digest = createHash(algorithm).update('PAT_000001').digest('hex');
      expect(made.slice(0, 16)).not.toBe(digest.slice(0, 16));
    }
  });
});

describe('the padded keys', () => {
  it('make an HMAC of two plain hashes', () => {
    const { inner, outer } = hmacPads(key);
    const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
        const expected = createHmac('sha256', bytes).update(message).digest();
        expect(hash(outer, hash(inner, message)).equals(expected)).toBe(true);
      }),
    );
  });

  it('give the same pseudonyms in DuckDB', async () => {
    const { inner, outer } = hmacPads(key);
    const ids = ['PAT_000001', ' pat_000002 ', 'É1', 'e\u03011', '', 'x'.repeat(200)];
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT lower(hex(unhex(sha256($outer || unhex(sha256($inner || encode($prefix || id)))))[1:16]))
       FROM (SELECT nfc_normalize(upper(trim(unnest($ids::VARCHAR[])))) AS id)`,
      {
        inner: blobValue(inner),
        outer: blobValue(outer),
        prefix: pseudonymPrefix(patient),
        ids: listValue(ids),
      },
    );
    expect(reader.getRows().flat()).toEqual(ids.map((id) => pseudonym(key, patient, id).toString('hex')));
    connection.closeSync();
    instance.closeSync();
  });
});
