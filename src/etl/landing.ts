import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';
import { hashFile } from './hash-file.js';

/** Formats that are read, the preferred one first where one delivery lies in several. */
const tableFormats = ['parquet', 'csv', 'csv.gz'] as const;
const fhirFormats = ['ndjson', 'ndjson.gz', 'json', 'json.gz'] as const;
const formats = [...tableFormats, ...fhirFormats] as const;
export type LandingFormat = (typeof formats)[number];

/** The dataset of all FHIR resources: read from a folder with subfolders, and mapped to the other datasets. */
export const fhirDataset = 'fhir';

/** A delivered file of a known dataset, or of FHIR resources. */
export interface LandingFile {
  /** A dataset of the contracts, or `fhirDataset`. */
  readonly dataset: string;
  /** Relative to the landing folder, with `/` between folders. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  readonly format: LandingFormat;
  /** A file of changes (`*.changes.csv` …), not of whole rows. */
  readonly changes: boolean;
  readonly bytes: number;
  /** Of the bytes as delivered, lower-case hex. */
  readonly sha256: string;
}

export interface Landing {
  /** In load order of their datasets, FHIR last, then by name. */
  readonly files: readonly LandingFile[];
  /** What lies there and is not read, with the reason. Hidden files are not mentioned. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

interface Found {
  readonly name: string;
  readonly path: string;
  readonly dataset: string;
  /** Name without extension, with its folder: equal for one delivery in several formats. */
  readonly stem: string;
  readonly format: LandingFormat;
}

/**
 * Lists the delivered files: `<landing>/<dataset>/*.{csv,csv.gz,parquet}` and `<landing>/<dataset>.<ext>`; of FHIR
 * every `.ndjson`, `.json` and their `.gz` below `<landing>/fhir`, at any depth, and `<landing>/fhir.<ext>`.
 * Throws USAGE if there is no such folder, LANDING_EMPTY if it holds no file of a known dataset.
 */
export async function discover(landing: string, datasets: readonly string[]): Promise<Landing> {
  const { chosen, skipped } = await survey(landing, datasets);
  const files: LandingFile[] = [];
  for (const { dataset, name, path, format, stem } of chosen) {
    const [{ size }, sha256] = [await stat(path), await hashFile(path)];
    files.push({ dataset, name, path, format, changes: stem.endsWith('.changes'), bytes: size, sha256 });
  }
  return { files, skipped };
}

/** The delivered files as `discover` finds them, without reading any. Throws the same. */
export async function survey(
  landing: string,
  datasets: readonly string[],
): Promise<{ readonly chosen: readonly Found[]; readonly skipped: Landing['skipped'] }> {
  const root = await landingFolder(landing);
  const skipped: { name: string; reason: string }[] = [];
  const found: Found[] = [];
  const take = (entry: Entry, dataset: string | undefined): void => {
    const outcome = classify(entry, dataset, datasets);
    if (typeof outcome === 'string') skipped.push({ name: entry.name, reason: outcome });
    else found.push(outcome);
  };
  for (const entry of await entries(root, '')) {
    if (entry.kind === 'file') take(entry, undefined);
    else if (entry.kind === 'folder' && datasets.includes(entry.name)) {
      for (const inner of await entries(root, entry.name)) take(inner, entry.name);
    } else if (entry.kind === 'folder' && entry.name === fhirDataset) {
      for (const inner of await deepEntries(root, entry)) {
        if (inner.kind === 'folder')
          skipped.push({ name: inner.name, reason: 'a folder that is read already' });
        else take(inner, fhirDataset);
      }
    } else skipped.push({ name: entry.name, reason: folderReason(entry) });
  }
  const chosen = found.filter((file) => {
    const better = found.find((other) => other.stem === file.stem && rank(other) < rank(file));
    if (better) skipped.push({ name: file.name, reason: `same delivery as ${better.name}` });
    return better === undefined;
  });
  if (chosen.length === 0) {
    throw new MaplewoodError(
      'LANDING_EMPTY',
      `${landing} holds no file of a known dataset. Expected are <dataset>/*.csv, *.csv.gz or *.parquet, or ` +
        `<dataset>.csv, .csv.gz or .parquet directly in it, with <dataset> one of ${datasets.join(', ')}; ` +
        'or FHIR as fhir/*.ndjson, *.json or their .gz.',
    );
  }
  const order = [...datasets, fhirDataset];
  chosen.sort((a, b) => order.indexOf(a.dataset) - order.indexOf(b.dataset) || (a.name < b.name ? -1 : 1));
  skipped.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { chosen, skipped };
}

