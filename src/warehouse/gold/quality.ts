import { boolean, date, double, instant, int32, int64, nullable, table, text } from '../table.js';

export const releaseDay = table({
  name: 'release_day',
  description:
    'One row: the days between which the release has data, and how its published figures are protected.',
  columns: {
    data_as_of: date('latest admission or ED arrival'),
    first_admission: nullable(date('earliest admission')),
    first_arrival: nullable(date('earliest ED arrival')),
    first_load: nullable(date('local day on which the first version of a dimension was loaded')),
    disclosure_threshold: int32(
      'published figures below this are hidden; the marts mark what is withheld for them',
    ),
    disclosure_base: int32('published figures are rounded to its multiples'),
  },
});

export const releaseSource = table({
  name: 'release_source',
  description: 'What went into the release, by dataset.',
  columns: {
    name: text(32)('dataset'),
    rows: int64('rows received'),
    silver: int64('rows accepted'),
    duplicates: int64('surplus rows of a key, and rows that repeat the version before'),
    quarantined: int64('rows that were refused'),
    files: int32('files read'),
    last_file: nullable(text(400)('last file read')),
  },
  primaryKey: ['name'],
});

export const qualityResult = table({
  name: 'quality_result',
  description: 'One row a rule or check of the run that made the release.',
  columns: {
    id: text(100)('dataset and rule, unique'),
    rule: text(60)('rule name'),
    dataset: text(32)('dataset, or gold'),
    column_name: nullable(text(64)('column, where the rule is about one')),
    level: text(8)('file table field cross'),
    category: text(16)('conformance completeness plausibility'),
    vodim: nullable(text(8)('class of the values counted: other default invalid missing')),
    severity: text(8)('error reject warn info'),
    violated: int64('rows or cells that violate it'),
    violated_kept: nullable(int64('the same among the rows that were kept')),
    denominator: int64('rows or cells looked at'),
    threshold_pct: nullable(double('violated share at which it fails, percent')),
    status: text(16)('pass fail error not_applicable'),
    touches: nullable(text(400)('datasets of the API that it guards')),
    description: text(400)('what is counted'),
    detail: nullable(text(400)('what was found: files, figures; never a value of a row')),
    accepted_reason: nullable(text(400)('why a failed check of severity error did not stop the publish')),
  },
  primaryKey: ['id'],
});

export const quarantinedRow = table({
  name: 'quarantined_row',
  description: 'Rows and files that were refused. Values are shown by their shape only.',
  columns: {
    quarantine_no: int32('number within the release'),
    dataset: text(32)('dataset'),
    file: text(400)('file as delivered'),
    batch_id: int32('batch'),
    row_number: nullable(int64('data row in the file, from 1; null for a whole file')),
    column_name: nullable(text(64)('column')),
    rule: text(60)('rule'),
    reason: text(400)('what is wrong and what to do'),
    value_shape: nullable(text(40)('letters as A, digits as 9')),
  },
  primaryKey: ['quarantine_no'],
});

export const qualityItem = table({
  name: 'quality_item',
  description:
    'Coded items of the sources by class of their values (VODIM), over all rows received that could be read.',
  columns: {
    dataset: text(32)('dataset'),
    column_name: text(64)('column of the contract with a code list or a form'),
    valid: int64('values of the code list or form'),
    other: int64('values that mean "not stated"'),
    defaulted: int64('values that a source writes where it has none'),
    invalid: int64('values outside the code list or form, and those that mean "invalid"'),
    missing: int64('rows without a value'),
    denominator: int64('rows: the sum of the five'),
  },
  primaryKey: ['dataset', 'column_name'],
});

export const schemaDrift = table({
  name: 'schema_drift',
  description:
    'Differences between the columns of delivered files and the contract under which they were read.',
  columns: {
    drift_no: int32('number within the release'),
    batch_id: int32('batch'),
    dataset: text(32)('dataset'),
    file: text(400)('file as delivered'),
    contract_version: int32('version of the contract'),
    kind: text(16)('added missing renamed type_changed duplicate reordered'),
    column_name: nullable(
      text(64)('column; of an undeclared one the delivered name where it looks like a name'),
    ),
    delivered_name: nullable(text(128)('declared other name under which the column came')),
    delivered_type: nullable(text(64)('type in the file, where the format has types')),
    refused: boolean('the file is quarantined for it'),
    first_seen: instant('load in which the dataset first differed so'),
  },
  primaryKey: ['drift_no'],
});

export const qualityDistribution = table({
  name: 'quality_distribution',
  description:
    'How often each value of the watched columns occurs: the next release is compared with it. In no dataset of the API.',
  columns: {
    table_name: text(64)('table'),
    column_name: text(64)('column, or the bins made of it'),
    value: text(64)("value or bin; '(none)' for null"),
    rows: int64('rows'),
  },
  sortedBy: ['table_name', 'column_name', 'value'],
});

export const qualityTables = [
  releaseDay,
  releaseSource,
  qualityResult,
  qualityItem,
  quarantinedRow,
  schemaDrift,
  qualityDistribution,
] as const;
