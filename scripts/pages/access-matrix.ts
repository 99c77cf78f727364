import { type Profile, type Role, roleDeclarations, roles } from '../../src/access/role.js';
import { defaultSettings } from '../../src/config/settings.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { bedForecastListing } from '../../src/schema/bed-forecast-entry.js';
import { datasets, isListed } from '../../src/schema/datasets.js';
import type { Dataset } from '../../src/schema/declare/dataset.js';
import { fieldAccess, profileMeanings, rowScope } from '../../src/schema/field-access.js';
import { exactColumnsOf } from '../../src/schema/identified/declare.js';
import { eventsOfIdentified, IdentifiedPatient } from '../../src/schema/identified/patient.js';
import { code, codes, type Page, page, table } from './page.js';

const none = '–';

/** `docs/reference/access-matrix.md`: who may see what. */
export function accessMatrix(): Page {
  return page('docs/reference/access-matrix.md', 'Access matrix', '`src/schema/` and `src/access/`', [
    `Who may see what. ${none} means that it does not exist for the role: a question for it gets the error of a misspelt name, wherever the name stands. \`explainAccess\` says the same to a caller. [Privacy](../explanation/privacy.md) says how it is kept, and which test holds each promise.`,
    '## Root fields',
    table(['field', ...roles], rootFields()),
    'Figures are `published`, `rows` or `exact`, as below; rows are de-identified; what is *nested* has no field of its own, since other rows lead to it.',
    'A `clinician` with the right `reidentifier` also has the mutation `breakGlass` and the field `identifiedPatient`: see [under an open grant](#under-an-open-grant).',
    '## Disclosure profiles',
    table(
      ['profile', 'roles', 'what it means'],
      (Object.keys(profileMeanings) as Profile[]).map((profile) => [
        code(profile),
        codes(roles.filter((role) => roleDeclarations[role].profile === profile)),
        profileMeanings[profile],
      ]),
    ),
    'The combinations of dimensions and the finest periods of each role stand with the [datasets](datasets.md).',
    '## Row scope',
    table(
      ['role', 'token without trusts', 'token with trusts'],
      roles.map((role) => [
        code(role),
        roleDeclarations[role].needsTrusts ? 'refused' : 'all trusts',
        roleDeclarations[role].profile === 'none' ? 'no change: it has no data of trusts' : 'only these',
      ]),
    ),
    'What is out of scope is as if it were not there: nothing says that it exists.',
    '## Columns',
    'Class: D direct identifier, Q quasi-identifier, S sensitive, W about staff, O open. Filters, orders and dimensions have the class of the column that they name, and exist for the roles that have it. For a role that is not listed the column does not exist.',
    ...datasets.flatMap(columnsOf),
    '## Under an open grant',
    'What `identifiedPatient` shows a clinician with the right `reidentifier` who has [broken the glass](../guides/break-glass.md): of that one patient, at all trusts, as the sources say. For everybody else none of it exists.',
    table(['column', 'class'], exactColumns()),
  ]);
}

function exactColumns(): string[][] {
  const types = [
    { name: IdentifiedPatient.name, columns: exactColumnsOf(IdentifiedPatient) },
    ...[...eventsOfIdentified.values()].map(({ type, columns }) => ({ name: type.name, columns })),
  ];
  return types.flatMap((type) =>
    [...type.columns.values()].map(({ name, sensitivity }) => [code(`${type.name}.${name}`), sensitivity]),
  );
}

function rootFields(): string[][] {
  const schemas = buildRoleSchemas();
  const byName = new Map(datasets.map((dataset) => [dataset.key, dataset]));
  const names = new Set([
    ...byName.keys(),
    ...roles.flatMap((role) => Object.keys(schemas.get(role)?.getQueryType()?.getFields() ?? {})),
  ]);
  return [...names].map((name) => {
    const dataset = byName.get(name);
    const cell = (role: Role): string => {
      if (dataset) return datasetCell(dataset, role);
      if (schemas.get(role)?.getQueryType()?.getFields()[name] === undefined) return none;
      return name === bedForecastListing.key ? figures(role) : 'yes';
    };
    return [code(name), ...roles.map(cell)];
  });
}

function datasetCell(dataset: Dataset, role: Role): string {
  if (!dataset.roles.includes(role)) return none;
  if (dataset.kind === 'measure') return figures(role);
  if (!dataset.people) return 'yes';
  return isListed(dataset, role) ? `rows${ownTrusts(role)}` : '*nested*';
}

const ownTrusts = (role: Role): string => (roleDeclarations[role].needsTrusts ? ', own trusts' : '');
const figures = (role: Role): string => `${roleDeclarations[role].profile}${ownTrusts(role)}`;

function columnsOf(dataset: Dataset): string[] {
  const names =
    dataset.kind === 'row'
      ? [...dataset.columns.keys()]
      : [...dataset.dimensions.keys(), ...dataset.measures.keys()];
  const access = (name: string, role: Role) => fieldAccess(dataset, name, role, defaultSettings.disclosure);
  const scopes = dataset.roles.map((role) => {
    const { needsTrusts } = roleDeclarations[role];
    return [
      code(role),
      rowScope(dataset, role, needsTrusts),
      needsTrusts ? '' : rowScope(dataset, role, true),
    ];
  });
  return [
    `### ${dataset.key}`,
    table(
      ['column', 'class', '`by`', ...dataset.roles],
      names.map((name) => {
        const cells = dataset.roles.map((role) => access(name, role));
        const known = cells.find((cell) => cell !== null);
        return [
          code(name),
          known?.sensitivity ?? '',
          known?.by ? code(known.by) : '',
          ...cells.map((cell) => cell?.shown ?? none),
        ];
      }),
    ),
    table(['role', 'row scope', 'where the trusts of the token are narrowed'], scopes),
  ];
}