async function landingFolder(landing: string): Promise<string> {
  try {
    const root = await realpath(resolve(landing));
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
  throw new MaplewoodError(
    'USAGE',
    `${landing} is no folder. Give the folder that holds the delivered files (--landing DIR).`,
  );
}

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'outside' | 'other';
}

/** Visible entries of a folder of the landing. A link counts as what it points at, if that lies in the landing. */
async function entries(root: string, folder: string): Promise<Entry[]> {
  const listed = await readdir(join(root, folder), { withFileTypes: true });
  const visible = listed
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    visible.map(async (entry): Promise<Entry> => {
      const path = join(root, folder, entry.name);
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isSymbolicLink()) {
        return { name, path, kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other' };
      }
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined) return { name, path, kind: 'other' };
      if (!target.startsWith(root + sep)) return { name, path, kind: 'outside' };
      const state = await stat(target);
      return { name, path: target, kind: state.isFile() ? 'file' : state.isDirectory() ? 'folder' : 'other' };
    }),
  );
}

/** Files at any depth below a folder; folders are among them only where a link leads back to one already read. */
async function deepEntries(root: string, top: Entry): Promise<Entry[]> {
  const found: Entry[] = [];
  const read = new Set<string>();
  const pending = [top];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    const real = await realpath(folder.path);
    if (read.has(real)) {
      found.push(folder);
      continue;
    }
    read.add(real);
    for (const entry of await entries(root, folder.name)) {
      (entry.kind === 'folder' ? pending : found).push(entry);
    }
  }
  return found;
}

/** The file as a delivery, or why it is not read. `dataset` is that of its folder, if it lies in one. */
function classify(entry: Entry, dataset: string | undefined, datasets: readonly string[]): Found | string {
  if (entry.kind === 'outside') return 'a link that leads out of the landing folder';
  if (entry.kind !== 'file') return 'no regular file';
  const base = entry.name.slice(entry.name.lastIndexOf('/') + 1).toLowerCase();
  if (/(\.(tmp|temp|part|partial|filepart|crdownload|download|draft)|~)$/.test(base))
    return 'not complete yet';
  const owner = dataset ?? [...datasets, fhirDataset].find((name) => base.startsWith(`${name}.`));
  if (entry.name === 'faults.json') return 'the list of the faults that synth has put in, for tests';
  if (owner === undefined) return 'its name is that of no dataset';
  const fhir = owner === fhirDataset;
  if (!fhir && /\.(json|ndjson|jsonl)(\.gz)?$/.test(base))
    return 'JSON is read as FHIR only, from the folder fhir';
  const format = (fhir ? fhirFormats : tableFormats).find((extension) => base.endsWith(`.${extension}`));
  if (format === undefined) return fhir ? 'not NDJSON, JSON or their .gz' : 'not CSV, CSV.GZ or Parquet';
  if (dataset === undefined && base !== `${owner}.${format}` && base !== `${owner}.changes.${format}`)
    return 'its name is that of no dataset';
  // One FHIR delivery is the same file packed and unpacked; a .json and an .ndjson are two.
  const stem = fhir ? entry.name.replace(/\.gz$/i, '') : entry.name.slice(0, -(format.length + 1));
  return { name: entry.name, path: entry.path, dataset: owner, stem, format };
}

function folderReason(entry: Entry): string {
  if (entry.kind === 'outside') return 'a link that leads out of the landing folder';
  return entry.kind === 'folder' ? 'its name is that of no dataset' : 'no regular file';
}

const rank = (file: Found): number => formats.indexOf(file.format);
