import { errorCatalogue } from '../../src/errors.js';
import { code, type Page, page, table } from './page.js';

/** `docs/reference/errors.md`: the catalogue of errors. */
export function errors(): Page {
  const entries = Object.entries(errorCatalogue);
  return page('docs/reference/errors.md', 'Errors', '`src/errors.ts`', [
    'A GraphQL error carries its code in `extensions.code`, with the id of the request in `extensions.requestId`; a command prints the message on stderr and ends with the exit code. A message says what happened and what to do next. It holds no SQL, no stack and no value of the data.',
    'Exit codes: `0` done, `1` failed, `2` wrong usage or configuration, `75` try again later (another run holds the lease, the server is full, or the keys cannot be read).',
    '## Over HTTP',
    'The HTTP status is that of the request as a whole.',
    table(
      ['code', 'HTTP', 'exit', 'meaning'],
      entries.flatMap(([name, { http, exit, meaning }]) =>
        http === null ? [] : [[code(name), String(http), String(exit), meaning]],
      ),
    ),
    '## On the command line only',
    table(
      ['code', 'exit', 'meaning'],
      entries.flatMap(([name, { http, exit, meaning }]) =>
        http === null ? [[code(name), String(exit), meaning]] : [],
      ),
    ),
  ]);
}
