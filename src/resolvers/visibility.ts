import { type Role, roleDeclarations } from '../access/role.js';
import { bedForecastRoles, flowRoles } from '../schema/bed-forecast.js';
import { ruleDetails } from '../schema/cds-rules.js';
import { columnDescription, columnVisible, datasets, isListed } from '../schema/datasets.js';
import type { RowColumn } from '../schema/declare/metadata.js';
import { detailFields } from '../schema/people/cds-results.js';
import { rowRoles } from '../schema/people/columns.js';
import { nestedFields, peopleDatasets } from '../schema/people/nested.js';
import { auditRoles } from './audit-trail-resolver.js';
import { lineageRoles } from './lineage-resolver.js';

/**
 * What a role may see, by schema coordinate (`Query.edWaits`, `EdWaits.wardCode`, `EdWaitsDimension.WARD`).
 * Everything that belongs to a dataset is decided by its declaration; a root field that nobody listed is hidden.
 */
export type Visibility = (coordinate: string, role: Role) => boolean;

/** Root fields that every role has. */
const common: ReadonlySet<string> = new Set([
  'Query.release',
  'Query.datasets',
  'Query.me',
  'Query.explainAccess',
]);

export function visibility(): Visibility {
  const rules = new Map<string, (role: Role) => boolean>([
    ['Query.lineage', (role) => lineageRoles.includes(role)],
    ['Query.auditTrail', (role) => auditRoles.includes(role)],
    ['Query.patient', (role) => rowRoles.includes(role)],
    ['Query.bedForecast', (role) => bedForecastRoles.includes(role)],
    ['Mutation.acknowledgeCdsResult', (role) => role === 'clinician'],
    ['Mutation.overrideCdsResult', (role) => role === 'clinician'],
    ['Mutation.suppressCdsResult', (role) => role === 'clinician'],
    ['Query.cdsEvaluate', (role) => role === 'clinician'],
    ...Object.entries(detailFields).map(([name, roles]): [string, (role: Role) => boolean] => [
      `CdsResult.${name}`,
      (role) => (roles as readonly Role[]).includes(role),
    ]),
    ['CdsAcknowledgement.by', (role) => role === 'clinician'],
    ['CdsAcknowledgement.comment', (role) => role === 'clinician'],
    ...Object.entries(ruleDetails).map(([name, roles]): [string, (role: Role) => boolean] => [
      `CdsRule.${name}`,
      (role) => roles.includes(role),
    ]),
    ['BedForecastMethod.FLOW', (role) => flowRoles.includes(role)],
  ]);
  for (const dataset of datasets) {
    const { name } = dataset.type;
    rules.set(`Query.${dataset.key}`, (role) => isListed(dataset, role));
    const columns =
      dataset.kind === 'row'
        ? dataset.columns.keys()
        : [...dataset.dimensions.keys(), ...dataset.measures.keys()];
    for (const column of columns) {
      const rule = (role: Role): boolean => columnVisible(dataset, role, column);
      for (const type of [name, `${name}Connection`, `${name}Where`, `${name}Column`])
        rules.set(`${type}.${column}`, rule);
    }
    if (dataset.kind === 'measure') {
      // Two days compared would tell small differences, so that only exact roles may look back.
      rules.set(`Query.${dataset.key}(asOf:)`, (role) => roleDeclarations[role].profile === 'exact');
      for (const dimension of dataset.by) {
        rules.set(`${name}Dimension.${dimension}`, (role) =>
          [...dataset.dimensions.values()].some(
            (column) => column.by === dimension && columnVisible(dataset, role, column.name),
          ),
        );
      }
    }
  }
  for (const dataset of peopleDatasets)
    for (const { name, child } of nestedFields(dataset))
      rules.set(`${dataset.type.name}.${name}`, (role) => child.roles.includes(role));
  return (coordinate, role) => {
    const rule = rules.get(coordinate);
    if (rule) return rule(role);
    if (coordinate.endsWith(':)')) return true;
    return !/^(Query|Mutation|Subscription)\./.test(coordinate) || common.has(coordinate);
  };
}

/** Root fields of those who may break the glass; everything else they see as their role does. */
const identified: ReadonlySet<string> = new Set(['Query.identifiedPatient', 'Mutation.breakGlass']);

export const identifiedVisibility =
  (visible: Visibility): Visibility =>
  (coordinate, role) =>
    identified.has(coordinate) || visible(coordinate, role);

const columns: ReadonlyMap<string, RowColumn> = new Map(
  peopleDatasets.flatMap((dataset) =>
    [...dataset.columns].map(
      ([name, column]) =>
        [`${dataset.type.name}${column.beside === true ? 'Connection' : ''}.${name}`, column] as const,
    ),
  ),
);

/** What a field means to a role, where roles see different things of it. */
export function described(coordinate: string, role: Role): string | undefined {
  const column = columns.get(coordinate);
  return column && columnDescription(column, role);
}
