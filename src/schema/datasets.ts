import type { Role } from '../access/role.js';
import { BedOccupancy } from './bed-occupancy.js';
import { CareTransitions } from './care-transitions.js';
import { CdsCounts } from './cds-counts.js';
import { CdsRule } from './cds-rules.js';
import { Costs } from './costs.js';
import { DataQuality } from './data-quality.js';
import { DataQualityItems } from './data-quality-items.js';
import { type Dataset, datasetOf, type MeasureDataset } from './declare/dataset.js';
import type { RowColumn } from './declare/metadata.js';
import { EdCrowding } from './ed-crowding.js';
import { EdWaits } from './ed-waits.js';
import { LengthOfStay } from './length-of-stay.js';
import { CarePackage } from './people/care-packages.js';
import { CdsResult } from './people/cds-results.js';
import { Contact } from './people/contacts.js';
import { EdAttendance } from './people/ed-attendances.js';
import { Episode } from './people/episodes.js';
import { HighCostPatient } from './people/high-cost-patients.js';
import { Patient } from './people/patients.js';
import { Prescription } from './people/prescriptions.js';
import { Referral } from './people/referrals.js';
import { PopulationHealth } from './population-health.js';
import { Prescribing } from './prescribing.js';
import { Quarantine } from './quarantine.js';
import { Readmissions } from './readmissions.js';
import { ReferralWaits } from './referral-waits.js';
import { SchemaDrift } from './schema-drift.js';
import { SocialCare } from './social-care.js';

/** Every dataset of the API, in the order of the catalogue. */
export const datasets: readonly Dataset[] = [
  BedOccupancy,
  LengthOfStay,
  Readmissions,
  EdWaits,
  EdCrowding,
  Costs,
  Prescribing,
  ReferralWaits,
  SocialCare,
  CareTransitions,
  PopulationHealth,
  CdsCounts,
  HighCostPatient,
  Patient,
  Episode,
  EdAttendance,
  Prescription,
  Referral,
  Contact,
  CarePackage,
  CdsResult,
  CdsRule,
  DataQuality,
  DataQualityItems,
  Quarantine,
  SchemaDrift,
].map(datasetOf);

export const measureDatasets: readonly MeasureDataset[] = datasets.filter(
  (dataset) => dataset.kind === 'measure',
);

/** What a column means, as a role sees it. */
export const columnDescription = ({ description, shown }: RowColumn, role: Role): string =>
  [description, shown?.[role]?.as].filter((text) => text !== undefined).join(' ');

/** Whether a role may ask for a dataset by itself; some rows are reached through a patient only. */
export const isListed = (dataset: Dataset, role: Role): boolean =>
  dataset.roles.includes(role) &&
  (dataset.kind === 'measure' || (dataset.people?.listedFor.includes(role) ?? true));

/** Whether a column of a dataset exists for a role. What is not declared exists for nobody. */
export function columnVisible(dataset: Dataset, role: Role, name: string): boolean {
  if (!dataset.roles.includes(role)) return false;
  if (dataset.kind === 'row') {
    const column = dataset.columns.get(name);
    if (dataset.people) return column?.shown?.[role] !== undefined;
    return column !== undefined && (column.roles?.includes(role) ?? true);
  }
  const dimension = dataset.dimensions.get(name);
  if (dimension) {
    return (
      (dimension.roles?.includes(role) ?? true) &&
      (dataset.dimensionRoles?.[dimension.by]?.includes(role) ?? true)
    );
  }
  const measure = dataset.measures.get(name);
  return measure !== undefined && (measure.roles?.includes(role) ?? true);
}
