import { date, double, int32, int64, nullable, table, text } from '../table.js';

export const releaseDay = table({
  name: 'release_day',
  description: 'One row: the days between which the release has data.',
  columns: {
    data_as_of: date('latest admission or ED arrival'),
    first_admission: nullable(date('earliest admission')),
    first_arrival: nullable(date('earliest ED arrival')),
    first_load: nullable(date('local day on which the first version of a dimension was loaded')),
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
    level: text(8)('table field cross'),
    category: text(16)('conformance completeness plausibility'),
    severity: text(8)('error reject warn info'),
    violated: int64('rows or cells that violate it'),
    violated_kept: nullable(int64('the same among the rows that were kept')),
    denominator: int64('rows or cells looked at'),
    threshold_pct: nullable(double('violated share at which it fails, percent')),
    status: text(16)('pass fail not_applicable'),
    touches: nullable(text(400)('datasets of the API that it guards')),
    description: text(400)('what is counted'),
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

export const qualityTables = [releaseDay, releaseSource, qualityResult, quarantinedRow] as const;
