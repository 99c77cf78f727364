import {
  type LimitDeclaration,
  limitDeclarations,
  overloadDeclarations,
} from '../../src/config/limit-declarations.js';
import { defaultSettings } from '../../src/config/settings.js';
import { code, type Page, page, table } from './page.js';

const rows = (
  declared: Readonly<Record<string, LimitDeclaration>>,
  defaults: Readonly<Record<string, number | null>>,
): string[][] =>
  Object.entries(declared).map(([name, { meaning, least, most, code: said, unset }]) => [
    code(name),
    meaning,
    String(defaults[name] ?? unset),
    `${least} to ${most}`,
    said === null ? '' : code(said),
  ]);
const heads = ['name', 'what', 'default', 'can be set', 'above it'];

/** `docs/reference/limits.md`: what a request may ask for, and how many are let in. */
export function limits(): Page {
  return page('docs/reference/limits.md', 'Limits', '`src/config/limit-declarations.ts`', [
    'What is above a limit is an error with the code of the last column, and never a shorter answer: see [errors](errors.md). All of them can be set in the [configuration file](environment.md).',
    '## Of one request (`limits`)',
    'They are looked at in this order, the cheapest first: size of the body, JSON, size of the document and of the variables, the role’s schema, then what the answer could cost. Nothing is read before all of them hold.',
    table(heads, rows(limitDeclarations, { ...defaultSettings.limits })),
    'A document holds one operation. Requests for the schema follow `__Type` at most twice (`fields`, `interfaces`, `possibleTypes`, `inputFields`).',
    '## Of all requests (`overload`)',
    'Callers take turns, whatever the number of requests that each of them has waiting. An error that is over by itself has the header `Retry-After`, in seconds.',
    table(heads, rows(overloadDeclarations, { ...defaultSettings.overload })),
    'Requests whose token is refused are counted by their address in the same way; those above the rate are answered and not recorded in the audit.',
    '## Fixed',
    table(
      ['what', 'limit'],
      [
        ['size of a token', '8 KiB'],
        ['headers of a request', '16 KiB'],
        ['time for its headers', '10 s'],
        ['time for the whole request', '20 s'],
        ['a connection without any traffic', 'the deadline and 20 s; between two requests 5 s'],
        ['requests of one connection', '10,000'],
        ['records that wait for the audit', '10,000; from 9,000 on requests are refused'],
      ],
    ),
  ]);
}
