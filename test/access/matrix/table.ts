import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../../src/access/role.js';

/** The hand-written tables of `who-sees-what.md`. */

/** A column of a dataset, and in which words each role sees it; a role that is not named does not. */
export interface ColumnRights {
  readonly name: string;
  /** Dimension in `by`; `fixed` for one that always splits the cells; null for what is no dimension. */
  readonly by: string | null;
  /** It stands beside the rows. */
  readonly beside: boolean;
  readonly shown: ReadonlyMap<Role, string>;
}

/** An argument that only some of the roles with its root field have. */
export interface ArgumentRights {
  /** What of it is hidden: its own name, or a value. */
  readonly name: string;
  readonly argument: string;
  readonly root: string;
  readonly roles: ReadonlySet<Role>;
}

export interface WhoSeesWhat {
  /** Root field → role → what it has of it. */
  readonly roots: ReadonlyMap<string, ReadonlyMap<Role, string>>;
  readonly datasets: ReadonlyMap<string, readonly ColumnRights[]>;
  readonly arguments: readonly ArgumentRights[];
  /** Root field that is no dataset → paths of the fields below it. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

type Cells = readonly string[];

const cellsOf = (line: string): Cells =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Rows of the tables below a headline, up to the next one of any level; head lines and rules are left out. */
function tableBelow(text: string, headline: string): { head: Cells; rows: readonly Cells[] } {
  const lines = text.split('\n');
  const from = lines.indexOf(headline);
  if (from < 0) throw new Error(`there is no "${headline}"`);
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => line.startsWith('#'));
  const table = rest.slice(0, end < 0 ? undefined : end).filter((line) => line.startsWith('|'));
  const [head, , ...rows] = table.map(cellsOf);
  return { head: head ?? [], rows };
}

function shownIn(head: Cells, row: Cells): ReadonlyMap<Role, string> {
  return new Map(
    head.flatMap((role, at): [Role, string][] => {
      const word = row[at] ?? '–';
      return ['column', 'field', 'by', 'name', 'argument', 'of'].includes(role) || word === '–'
        ? []
        : [[role as Role, word]];
    }),
  );
}

/** Reads the tables. Error: a row without all of its cells, or a name that stands twice. */
export function readWhoSeesWhat(): WhoSeesWhat {
  const text = readFileSync(join(import.meta.dirname ?? __dirname, 'who-sees-what.md'), 'utf8');
  const rights = tableBelow(text, '## Root fields');
  const roots = unique(
    rights.rows.flatMap((row) =>
      words(row[0]).map((name): [string, ReadonlyMap<Role, string>] => [name, shownIn(rights.head, row)]),
    ),
  );
  const keys = text.split('\n').flatMap((line) => (line.startsWith('### ') ? [line.slice(4)] : []));
  const datasets = unique(
    keys.map((key): [string, readonly ColumnRights[]] => {
      const { head, rows } = tableBelow(text, `### ${key}`);
      return [
        key,
        rows.flatMap((row) => {
          if (row.length !== head.length) throw new Error(`${key}: a row of ${row.length} cells`);
          const by = row[1] === '' || row[1] === 'beside' ? null : (row[1] ?? null);
          return words(row[0]).map((name) => ({
            name,
            by,
            beside: row[1] === 'beside',
            shown: shownIn(head, row),
          }));
        }),
      ];
    }),
  );
  const others = new Map<string, string[]>();
  for (const [root = '', paths] of tableBelow(text, '## Types that are no dataset').rows)
    others.set(root, [...(others.get(root) ?? []), ...words(paths)]);
  const given = tableBelow(text, '## Arguments');
  const args = given.rows.flatMap((row) => {
    const [name = '', argument = '', of] = row;
    const shown = shownIn(given.head, row);
    return words(of).map((root) => ({ name, argument, root, roles: new Set(shown.keys()) }));
  });
  return { roots, datasets, arguments: args, others };
}

const words = (cell = ''): string[] => cell.split(' ').filter((word) => word !== '');

function unique<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const found = new Map(entries);
  if (found.size !== entries.length) throw new Error('a name stands twice');
  return found;
}
