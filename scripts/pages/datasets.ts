import { type Role, roleDeclarations } from '../../src/access/role.js';
import { bedForecastListing } from '../../src/schema/bed-forecast-entry.js';
import { catalogueFor } from '../../src/schema/catalogue.js';
import type { CatalogueColumn, CatalogueEntry } from '../../src/schema/catalogue-entry.js';
import { datasets } from '../../src/schema/datasets.js';
import type { RowDataset } from '../../src/schema/declare/dataset.js';
import { rowType } from '../../src/schema/declare/decorators.js';
import type { RowsOfPeople } from '../../src/schema/declare/metadata.js';
import { code, codes, type Page, page, table } from './page.js';

/** `docs/reference/datasets.md`: the catalogue over all roles. */
export function datasetsPage(): Page {
  const all = [...datasets, bedForecastListing];
  return page('docs/reference/datasets.md', 'Datasets', '`src/schema/`', [
    'What can be asked for over GraphQL. A role sees its own datasets, columns and combinations; the rest does not exist for it. The query `datasets` gives the same for the active role; [query](../guides/query.md) shows how to ask.',
    table(
      ['dataset', 'what', 'roles'],
      all.map(({ key, title, roles }) => [`[${key}](#${key.toLowerCase()})`, title, codes(roles)]),
    ),
    '## Roles',
    table(
      ['role', 'what it is for', 'figures', 'needs trusts'],
      Object.entries(roleDeclarations).map(([name, { description, profile, needsTrusts }]) => [
        code(name),
        description,
        code(profile),
        needsTrusts ? 'yes' : '',
      ]),
    ),
    'Figures: `published` and `rows` stand under disclosure control (small counts hidden, the others rounded, closed periods only), `published` at the combinations of dimensions listed below only; `exact` gives exact figures of the own trusts; `none` gives none.',
    ...all.flatMap(({ key, roles }) => dataset(key, roles)),
  ]);
}

interface RoleEntry {
  readonly role: Role;
  readonly entry: CatalogueEntry;
}

function dataset(key: string, roles: readonly Role[]): string[] {
  const entries = roles.flatMap((role): RoleEntry[] => {
    const entry = catalogueFor(role).find((found) => found.key === key);
    return entry ? [{ role, entry }] : [];
  });
  const [first] = entries;
  if (!first) return [];
  const { title, description, kind } = first.entry;
  const columns = everyColumn(entries);
  const of = (wanted: CatalogueColumn['kind']) => columns.filter(({ column }) => column.kind === wanted);
  const parts = [`## ${key}`, `**${title}.** ${description}`, `Roles: ${codes(roles)}.`];
  const ofPeople = datasets.find((one) => one.key === key);
  if (ofPeople?.kind === 'row' && ofPeople.people)
    return [...parts, ...peopleTables(ofPeople, ofPeople.people)];
  if (kind === 'row') {
    return [...parts, table(['column', 'type', 'unit', 'class', 'meaning'], of('column').map(rowColumn))];
  }
  const given = new Map(entries.flatMap(({ entry }) => entry.arguments.map((one) => [one.name, one])));
  return [
    ...parts,
    table(
      ['argument', 'values', 'default', 'meaning'],
      [...given.values()].map((one) => [
        code(one.name),
        codes(one.values),
        code(one.default),
        one.description,
      ]),
    ),
    kind === 'forecast'
      ? ''
      : table(
          ['dimension column', '`by`', 'type', 'class', 'meaning', 'only for'],
          of('dimension').map(({ column, only }) => [
            code(column.name),
            code(column.dimension ?? ''),
            column.type,
            column.sensitivity,
            column.description,
            only,
          ]),
        ),
    table(
      ['measure', 'type', 'unit', 'class', 'definition', 'only for'],
      of('measure').map(({ column, only }) => [
        code(column.name),
        column.type,
        column.unit ?? '',
        column.sensitivity,
        definition(column),
        only,
      ]),
    ),
    ...(kind === 'measure'
      ? [
          'Finest grain of each combination of dimensions, by role; coarser ones are allowed too:',
          combinations(entries),
        ]
      : []),
  ].filter((part) => part !== '');
}

/** What each role sees of each column. */
function peopleTables({ columns, roles }: RowDataset, { listedFor }: RowsOfPeople): string[] {
  const below = roles.filter((role) => !listedFor.includes(role));
  return [
    ...(below.length > 0 ? [`For ${codes(below)} without a list of its own: other rows lead to it.`] : []),
    'What each role sees of a column; – where it does not exist for the role:',
    table(
      ['column', 'type', 'unit', 'class', 'meaning', ...roles],
      [...columns.values()].map((column) => [
        code(column.name),
        rowType(column).name,
        column.unit ?? '',
        column.sensitivity,
        column.description,
        ...roles.map((role) => {
          const shown = column.shown?.[role];
          return shown ? (shown.as ?? (column.token ? 'token' : 'as it is')) : '–';
        }),
      ]),
    ),
  ];
}

/** The columns that any of the roles has, with the roles where it is not all of them. */
function everyColumn(entries: readonly RoleEntry[]): { column: CatalogueColumn; only: string }[] {
  const byName = new Map<string, { column: CatalogueColumn; roles: Role[] }>();
  for (const { role, entry } of [...entries].sort(
    (a, b) => b.entry.columns.length - a.entry.columns.length,
  )) {
    for (const column of entry.columns) {
      const known = byName.get(column.name);
      if (known) known.roles.push(role);
      else byName.set(column.name, { column, roles: [role] });
    }
  }
  return [...byName.values()].map(({ column, roles }) => ({
    column,
    only: roles.length === entries.length ? '' : codes(roles),
  }));
}

const rowColumn = ({ column }: { column: CatalogueColumn }): string[] => [
  code(column.name),
  column.type,
  column.unit ?? '',
  column.sensitivity,
  column.description,
];

const definition = ({ description, numerator, denominator, edgeCases, source }: CatalogueColumn): string =>
  [
    description,
    numerator && `Numerator: ${numerator}.`,
    denominator && `${numerator ? 'Denominator' : 'Counted over'}: ${denominator}.`,
    edgeCases && `Edge cases: ${edgeCases}.`,
    source && `Source: ${source}.`,
  ]
    .filter((text) => text)
    .join(' ');

function combinations(entries: readonly RoleEntry[]): string {
  const finest = new Map<string, Map<Role, string>>();
  for (const { role, entry } of entries) {
    for (const { by, grains } of entry.allowed) {
      const key = by.length === 0 ? 'none' : codes(by);
      finest.set(key, (finest.get(key) ?? new Map<Role, string>()).set(role, grains[0] ?? ''));
    }
  }
  return table(
    ['by', ...entries.map(({ role }) => role)],
    [...finest].map(([key, byRole]) => [key, ...entries.map(({ role }) => byRole.get(role) ?? '')]),
  );
}
