import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCodeLists } from '../../../src/etl/code-lists.js';
import { contracts } from '../../../src/etl/contracts/index.js';
import {
  bronzeTable,
  type Edge,
  type End,
  nameOf,
  silverTable,
  upstreamEnds,
} from '../../../src/etl/lineage/edge.js';
import { type LineageInputs, lineageEdges } from '../../../src/etl/lineage/edges.js';
import { upstreamOf } from '../../../src/loaders/lineage.js';
import { martTable } from '../../../src/measures/mart.js';
import { besideOf } from '../../../src/resolvers/connection.js';
import { bedForecastEntry } from '../../../src/schema/bed-forecast-entry.js';
import { datasets, measureDatasets } from '../../../src/schema/datasets.js';
import { martPlan } from '../../../src/schema/mart-plan.js';
import { derivedTables } from '../../../src/warehouse/gold/derived.js';
import { dimensionTables } from '../../../src/warehouse/gold/dimensions.js';
import { factTables } from '../../../src/warehouse/gold/facts.js';
import { goldTables } from '../../../src/warehouse/gold/index.js';
import { lineageEdge } from '../../../src/warehouse/gold/lineage.js';
import { versionTables } from '../../../src/warehouse/gold/versions.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import { root } from '../../support/landing.js';

const marts = measureDatasets.map(martPlan);
let inputs: LineageInputs;
let edges: Edge[];
let into: Map<string, Edge[]>;

beforeAll(async () => {
  const codeLists = await loadCodeLists(join(root, 'reference'), contracts.values());
  inputs = { contracts, codeLists, marts, gold: goldBuilder() };
  edges = lineageEdges(inputs);
  into = new Map();
  for (const edge of edges) into.set(nameOf(edge.to), [...(into.get(nameOf(edge.to)) ?? []), edge]);
});

const upstream = (name: string): End[] => upstreamEnds(into, name);
const sourcesOf = (name: string): string[] =>
  upstream(name)
    .filter(({ layer, column }) => layer === 'source' && column !== null)
    .map(nameOf)
    .sort();

/** The figures of the forecast of beds, by the types that have them. */
const forecastFields = (): string[] => [
  ...(bedForecastEntry('operations')?.columns ?? []).map(({ name }) =>
    name.startsWith('backtest.') ? name.replace('backtest', 'BedForecastBacktest') : `BedForecastDay.${name}`,
  ),
  'BedForecastBacktest.baselineIsBetter',
];

const fieldsOf = (): string[] => [
  ...forecastFields(),
  ...datasets.flatMap((dataset) => {
    const own =
      dataset.kind === 'row'
        ? [...dataset.columns.keys()]
        : [...dataset.dimensions.keys(), ...dataset.measures.keys(), 'period', 'suppressed'];
    const beside = new Set(besideOf(dataset).map(({ name }) => name));
    return own.map((field) => `${dataset.type.name}${beside.has(field) ? 'Connection' : ''}.${field}`);
  }),
];
const goldColumns = (): string[] =>
  [...goldTables, ...marts.map(martTable)].flatMap((table) =>
    Object.keys(table.columns).map((column) => `${table.name}.${column}`),
  );

