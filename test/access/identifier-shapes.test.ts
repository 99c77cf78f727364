import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { sealCursor } from '../../src/access/cursor.js';
import { identifierShapeIn } from '../../src/access/identifier-shapes.js';
import { secretKey } from '../../src/access/key.js';
import { roles } from '../../src/access/role.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { schemaText } from '../../src/resolvers/print-schema.js';
import { catalogueFor } from '../../src/schema/catalogue.js';
import { testIdentifiers } from '../support/identifiers.js';
import { root } from '../support/landing.js';
import { openReader } from '../support/release.js';

const identifiers = [
  ['patient id', 'PAT_000001'],
  ['patient id', 'pat_012000'],
  [
    'hashed NHS number',
    `PSEUDO_${createHash('sha256').update('somebody').digest('hex').slice(0, 16).toUpperCase()}`,
  ],
  ['NHS number', '9434765919'],
  ['NHS number', '943 476 5919'],
  ['NHS number', '401-023-2137'],
  ['generated number', '90000012345'],
  ['postcode', 'LS1 6AE'],
  ['postcode', 'EC1A1BB'],
  ['e-mail address', 'janet.ann+nhs@example.org'],
  ['phone number', '01632 960587'],
  ['phone number', '07700900123'],
  ['phone number', '+44 1632 960587'],
] as const;

describe('an identifier', () => {
  it.each(identifiers)('is found as a %s: %s', (shape, text) => {
    for (const around of [text, `(${text})`, `Row of ${text}, refused.`, `"${text}"`])
      expect([around, identifierShapeIn(around)]).toEqual([around, shape]);
  });

  it.each(identifiers)('is found as a %s in base64 and in hexadecimal digits: %s', (shape, text) => {
    const bytes = Buffer.from(text);
    for (const encoded of [
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ])
      expect([encoded, identifierShapeIn(encoded)]).toEqual([encoded, shape]);
  });

  it('is found within a longer id', () => {
    expect(identifierShapeIn('spell-PAT_000001-7')).toBe('patient id');
    expect(identifierShapeIn('fhir/Patient|PSEUDO_00562E00FF16CA09')).toBe('hashed NHS number');
  });

  it('is an NHS number only if its last digit is right, of every number', () => {
    const digits = fc.tuple(fc.constantFrom(4, 6, 7, 9), fc.integer({ min: 0, max: 99_999_999 }));
    fc.assert(
      fc.property(digits, fc.nat({ max: 9 }), ([first, rest], last) => {
        const base = `${first}${String(rest).padStart(8, '0')}`;
        const sum = [...base].reduce((total, digit, at) => total + Number(digit) * (10 - at), 0);
        const right = (11 - (sum % 11)) % 11 === last;
        const isPalindrome = `${base}${last}` === [...`${base}${last}`].reverse().join('');
        expect(identifierShapeIn(`${base}${last}`)).toBe(right && !isPalindrome ? 'NHS number' : undefined);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what an answer may hold', () => {
  it.each([
    ['shapes of refused values', ['9999999999', '999 999 9999', 'AAA_999999', '09999999999', 'EMPTY']],
    [
      'codes',
      ['RAA', 'R1H', 'M81001', 'DZ11A', 'E119', 'W01', '0601023A0AAAAAA', '21300000100', 'SENSITIVE'],
    ],
    ['days and times', ['2026-05-01', '2026-05-01T10:11:12Z', '00-03', '2026050112']],
    ['money and other numbers', ['9434765919.00', '-9434765919.50', '12.5', '1767225600']],
    ['files', ['sus_episodes/2026-05.parquet', 'patients/export_1767225600.csv', 'ecds/20260501101112.csv']],
    ['names', ['A&E, St Mary’s @ Home', 'Ward 7 East', 'GP 24/7', 'Leeds LS Trust']],
  ])('%s are none', (_what, texts) => {
    for (const text of texts) expect([text, identifierShapeIn(text)]).toEqual([text, undefined]);
  });

  it('tokens of every entity, cursors and ids of requests are none', () => {
    for (const entity of ['patient', 'staff', 'event'] as const) {
      const tokens = testIdentifiers().of(entity);
      for (const token of tokens.encode(Array.from({ length: 20_000 }, () => randomBytes(16))))
        if (identifierShapeIn(token!)) throw new Error(`found in ${token}`);
    }
    const cursorKey = secretKey('cursor', randomBytes(32), { place: 'test', dev: true });
    for (let n = 0; n < 5_000; n += 1)
      for (const text of [sealCursor(cursorKey, [n, 'x'], 'question'), randomUUID()])
        if (identifierShapeIn(text)) throw new Error(`found in ${text}`);
  });

  it('no code and no name of a code list is one', async () => {
    const reader = await openReader();
    let cells = 0;
    try {
      for (const file of readdirSync(join(root, 'reference')).filter((name) => name.endsWith('.csv'))) {
        const rows = await reader.rows<Record<string, string | null>>(
          `select * from read_csv('${join(root, 'reference', file)}', all_varchar = true)`,
        );
        for (const [column, text] of rows.flatMap((row) => Object.entries(row))) {
          if (text === null) continue;
          cells += 1;
          expect([file, column, text, identifierShapeIn(text)]).toEqual([file, column, text, undefined]);
        }
      }
    } finally {
      reader.close();
    }
    expect(cells).toBeGreaterThan(5_000);
  });

  it('no word of a schema or of the catalogue is one', () => {
    for (const role of roles) {
      expect(identifierShapeIn(schemaText(buildRoleSchemas().get(role)!))).toBeUndefined();
      expect(identifierShapeIn(JSON.stringify(catalogueFor(role)))).toBeUndefined();
    }
  });
});
