import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunReport } from '../../src/etl/report.js';
import { contentOf, measured, openReader, served } from '../support/release.js';
import { etlRun, exitOf, messageOf, outcomeOf } from './command.js';
import type { Fault } from './outcome.js';
import { chance } from './random-kills.js';
import { differences, type World } from './world.js';

type Files = Readonly<Record<string, Buffer | string>>;

interface BadInput {
  readonly fault: string;
  readonly moment: string;
  readonly files: Files;
  /** How many of the files must be quarantined as a whole, and how many rows; undefined: nobody can know. */
  readonly quarantined: { readonly files: number; readonly rows: number } | undefined;
}

const places = 50;

/** Deliveries that are damaged, beside a release that is in order: nothing of it may change. */
export async function badInputFaults(world: World): Promise<Fault[]> {
  const originals = parquetFiles(world);
  const [header = '', row = ''] = await csvOf(world);
  const bad: BadInput[] = [
    spoilt('Parquet cut', `at ${places} places`, originals, (bytes) =>
      Array.from({ length: places }, (_, at) => bytes.subarray(0, Math.floor((bytes.length * at) / places))),
    ),
    spoilt('Parquet of zero bytes', 'all', originals, (bytes) => [Buffer.alloc(bytes.length)]),
    spoilt('Parquet with wrong marks', 'begin, end', originals, (bytes) => [
      Buffer.concat([Buffer.from('PAR2'), bytes.subarray(4)]),
      Buffer.concat([bytes.subarray(0, -4), Buffer.from('RAP1')]),
    ]),
    {
      ...spoilt('Parquet with a flipped bit', `at ${places} places`, originals, (bytes) =>
        flipped(bytes, places),
      ),
      quarantined: undefined,
    },
    csv('not UTF-8', 1, Buffer.concat([Buffer.from(`${header}\n`), latin(row), Buffer.from('\n')])),
    csv('with a byte order mark', 0, `\ufeff${header}\n${row}\n`),
    csv('with CRLF', 0, `${header}\r\n${row}\r\n`),
    csv('with an open quote', 1, `${header}\n${row}\n"${row}\n`),
    csv('with NUL', 1, `${header}\n${row.replace(',', '\0,')}\n`),
    csv('with an extra column', 0, `${header},extra\n${row},1\n`),
    csv('that ends within a row', 1, `${header}\n${row}\n${row.slice(0, row.indexOf(',') + 1)}`),
  ];
  return [...bad.map((one) => badInput(world, one)), halfNdjson(world)];
}

function badInput(world: World, { fault, moment, files, quarantined }: BadInput): Fault {
  return {
    name: fault,
    async try() {
      const config = world.home('increment');
      const landing = deliver(world, fault, files);
      const ended = await world.start(config, etlRun(landing)).ended;
      const wrong: string[] = [];
      const { ids } = await served(config);
      if (quarantined) {
        if (ended.code !== 0) wrong.push(`the run failed: ${messageOf(ended)}`);
        else wrong.push(...misjudged(JSON.parse(ended.out) as RunReport, quarantined));
        wrong.push(...differences(await contentOf(config, measured), measuredOf(world)));
      } else if (ended.signal !== null || ![0, 1].includes(ended.code ?? -1)) {
        wrong.push(`it crashed: ${exitOf(ended)}`);
      } else if (ended.code === 0) wrong.push(...misjudged(JSON.parse(ended.out) as RunReport));
      else if (!/^Nothing was published/.test(messageOf(ended)))
        wrong.push(`it said: ${messageOf(ended).slice(0, 300)}`);
      const again = await world.start(config, etlRun(landing)).ended;
      const rerun = outcomeOf(again);
      const stays = (await served(config)).ids;
      if (again.code !== ended.code) wrong.push(`the rerun ended otherwise: ${rerun}`);
      if (ended.code === 0 && rerun !== 'unchanged') wrong.push(`the rerun should be unchanged: ${rerun}`);
      world.remove(config);
      return {
        group: 'corrupted input',
        fault,
        moment,
        exit: exitOf(ended),
        reader: [...new Set([1, ...ids, ...stays])].join(', '),
        rerun,
        equal: quarantined ? (wrong.length === 0 ? ('yes' as const) : ('no' as const)) : ('–' as const),
        wrong,
      };
    },
  };
}

