import type { DisclosureRule } from '../access/disclosure.js';
import { releasedAs } from '../access/released-as.js';
import { type Role, roleDeclarations } from '../access/role.js';
import { dimPatient } from '../warehouse/gold/dimensions.js';
import { columnVisible } from './datasets.js';
import { anyAggregate } from './declare/arguments.js';
import type { Dataset, RowDataset } from './declare/dataset.js';
import type { RowColumn, Sensitivity } from './declare/metadata.js';

/** How a role has a column, in words that come from its declaration. */
export interface FieldAccess {
  readonly sensitivity: Sensitivity;
  /** Dimension of `by` that the column belongs to. */
  readonly by: string | null;
  /** What is shown of the value. */
  readonly shown: string;
}

export const asItIs = 'As it is.';

/** Null: the column does not exist for the role. */
export function fieldAccess(
  dataset: Dataset,
  name: string,
  role: Role,
  rule: DisclosureRule,
): FieldAccess | null {
  if (!columnVisible(dataset, role, name)) return null;
  if (dataset.kind === 'row') {
    const column = dataset.columns.get(name);
    return column ? { sensitivity: column.sensitivity, by: null, shown: rowShown(column, role) } : null;
  }
  const dimension = dataset.dimensions.get(name);
  if (dimension)
    return {
      sensitivity: dimension.sensitivity,
      by: dimension.by,
      shown: dimension.generalised ?? asItIs,
    };
  const measure = dataset.measures.get(name);
  return measure
    ? { sensitivity: measure.sensitivity, by: null, shown: releasedAs(anyAggregate(measure), role, rule) }
    : null;
}

function rowShown({ token, shown, generalised }: RowColumn, role: Role): string {
  if (token) return 'A pseudonym of your own: others see another one.';
  return [generalised, shown?.[role]?.as].filter((text) => text !== undefined).join(' ') || asItIs;
}

/** Of which events and patients a role has figures or rows, with or without trusts in its token. */
export function rowScope(dataset: Dataset, role: Role, narrowed: boolean): string {
  if (dataset.kind === 'measure') {
    if (!narrowed) return 'Events at all trusts.';
    return Object.hasOwn(dataset.source.dimensions, 'TRUST')
      ? 'Events at the trusts of your token.'
      : 'Nothing: these events have no trust, and those of your token are narrowed.';
  }
  if (!dataset.people) return 'The whole release.';
  if (!narrowed && !roleDeclarations[role].needsTrusts) return 'Patients and events of all trusts.';
  if (dataset.people.trust !== undefined) return 'Events at the trusts of your token.';
  return scopeOfPatients(dataset, role);
}

function scopeOfPatients(dataset: RowDataset, role: Role): string {
  if (dataset.people?.cohort && role === 'finance') return 'Nothing: the trusts of your token are narrowed.';
  if (dataset.table.name === dimPatient.name || dataset.people?.scopeOfPatient)
    return 'Patients with a spell or an attendance at the trusts of your token.';
  return role === 'clinician'
    ? 'Patients in care at the trusts of your token: a stay or an attendance is open or has just ended.'
    : 'Nothing: these events have no trust, and those of your token are narrowed.';
}

/** What disclosure control does to the figures of a role. */
export const profileMeanings = {
  published:
    'Figures at the published combinations of dimensions only, of closed calendar periods; few patients hidden, the rest rounded.',
  rows: 'Figures of closed calendar periods; few patients hidden, the rest rounded.',
  exact: 'Exact figures of the trusts of your token.',
  none: 'No figures.',
} as const;
