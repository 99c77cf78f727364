import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { errorCatalogue } from '../../src/errors.js';
import { contracts } from '../../src/etl/contracts/index.js';
import type { Facet, LineageDataset, RunEvent } from '../../src/etl/openlineage/event.js';
import { runUuid } from '../../src/etl/openlineage/journal.js';
import type { RunReport } from '../../src/etl/report.js';
import { loadAt, loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease } from '../support/release.js';

const folder = temporaryFolder();
let config: Config;
let landing: string;
let report: RunReport;
let text: string;
let start: RunEvent;
let complete: RunEvent;

const eventsOf = (runId: string): RunEvent[] =>
  readFileSync(join(config.home.runs, `${runId}.openlineage.ndjson`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);

beforeAll(async () => {
  ({ config, landing, report } = await loadedHome(folder, { patients: 300 }));
  text = readFileSync(join(config.home.runs, `${report.runId}.openlineage.ndjson`), 'utf8');
  [start, complete] = eventsOf(report.runId) as [RunEvent, RunEvent];
}, 120_000);

/** Members that the specification requires, by what they belong to (OpenLineage 2-0-2 and its facets). */
const required = {
  event: ['eventTime', 'producer', 'schemaURL', 'run', 'job'],
  run: ['runId'],
  job: ['namespace', 'name'],
  dataset: ['namespace', 'name'],
  facet: ['_producer', '_schemaURL'],
  facets: {
    schema: ['fields'],
    columnLineage: ['fields'],
    dataSource: [],
    version: ['datasetVersion'],
    outputStatistics: ['rowCount'],
    errorMessage: ['message', 'programmingLanguage'],
  } as Record<string, string[]>,
  inputField: ['namespace', 'name', 'field'],
};

const uri = /^[a-z][a-z0-9+.-]*:\S+$/;

function expectMembers(value: object, members: readonly string[]): void {
  for (const member of members) expect(value).toHaveProperty([member]);
}

function expectFacets(facets: Readonly<Record<string, Facet>> = {}): void {
  for (const [name, facet] of Object.entries(facets)) {
    expectMembers(facet, [...required.facet, ...(required.facets[name] ?? ['known facet'])]);
    expect(facet._producer).toMatch(uri);
    expect(facet._schemaURL).toMatch(
      /^https:\/\/openlineage\.io\/spec\/facets\/\d-\d-\d\/(\w+)\.json#\/\$defs\/\1$/,
    );
  }
}

function expectValid(event: RunEvent): void {
  expectMembers(event, required.event);
  expect(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']).toContain(event.eventType);
  expect(event.eventTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(event.producer).toMatch(uri);
  expect(event.schemaURL).toBe('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent');
  expectMembers(event.run, required.run);
  expect(event.run.runId).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expectFacets(event.run.facets);
  expectMembers(event.job, required.job);
  for (const dataset of [...event.inputs, ...event.outputs]) {
    expectMembers(dataset, required.dataset);
    expectFacets(dataset.facets);
    expectFacets(dataset.outputFacets);
  }
}

const named = (datasets: readonly LineageDataset[], name: string): LineageDataset =>
  datasets.find((dataset) => dataset.name === name)!;

describe('the events of a run', () => {
  it('begin with START and end with COMPLETE, each as the specification asks', () => {
    expect(eventsOf(report.runId).map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
    expectValid(start);
    expectValid(complete);
    expect(complete.run.runId).toBe(start.run.runId);
    expect(start.run.runId).toBe(runUuid(report.runId));
    expect(start.eventTime <= complete.eventTime).toBe(true);
  });

  it('name the delivered files as inputs, and what the release rests on', () => {
    const names = complete.inputs.map(({ namespace, name }) => `${namespace} ${name}`);
    for (const { name } of report.read) expect(names).toContain(`maplewood.landing ${name}`);
    for (const dataset of contracts.keys()) expect(names).toContain(`maplewood.lake bronze_${dataset}`);
    expect(names).toContain('maplewood.reference specialty.csv');
  });

  it('name the tables of the release as outputs, with their rows', async () => {
    for (const table of ['fact_spell', 'dim_patient', 'mart_ed_waits', 'lineage_edge']) {
      const [counted] = await fromRelease<{ n: number }>(
        config,
        `select cast(count(*) as double) as n from ${table}`,
      );
      const output = named(complete.outputs, table);
      expect(output.outputFacets?.['outputStatistics']).toMatchObject({ rowCount: counted?.n });
      expect(output.facets?.['version']).toMatchObject({ datasetVersion: '1' });
    }
  });

  it('say of each column from which inputs it comes', () => {
    const { fields } = named(complete.outputs, 'fact_spell').facets!['columnLineage'] as unknown as {
      fields: Record<string, { inputFields: object[] }>;
    };
    const lake = (name: string, field: string, subtype: string) => ({
      namespace: 'maplewood.lake',
      name,
      field,
      transformations: [{ type: 'DIRECT', subtype }],
    });
    expect(fields['trust_code']?.inputFields).toEqual([
      lake('bronze_sus_episodes', 'trust_code', 'IDENTITY'),
    ]);
    expect(fields['los_days']?.inputFields).toEqual([
      lake('bronze_sus_episodes', 'discharge_date', 'TRANSFORMATION'),
      lake('bronze_sus_episodes', 'admission_date', 'TRANSFORMATION'),
    ]);
    const inputs = new Set(complete.inputs.map(({ namespace, name }) => `${namespace} ${name}`));
    for (const { inputFields } of Object.values(fields)) {
      for (const input of inputFields as { namespace: string; name: string }[]) {
        expectMembers(input, required.inputField);
        expect(inputs).toContain(`${input.namespace} ${input.name}`);
      }
    }
  });

  it('hold no path of the machine and no raw identifier', () => {
    expect(text).not.toContain(folder);
    expect(text).not.toMatch(/PAT_\d|PSEUDO_[0-9A-F]{16}/);
  });

  it('of a run without news have no outputs', async () => {
    const again = await loadAt(config, landing);
    expect(again.outcome).toBe('unchanged');
    const events = eventsOf(again.runId);
    expect(events.map(({ eventType, outputs }) => [eventType, outputs])).toEqual([
      ['START', []],
      ['COMPLETE', []],
    ]);
    for (const event of events) expectValid(event);
  });

  it('of a run that fails say why in the words of the catalogue', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'readme.txt'), 'nothing');
    const before = new Set(readdirSync(config.home.runs));
    await expect(loadAt(config, empty)).rejects.toMatchObject({ code: 'LANDING_EMPTY' });
    const [file] = readdirSync(config.home.runs).filter((name) => !before.has(name));
    const events = eventsOf((file ?? '').replace('.openlineage.ndjson', ''));
    expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'FAIL']);
    for (const event of events) expectValid(event);
    expect(events[1]?.run.facets?.['errorMessage']).toMatchObject({
      message: `LANDING_EMPTY: ${errorCatalogue.LANDING_EMPTY.meaning}`,
      programmingLanguage: 'TypeScript',
    });
    expect(JSON.stringify(events)).not.toContain(folder);
  });
});