/** Rows of a file are accounted for, and as much is quarantined as must be. */
function misjudged(report: RunReport, due?: { readonly files: number; readonly rows: number }): string[] {
  const wrong = report.files
    .filter((file) => file.rows !== file.silver + file.duplicates + file.quarantined)
    .map(({ name }) => `the rows of ${name} are not accounted for`);
  if (!due) return wrong;
  const files = report.read.filter(({ status }) => status === 'quarantined').length;
  const names = new Set(report.read.map(({ name }) => name));
  const rows = report.files
    .filter(({ name }) => names.has(name))
    .reduce((sum, file) => sum + file.quarantined, 0);
  if (files !== due.files) wrong.push(`${files} files were quarantined instead of ${due.files}`);
  if (rows !== due.rows) wrong.push(`${rows} rows were quarantined instead of ${due.rows}`);
  return wrong;
}

/** A FHIR file whose last line is cut: skipped where the version reads no FHIR. */
function halfNdjson(world: World): Fault {
  return {
    name: 'half NDJSON line',
    async try() {
      const config = world.home('increment');
      const patient = JSON.stringify({
        resourceType: 'Patient',
        id: 'half',
        gender: 'female',
        birthDate: '1960-01-01',
      });
      const landing = deliver(world, 'half-ndjson', {
        'fhir/Patient.ndjson': `${patient}\n${patient.slice(0, 40)}`,
        'csds_contacts/known.csv': (await csvOf(world)).join('\n'),
      });
      const ended = await world.start(config, etlRun(landing)).ended;
      const report = ended.code === 0 ? (JSON.parse(ended.out) as RunReport) : undefined;
      const unread = report?.skipped.some(({ name }) => name.startsWith('fhir'));
      const rerun = outcomeOf(await world.start(config, etlRun(landing)).ended);
      world.remove(config);
      return {
        group: 'corrupted input',
        fault: 'NDJSON with half a line',
        moment: 'last line',
        exit: exitOf(ended),
        reader: '1',
        rerun,
        equal: '–' as const,
        wrong: [
          ...(ended.code === 0 ? misjudged(report as RunReport) : [`the run failed: ${messageOf(ended)}`]),
          ...(rerun === 'unchanged' ? [] : [`the rerun should be unchanged: ${rerun}`]),
        ],
        ...(unread === true ? { skipped: 'this version reads no FHIR' } : {}),
      };
    },
  };
}

function spoilt(
  fault: string,
  moment: string,
  originals: Files,
  spoil: (bytes: Buffer) => readonly Buffer[],
): BadInput {
  const files = Object.entries(originals).flatMap(([name, bytes]) =>
    spoil(bytes as Buffer).map((bad, at): [string, Buffer] => [
      name.replace('.parquet', `-${String(at).padStart(2, '0')}.parquet`),
      bad,
    ]),
  );
  return { fault, moment, files: Object.fromEntries(files), quarantined: { files: files.length, rows: 0 } };
}

const csv = (fault: string, rows: number, content: string | Buffer): BadInput => ({
  fault: `CSV ${fault}`,
  moment: 'one file',
  files: { 'csds_contacts/odd.csv': content },
  quarantined: { files: 0, rows },
});

/** Copies with one bit each turned over, at places drawn by a fixed seed. */
function flipped(bytes: Buffer, times: number): Buffer[] {
  const draw = chance(bytes.length);
  return Array.from({ length: times }, () => {
    const copy = Buffer.from(bytes);
    const at = Math.floor(draw() * copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(draw() * 8));
    return copy;
  });
}

/** The second field of a row in Latin-1. */
const latin = (row: string): Buffer => Buffer.from(row.replace(/,[^,]*/, ',caf\u00e9'), 'latin1');

function deliver(world: World, name: string, files: Files): string {
  const at = join(world.folder, 'bad', name.replaceAll(' ', '-'));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(at, file)), { recursive: true });
    writeFileSync(join(at, file), content);
  }
  return at;
}

function parquetFiles(world: World): Files {
  const landing = world.landing('full');
  const names = readdirSync(landing, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(landing, name))]));
}

/** Header and one row, known already, of `csds_contacts`. */
async function csvOf(world: World): Promise<string[]> {
  const reader = await openReader();
  const file = join(world.folder, 'sample.csv');
  await reader.rows(
    `copy (from '${world.landing('full')}/csds_contacts/csds_contacts.parquet' where contact_id is not null and patient_id is not null limit 1) to '${file}' (format csv, header)`,
  );
  reader.close();
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

const measuredOf = (world: World) =>
  Object.fromEntries(Object.entries(world.first).filter(([table]) => measured.test(table)));
