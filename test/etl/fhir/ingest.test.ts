import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BronzeBatch } from '../../../src/etl/bronze.js';
import type { Engine } from '../../../src/etl/engine.js';
import { ingestFhir } from '../../../src/etl/fhir/ingest.js';
import { folderLake } from '../../../src/lake/folder.js';
import { root, temporaryFolder } from '../../support/landing.js';
import { bundle, engineAt, landed, ndjson } from './builders.js';

const folder = temporaryFolder();
const lake = folderLake(join(folder, 'lake'));
let engine: Engine;
let next = 0;

beforeAll(async () => {
  engine = await engineAt(folder);
});
afterAll(() => engine.close());

async function ingest(name: string, content: string | Buffer): Promise<BronzeBatch> {
  const file = await landed(join(folder, 'landing'), `fhir/${name}`, content);
  next += 1;
  return ingestFhir(file, next, {
    connection: engine.connection,
    lake,
    run: 'r',
    loadedAt: '2024-05-01T10:00:00Z',
  });
}

const rowsOf = (batch: BronzeBatch, columns: string) =>
  engine.rows(`select ${columns} from read_parquet('${lake.path(String(batch.file))}') order by _row`);
const rejectsOf = (batch: BronzeBatch, columns: string) =>
  engine.rows(`select ${columns} from read_parquet('${lake.path(String(batch.rejectsFile))}') order by _row`);

describe('FHIR in bronze', () => {
  it('keeps every resource as sent, of known and unknown types, with where it is from', async () => {
    const odd = '{"resourceType":"Novelty","id":"n",  "x":[1, 2.50]}';
    const restricted = JSON.stringify({
      resourceType: 'Patient',
      id: 'p',
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    });
    const batch = await ingest('a.ndjson', `${odd}\n${restricted}\n`);
    expect(batch).toMatchObject({
      dataset: 'fhir',
      status: 'loaded',
      rows: 2,
      unreadable: 0,
      file: 'bronze/fhir/00000001-r.parquet',
      missingColumns: [],
    });
    expect(
      await rowsOf(
        batch,
        'resource_type, id, resource, confidentiality, _batch, _file, cast(_row as integer) as _row',
      ),
    ).toEqual(
      [
        { resource_type: 'Novelty', id: 'n', resource: odd, confidentiality: null, _row: 1 },
        { resource_type: 'Patient', id: 'p', resource: restricted, confidentiality: 'R', _row: 2 },
      ].map((row) => ({ ...row, _batch: 1, _file: 'fhir/a.ndjson' })),
    );
  });

  it('hashes equal resources equally, whatever file they are in', async () => {
    const one = bundle([{ resourceType: 'Patient', id: 'p' }]);
    const [first, second] = [
      await ingest('b.json', JSON.stringify(one)),
      await ingest('c.json.gz', gzipSync(JSON.stringify(one))),
    ];
    expect(await rowsOf(first, '_row_hash, full_url')).toEqual(await rowsOf(second, '_row_hash, full_url'));
    expect(await rowsOf(first, '_sha256')).not.toEqual(await rowsOf(second, '_sha256'));
  });

  it('puts what is no resource into the rejects, under its row and line', async () => {
    const good = { resourceType: 'Patient', id: 'p' };
    const batch = await ingest(
      'd.ndjson',
      `${ndjson([good])}{"eventId":"kickoff"}\n\nhalf {\n${ndjson([good])}`,
    );
    expect(batch).toMatchObject({ rows: 4, unreadable: 2 });
    expect(
      await rejectsOf(
        batch,
        'cast(_row as integer) as row, cast(line as integer) as line, rule, reason, raw',
      ),
    ).toEqual([
      {
        row: 2,
        line: 2,
        rule: 'RESOURCE_UNREADABLE',
        reason: 'the object has no resourceType',
        raw: '{"eventId":"kickoff"}',
      },
      { row: 3, line: 4, rule: 'RESOURCE_UNREADABLE', reason: 'no JSON object', raw: 'half {' },
    ]);
    expect(await rowsOf(batch, 'cast(_row as integer) as row')).toEqual([{ row: 1 }, { row: 4 }]);
  });

  it('refuses JSON that the engine could not read later', async () => {
    const batch = await ingest(
      'e.ndjson',
      '{"resourceType":"Patient","id":"a","name":[{"family":"\\ud800"}]}\n{"resourceType":"Patient","id":"b"}\n',
    );
    expect(batch).toMatchObject({ rows: 2, unreadable: 1 });
    expect(await rowsOf(batch, 'id')).toEqual([{ id: 'b' }]);
  });

  it.each([
    ['f.ndjson', ''],
    ['g.json.gz', gzipSync('{"resourceType":"Patient","id":"a"}').subarray(0, 20)],
    ['h.ndjson.gz', Buffer.from('{"resourceType":"Patient","id":"a"}')],
  ])('quarantines %s as a whole', async (name, content) => {
    const batch = await ingest(name, content);
    expect(batch).toMatchObject({ status: 'quarantined', rule: 'FILE_UNREADABLE', rows: 0 });
    expect(await lake.exists(`bronze/fhir/${String(batch.batch).padStart(8, '0')}.parquet`)).toBe(false);
  });

  it('has a file without rows of a Bundle without entries', async () => {
    const batch = await ingest('i.json', '{"resourceType":"Bundle","type":"searchset","total":0}');
    expect(batch).toMatchObject({ status: 'loaded', rows: 0 });
    expect(await rowsOf(batch, 'id')).toEqual([]);
  });
});

describe('a large Bundle', () => {
  const megabytes = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 1_200 : 200;

  /** Writes a Bundle of about so many MB without holding it. Its type comes last, the harder case. */
  function write(path: string, size: number): number {
    const file = openSync(path, 'w');
    writeSync(file, '{"type":"collection","entry":[');
    let written = 0;
    let count = 0;
    for (; written < size * 1_000_000; count += 1) {
      const note = `${count} `.repeat(100 + (count % 7) * 300);
      const entry = JSON.stringify({
        fullUrl: `urn:uuid:${count}`,
        resource: { resourceType: 'Basic', id: `b${count}`, note },
      });
      written += writeSync(file, count === 0 ? entry : `,\n${entry}`);
    }
    writeSync(file, '],"resourceType":"Bundle"}');
    closeSync(file);
    return count;
  }

  it(`of ${megabytes} MB is read in bounded memory`, () => {
    const [small, large] = [join(folder, 'small.json'), join(folder, 'large.json')];
    write(small, 60);
    const count = write(large, megabytes);
    const child = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'ingest-child.ts'), join(folder, 'child'), small, large],
      { cwd: root, encoding: 'utf8' },
    );
    expect(child.stderr).toBe('');
    const { growth, rows, unreadable } = JSON.parse(child.stdout) as {
      growth: number;
      rows: number;
      unreadable: number;
    };
    process.stdout.write(`a Bundle of ${megabytes} MB: resident set grew by ${Math.round(growth)} MB\n`);
    expect({ rows, unreadable }).toEqual({ rows: count, unreadable: 0 });
    expect(growth).toBeLessThan(200);
  }, 600_000);
});
