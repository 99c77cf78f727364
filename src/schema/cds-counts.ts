import type { Role } from '../access/role.js';
import { count, gt, isNotNull, persons, sum } from '../measures/aggregate.js';
import { Dimension, Measure, MeasureDataset } from './declare/decorators.js';
import * as dimensions from './dimensions.js';
import { statusMeanings } from './sources/result-status.js';
import { noTrust, ruleResults, subjects } from './sources/rule-results.js';

/** Roles that have the counts of results. */
export const countedFor: readonly Role[] = [
  'bi-reader',
  'data-steward',
  'analyst',
  'operations',
  'clinician',
];

const source = 'Definition of this warehouse: results of rules of decision support';
const opened = 'results of rules in production, by the local day as of which each first fired';

@MeasureDataset({
  key: 'cdsCounts',
  title: 'Results of decision support',
  description:
    'Results of the rules of decision support that are in production, by the local day as of which each first fired: how many were opened, of how many patients, and how many are over by now. A result is about a rule, a patient, and a row or a window of time, and is opened once; fired again it is the same one. Rules about the quality of data are counted apart from those about care (about), and for those alone who may see what they say. Decision support is for review; not a medical device, not clinically validated.',
  source: ruleResults,
  roles: countedFor,
  dimensionRoles: { STATUS: ['operations', 'clinician'] },
  reserved: { by: 'ABOUT', members: { [subjects.quality]: ['data-steward', 'analyst', 'clinician'] } },
  // A rule has one objective: what is published of rules and of objectives adds up, and is protected together.
  cubes: [{ by: ['RULE', 'TRUST', 'OBJECTIVE'], published: 'MONTH', mart: 'DAY' }],
  rowsFloor: { default: 'WEEK' },
})
export abstract class CdsCounts {
  @Dimension({
    by: 'RULE',
    type: { kind: 'text', length: 80 },
    sensitivity: 'O',
    value: { from: 'key' },
    description: 'Name of the rule.',
  })
  readonly ruleName!: string | null;

  @Dimension({
    by: 'RULE',
    type: { kind: 'text', length: 400 },
    sensitivity: 'O',
    value: { from: 'label', table: 'cds_rule', key: 'rule', column: 'title', current: 'is_current' },
    description: 'Title of the rule as it is now; null where the rule is not there any more.',
  })
  readonly ruleTitle!: string | null;

  @Dimension({
    ...dimensions.trustCode,
    description: `ODS code of the trust of the event that a result is about, else of the latest event of the patient in the 12 months before; '${noTrust}' where there is none.`,
  })
  readonly trustCode!: string | null;

  @Dimension(dimensions.trustName) readonly trustName!: string | null;

  @Dimension({
    by: 'OBJECTIVE',
    type: { kind: 'text', length: 5 },
    sensitivity: 'O',
    value: { from: 'key' },
    description:
      'Main objective of the rule, the first of those that it has; a result counts under this one alone: B beds, E emergency department, H high cost and prescribing, C coordination, P population, D data quality.',
  })
  readonly objective!: string | null;

  @Dimension({
    by: 'STATUS',
    type: { kind: 'text', length: 16 },
    sensitivity: 'Q',
    value: { from: 'key' },
    description: statusMeanings,
  })
  readonly status!: string | null;

  @Dimension({
    by: 'ABOUT',
    type: { kind: 'text', length: 16 },
    sensitivity: 'O',
    value: { from: 'key' },
    description:
      'What the rule is about: CARE, or DATA_QUALITY for the rules dq_…. Cells are always split by it.',
  })
  readonly about!: string | null;

  @Measure({
    is: count(),
    unit: 'results',
    sensitivity: 'Q',
    description: 'Results opened.',
    denominator: opened,
    edgeCases:
      'one that fires again, or under a new version of its rule, is not opened again; what a version in the shadow says is not counted',
    source,
  })
  readonly fired!: number | null;

  @Measure({
    is: persons(),
    unit: 'patients',
    sensitivity: 'Q',
    description: 'Distinct patients with a result that was opened.',
    denominator: opened,
    edgeCases: 'a patient counts once in every cell, so that cells do not add up to their total',
    source,
  })
  readonly patients!: number | null;

  @Measure({
    is: count({ resolved_at: isNotNull }),
    unit: 'results',
    sensitivity: 'Q',
    description: 'Of these, the results of which the condition held no more in a later run.',
    numerator: 'those of them that are resolved by now, whenever that was',
    denominator: opened,
    edgeCases: 'a result whose rule was not run since stays as it is',
    source,
  })
  readonly resolved!: number | null;

  @Measure({
    is: sum('repeats', { repeats: gt(0) }),
    unit: 'occurrences',
    sensitivity: 'Q',
    description: 'Occurrences beyond the first: as-of times at which these results fired again.',
    denominator: opened,
    edgeCases: 'counted on the day on which the result was opened; a run as of the same time adds nothing',
    source,
  })
  readonly repeats!: number | null;
}
