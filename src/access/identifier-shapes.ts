import { hasNhsCheckDigit } from './nhs-number.js';

/**
 * Shapes that identifiers have wherever they come from. The last guard behind all others: what is found here has passed
 * the schema of the role, the plan and the store. A shape must be none that a token, a cursor, a code or a name of a
 * trust can have, since what is found is not sent.
 */
export type IdentifierShape =
  | 'patient id'
  | 'hashed NHS number'
  | 'NHS number'
  | 'generated number'
  | 'postcode'
  | 'e-mail address'
  | 'phone number';

/** No letter, digit, `_` or `-` beside it, nor a point that makes it part of a number. */
const alone = (pattern: string): string => `(?<![\\w-]|\\d\\.)(?:${pattern})(?![\\w-]|\\.\\d)`;

/** Postcode areas of the United Kingdom, so that a code of another kind is none. */
const areas =
  'AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|HA|HD|HG|HP|HR|HS|HU|HX|IG|IP|IV|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE';

interface Detector {
  readonly shape: IdentifierShape;
  readonly pattern: RegExp;
  /** What a match must also be. */
  readonly holds?: (match: string) => boolean;
}

const detectors: readonly Detector[] = [
  { shape: 'patient id', pattern: /PAT_\d{6}/gi },
  { shape: 'hashed NHS number', pattern: /PSEUDO_[0-9A-F]{16}/gi },
  {
    shape: 'NHS number',
    pattern: new RegExp(alone('[4679]\\d{2}([ -]?)\\d{3}\\1\\d{4}'), 'g'),
    holds: (match) => isNhsNumber(match.replaceAll(/[ -]/g, '')),
  },
  { shape: 'generated number', pattern: new RegExp(alone('9000\\d{7}'), 'g') },
  { shape: 'postcode', pattern: new RegExp(alone(`(?:${areas})\\d[0-9A-Z]? ?\\d[ABD-HJLNP-UW-Z]{2}`), 'g') },
  { shape: 'e-mail address', pattern: /[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g },
  {
    shape: 'phone number',
    pattern: new RegExp(alone('(?:\\+44 ?(?:\\(0\\))?|0)[123578](?: ?\\d){8,9}'), 'g'),
    // Ten digits in one piece could be a day and a time.
    holds: (match) => match.startsWith('+') || match.includes(' ') || match.length === 11,
  },
];

/** An NHS number that could be somebody's: palindromes are not given out. */
const isNhsNumber = (digits: string): boolean =>
  hasNhsCheckDigit(digits) && digits.slice(0, 5) !== [...digits.slice(5)].reverse().join('');

/** What the server seals or encrypts: 16 bytes of a token, a cursor. Random characters may look like anything. */
const token = /^m1\.[a-z0-9]{1,8}\.[A-Za-z0-9_-]{22}$/;
const sealed = /^[A-Za-z0-9_-]{40,}$/;

const shortest = 6;

/** The shape of an identifier that a text holds, also where it is written in base64 or in hexadecimal digits. */
export function identifierShapeIn(text: string): IdentifierShape | undefined {
  if (text.length < shortest || token.test(text)) return undefined;
  return (sealed.test(text) ? undefined : plainShapeIn(text)) ?? encodedShapeIn(text);
}

function plainShapeIn(text: string): IdentifierShape | undefined {
  return detectors.find(({ pattern, holds }) =>
    holds ? (text.match(pattern) ?? []).some(holds) : text.search(pattern) >= 0,
  )?.shape;
}

const base64 = /^[A-Za-z0-9+/_-]{8,}={0,2}$/;
const hexadecimal = /^(?:[0-9A-Fa-f]{2}){6,}$/;
const readable = /^[\x20-\x7e]+$/;

/** Once only. What does not become readable text was no text. */
function encodedShapeIn(text: string): IdentifierShape | undefined {
  const decodings = [
    ...(hexadecimal.test(text) ? (['hex'] as const) : []),
    ...(base64.test(text) ? (['base64'] as const) : []),
  ].map((encoding) => Buffer.from(text, encoding).toString('latin1'));
  for (const decoded of decodings) {
    const shape = readable.test(decoded) ? plainShapeIn(decoded) : undefined;
    if (shape) return shape;
  }
  return undefined;
}