/** Columns that no delivery and no reference list is behind, and why. */
const generated: readonly (readonly [RegExp, string])[] = [
  [
    /^(release_source|quality_result|quality_item|quality_distribution|quarantined_row|schema_drift|lineage_edge|cds_value_set)\./,
    'written by the run about itself',
  ],
  [/^cds_(rule|rule_text|run|result|variable|evidence)\./, 'what rules of decision support say'],
  [/^Cds(Rule|Result)\./, 'what rules of decision support say'],
  [/^(mart_cds_counts|CdsCounts)\./, 'how many of them there are'],
  [/^quality_finding\.(dataset|rule|is_current)$/, 'the rule that is looked for, and where'],
  [/^mart_\w+\.(by_set|grain)$/, 'set of dimensions and grain of the row, from the declaration'],
  [
    /^((fact|mart)_care_transitions?\.to_setting|CareTransitions\.toSetting)$/,
    'name of the setting, from the declaration',
  ],
  [/^release_day\.disclosure_/, 'rule of disclosure control, from the configuration'],
  [/^dim_code\.code_list$/, 'name of the code list, from the declaration'],
  [/^(fact_cost|mart_costs|Costs)\.setting$/, 'the kind of care that a fact is about'],
  [/^HighCostPatient\.(admissions|attendances)$/, 'how many costs are of that kind of care'],
  [/^(DataQuality|DataQualityItems|SchemaDrift|Quarantine)\./, 'written by the run about itself'],
];

describe('lineage is complete', () => {
  it('every column of the release and every field of a dataset has an origin', () => {
    expect([...goldColumns(), ...fieldsOf()].filter((name) => !into.has(name))).toEqual([]);
  });

  it('every one of them leads to a delivered column or a reference list, but the generated ones', () => {
    const without = [...goldColumns(), ...fieldsOf()].filter(
      (name) =>
        !upstream(name).some(
          ({ layer, column }) => (layer === 'source' && column !== null) || layer === 'reference',
        ),
    );
    const unexplained = without.filter((name) => !generated.some(([pattern]) => pattern.test(name)));
    // The number and the instant of a batch are given at loading: behind them stand rows, not columns.
    const numbered = (name: string) => /\.(batch_id|valid_from|first_load)$/.test(name);
    expect(unexplained.filter((name) => !numbered(name))).toEqual([]);
    for (const name of unexplained)
      expect([
        name,
        upstream(name).some(({ layer, column }) => layer === 'source' && column === null),
      ]).toEqual([name, true]);
    for (const [pattern] of generated) expect(without.some((name) => pattern.test(name))).toBe(true);
  });

  it('every table has rows from somewhere', () => {
    const tables = [...goldTables, ...marts.map(martTable)].map(({ name }) => name);
    expect(tables.filter((name) => !into.has(name))).toEqual([]);
  });

  it('every delivered column is followed at least into silver', () => {
    for (const { dataset, columns } of contracts.values()) {
      for (const column of Object.keys(columns)) {
        expect(sourcesOf(`${silverTable(dataset)}.${column}`)).toContain(`${dataset}.${column}`);
      }
    }
  });
});

