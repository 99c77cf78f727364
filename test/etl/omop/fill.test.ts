import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { loadConceptMap } from '../../../src/etl/omop/concept-map.js';
import { loadConcepts } from '../../../src/etl/omop/concepts.js';
import { omopFill, selectNumbered, selectRows } from '../../../src/etl/omop/fill.js';
import { loadPrices } from '../../../src/etl/omop/prices.js';
import { int32, nullable, table, text } from '../../../src/warehouse/table.js';
import { root, temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
const reference = join(root, 'reference');
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 1, memoryLimit: '256MB' });
});
afterAll(() => engine.close());

const value = async (sql: string): Promise<unknown> =>
  (await engine.rows<{ v: unknown }>(`select ${sql} as v`))[0]?.v;

describe('concepts', () => {
  it.each([
    ['A', 8527, 700385],
    ['H', 38003574, 700362],
    // Mixed has no concept of its own; the category stays as source.
    ['D', 0, 700388],
    ['Z', 0, 0],
    ['free text', 0, 0],
  ])('of the ethnic category %s are race %d and source %d', async (category, race, source) => {
    const concepts = await loadConcepts(reference);
    expect(await value(concepts.of('ethnic_category', `'${category}'`))).toBe(race);
    expect(await value(concepts.ofSource('ethnic_category', `'${category}'`))).toBe(source);
    expect(await value(concepts.listed('ethnic_category', `'${category}'`))).toBe(
      category === 'free text' ? null : category,
    );
  });

  it.each([
    ['19', 0],
    ['65', 581476],
    ['79', 0],
    ['85', 38004307],
    ['87', 38004515],
    ['88', 8546],
  ])('of the place %s is %d', async (place, concept) => {
    expect(await value((await loadConcepts(reference)).of('place', `'${place}'`))).toBe(concept);
  });

  it('that are not carried end the run', async () => {
    const concepts = await loadConcepts(reference);
    expect(() => concepts.id('visit', 'spaceship')).toThrow('has no spaceship in visit');
  });
});

describe('prices', () => {
  it('are those of the HRG root, and the common one for others', async () => {
    const prices = await loadPrices(reference);
    const price = prices.of('acute', 'hrg', "DATE '2023-01-01'");
    const found = await engine.rows<{ p: string }>(
      `select cast(${price} as varchar) as p from (values ('DZ19'), ('ZZ99')) t(hrg)`,
    );
    expect(found.map(({ p }) => p)).toEqual(['8900.00', '2000.00']);
  });

  it('keep to the days on which they are valid', async () => {
    const own = join(folder, 'prices');
    mkdirSync(own);
    writeFileSync(
      join(own, 'unit_price.csv'),
      'component,code,price,valid_from,valid_to\nemergency,,280.00,2022-01-01,2022-12-31\nemergency,,300.00,2023-01-01,\n',
    );
    const price = (await loadPrices(own)).of('emergency', "''", 'day');
    const found = await engine.rows<{ p: string | null }>(
      `select cast(${price} as varchar) as p from (values (DATE '2021-06-01'), (DATE '2022-06-01'), (DATE '2024-06-01')) t(day)`,
    );
    expect(found.map(({ p }) => p)).toEqual([null, '280.00', '300.00']);
  });
});

describe('the map of source codes', () => {
  it('is not there by default: every clinical code is 0', async () => {
    const map = await loadConceptMap(engine, reference);
    expect(map.loaded).toBe(false);
    expect(map.mapped('ICD10', 'r.code')).toEqual({ join: '', concept: '0', source: '0' });
  });

  it('gives the concepts of a code where an operator has laid one in the reference folder', async () => {
    const own = join(folder, 'mapped');
    mkdirSync(own);
    copyFileSync(join(reference, 'unit_price.csv'), join(own, 'unit_price.csv'));
    writeFileSync(
      join(own, 'source_to_concept_map.csv'),
      `source_code,source_concept_id,source_vocabulary_id,source_code_description,target_concept_id,target_vocabulary_id,valid_start_date,valid_end_date,invalid_reason
I10,45591453,ICD10,Hypertension,320128,SNOMED,1970-01-01,2099-12-31,
J44,1,ICD10,COPD,2,SNOMED,1970-01-01,2099-12-31,D
`,
    );
    const map = await loadConceptMap(engine, own);
    const { join: joined, concept, source } = map.mapped('ICD10', 'r.code');
    expect(
      await engine.rows(
        `select r.code, ${concept} as concept, ${source} as source from (values ('I10'), ('J44'), ('E11')) r(code) ${joined} order by 1`,
      ),
    ).toEqual([
      { code: 'E11', concept: 0, source: 0 },
      { code: 'I10', concept: 320128, source: 45591453 },
      { code: 'J44', concept: 0, source: 0 },
    ]);
  });
});

describe('a fill', () => {
  const pets = table({
    name: 'pet',
    description: 'Pets.',
    columns: { pet_id: int32('id'), kind: text(9)('kind'), name: nullable(text(9)('name')) },
    primaryKey: ['pet_id'],
  });

  it('gives ids above the highest, in the order asked for', async () => {
    const fill = omopFill(pets, {
      rows: "select unnest(['dog', 'cat', 'eel']) as kind",
      columns: { kind: 'r.kind' },
      order: 'kind',
      idColumn: 'pet_id',
      naturalKey: ['kind'],
    });
    expect(await engine.rows(`${selectNumbered(fill, { above: 7 })} order by 1`)).toEqual([
      { pet_id: 8, kind: 'cat', name: null },
      { pet_id: 9, kind: 'dog', name: null },
      { pet_id: 10, kind: 'eel', name: null },
    ]);
    expect(await engine.rows(`select count(*) as n from (${selectRows(fill)})`)).toEqual([{ n: 3n }]);
  });

  it('lets ids follow the place of rows that leave no hole', async () => {
    const fill = omopFill(pets, {
      rows: "select unnest([21, 20, 22]) as place, unnest(['dog', 'cat', 'eel']) as kind",
      columns: { kind: 'r.kind' },
      place: 'place',
      idColumn: 'pet_id',
      naturalKey: ['kind'],
    });
    expect(await engine.rows(`${selectNumbered(fill, { above: 7, firstPlace: 20 })} order by 1`)).toEqual([
      { pet_id: 8, kind: 'cat', name: null },
      { pet_id: 9, kind: 'dog', name: null },
      { pet_id: 10, kind: 'eel', name: null },
    ]);
  });

  it('must name every column that may not be null, and no other', () => {
    expect(() => omopFill(pets, { rows: 'select 1', columns: { pet_id: '1' } })).toThrow(
      'nothing fills kind',
    );
    expect(() => omopFill(pets, { rows: 'select 1', columns: { tail: '1' } })).toThrow('no column tail');
  });
});