describe('lineage names only what exists', () => {
  it('in every layer', () => {
    const known = new Map<string, ReadonlySet<string>>();
    const add = (layer: string, table: string, columns: Iterable<string>) =>
      known.set(`${layer} ${table}`, new Set(columns));
    for (const { dataset, columns } of contracts.values()) {
      const own = Object.keys(columns);
      add('source', dataset, own);
      add('bronze', bronzeTable(dataset), [
        ...own,
        ...['_batch', '_file', '_sha256', '_row', '_row_hash', '_loaded_at', '_op'],
      ]);
      add('silver', silverTable(dataset), [...own, '_batch', '_row', '_loaded_at', '_flags']);
    }
    for (const table of goldTables) add('gold', table.name, Object.keys(table.columns));
    for (const mart of marts) {
      add('mart', mart.name, Object.keys(martTable(mart).columns));
      add('events', mart.source.name, [...Object.keys(mart.source.columns), 'day', 'patient_no']);
    }
    const fields = fieldsOf().map((name) => name.split('.'));
    for (const type of [
      ...datasets.flatMap(({ type }) => [type.name, `${type.name}Connection`]),
      ...fields.map(([type = '']) => type),
    ])
      add(
        'api',
        type,
        fields.filter(([of]) => of === type).map(([, field = '']) => field),
      );
    for (const { from } of edges.filter(({ from }) => from.layer === 'reference')) {
      const [header = ''] = readFileSync(join(root, 'reference', from.table), 'utf8').split('\n', 1);
      add('reference', from.table, header.split(','));
    }
    add('made', 'run', []);
    add('made', 'declaration', []);
    const wrong = edges
      .flatMap(({ from, to }) => [from, to])
      .filter(({ layer, table, column }) => {
        const columns = known.get(`${layer} ${table}`);
        return columns === undefined || (column !== null && !columns.has(column));
      });
    expect(wrong.map(nameOf)).toEqual([]);
  });

  it('with one meaning a name: no two layers share a table', () => {
    const layers = new Map<string, Set<string>>();
    for (const { from, to } of edges)
      for (const { layer, table } of [from, to])
        layers.set(table, (layers.get(table) ?? new Set<string>()).add(layer));
    expect([...layers].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  it('within the lengths of its table', () => {
    for (const { from, to, transformation } of edges) {
      for (const name of [from.table, to.table, from.column ?? '', to.column ?? ''])
        expect(name.length).toBeLessThanOrEqual(64);
      expect((transformation ?? '').length).toBeLessThanOrEqual(400);
    }
  });
});

describe('lineage is right', () => {
  it('the four hours are counted by the minutes as delivered, at every attendance that was taken', () => {
    const sources = sourcesOf('EdWaits.within4HoursPct');
    expect(sources).toContain('ecds_attendances.total_time_mins');
    expect(sources).toContain('ecds_attendances.departure_datetime');
    expect(sources.filter((name) => name.startsWith('sus_episodes'))).toEqual([]);
  });

  it('the way of a column, step by step', () => {
    const way = upstreamOf(
      'fact_ed_attendance.total_minutes',
      edges.map(({ from, to, kind, transformation }) => ({
        fromLayer: from.layer,
        fromTable: from.table,
        fromColumn: from.column,
        toLayer: to.layer,
        toTable: to.table,
        toColumn: to.column,
        kind,
        transformation,
      })),
    );
    expect(
      way?.map(({ depth, fromLayer, fromTable, fromColumn, kind }) => [
        depth,
        fromLayer,
        fromTable,
        fromColumn,
        kind,
      ]),
    ).toEqual([
      [1, 'silver', 'silver_ecds_attendances', 'total_time_mins', 'derived'],
      [2, 'bronze', 'bronze_ecds_attendances', 'total_time_mins', 'direct'],
      [3, 'source', 'ecds_attendances', 'total_time_mins', 'direct'],
    ]);
  });

  it.each([
    ['fact_spell.los_days', ['sus_episodes.admission_date', 'sus_episodes.discharge_date']],
    ['fact_spell.age_at_event', ['patients.date_of_birth', 'sus_episodes.admission_date']],
    ['dim_patient.postcode_area', ['patients.postcode_district']],
    ['dim_patient.patient_sk', ['patients.patient_id']],
    [
      'dim_practice.practice_code',
      ['patients.registered_practice', 'practices.practice_code', 'prescriptions.practice_code'],
    ],
    ['dim_trust_version.trust_name', ['trusts.trust_name']],
    ['BedOccupancy.availableBeds', undefined],
  ])('%s', (name, expected) => {
    if (expected) expect(sourcesOf(name)).toEqual(expected);
    else expect(sourcesOf(name)).toContain('trusts.beds');
  });

  it('what rows show of a patient hangs on all attributes of everybody, and on the diagnoses of spells', () => {
    expect(sourcesOf('dim_patient.row_gender')).toEqual(
      expect.arrayContaining([
        ...['patients.date_of_birth', 'patients.deprivation_decile', 'patients.ethnicity', 'patients.gender'],
        ...['patients.postcode_district', 'sus_episodes.primary_diagnosis'],
      ]),
    );
    // It makes no patient and leaves none out.
    const intoRows = (into.get('dim_patient') ?? []).map(({ from }) => nameOf(from));
    expect(intoRows.filter((from) => from.startsWith('dim_patient') || from.startsWith('fact_'))).toEqual([]);
  });

  it('beds occupied hang on the end of the data', () => {
    expect(upstream('BedOccupancy.occupiedBedDays').map(nameOf)).toContain('release_day.data_as_of');
  });

  it('a rule that drops a value is told by its name', () => {
    const found = into.get('silver_patients.nhs_number')?.[0];
    expect(found).toMatchObject({ kind: 'derived' });
    expect(found?.transformation).toContain('NHS_NUMBER_SHARED');
  });

  it('a rule that refuses a row is told with every column it looks at', () => {
    const found = (into.get('silver_sus_episodes') ?? []).filter(({ transformation }) =>
      transformation?.includes('BIRTH_AFTER_EVENT'),
    );
    expect(found.map(({ from }) => nameOf(from)).sort()).toEqual([
      'bronze_sus_episodes.admission_date',
      'silver_patients.date_of_birth',
    ]);
  });

  it('no NHS number gets beyond silver', () => {
    const beyond = edges.filter(({ from, to }) => /nhs_number$/.test(nameOf(from)) && to.layer === 'gold');
    expect(beyond).toEqual([]);
  });

  it('holds no value: no text and no number of the SQL', () => {
    for (const { transformation, to } of edges.filter(({ to: { layer } }) => layer === 'gold')) {
      if (to.table === lineageEdge.name || /run|quality|release/.test(to.table)) continue;
      expect(transformation ?? '').not.toMatch(/'/);
    }
  });

  it('is the same every time', () => {
    expect(lineageEdges(inputs)).toEqual(edges);
  });
});

describe('every row of gold tells its delivery', () => {
  const tables = [...factTables, ...derivedTables, ...dimensionTables, ...versionTables];
  /** Tables that no delivery brings. */
  const ofNoDelivery = new Map([
    ['dim_date', 'calendar'],
    ['dim_hour', 'calendar'],
    ['dim_specialty', 'names of the reference list'],
    ['dim_code', 'names of the reference lists'],
    ['dim_price', 'prices of the reference list'],
    ['fact_spell_score', 'computed from several facts of the patient'],
    ['fact_spell_interval', 'computed from several facts of the patient'],
    ['fact_ed_interval', 'computed from several facts of the patient'],
    ['fact_referral_interval', 'computed from several facts of the patient'],
    ['fact_care_transition', 'computed from several facts of the patient'],
    ['fact_health_year', 'computed from several facts of the patient'],
    ['fact_patient_cost', 'computed from the costs of everybody'],
  ]);

  it.each(tables.map((table) => [table.name, table] as const))('%s', (name, table) => {
    if (ofNoDelivery.has(name)) {
      expect(Object.keys(table.columns)).not.toContain('batch_id');
      return;
    }
    const { batch_id: batch } = table.columns as Record<
      string,
      { type: { kind: string }; nullable: boolean }
    >;
    expect(batch?.type.kind).toBe('int32');
    // A practice that is only named by others comes with no delivery of its own.
    expect([name, batch?.nullable]).toEqual([name, name === 'dim_practice']);
    const from = (into.get(`${name}.batch_id`) ?? []).map((one) => [
      one.from.layer,
      one.from.column,
      one.kind,
    ]);
    // A cost is told by the event that costs.
    const [origins, origin] =
      name === 'fact_cost' ? [6, ['gold', 'batch_id', 'direct']] : [1, ['silver', '_batch', 'direct']];
    expect(from).toEqual(Array.from({ length: origins }, () => origin));
  });

  it('facts and dimensions are all of the tables that deliveries fill', () => {
    const checked = new Set<string>(tables.map(({ name }) => name));
    const others = goldTables.map(({ name }) => name as string).filter((name) => !checked.has(name));
    expect(others.filter((name) => /^(fact|dim)_/.test(name))).toEqual([]);
  });
});
