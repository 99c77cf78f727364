import type { Lake } from '../../lake/lake.js';

/** A data file of the lake, with the SHA-256 of its bytes. */
export interface SealedFile {
  readonly file: string;
  readonly sha256: string;
  readonly rows: number;
}

/** What a capture has read, so that the next one knows where it stands. Plain JSON. */
export interface Origin {
  /** Files of the snapshot, in reading order. */
  readonly files?: readonly { readonly name: string; readonly sha256: string }[];
  /** Position in the change tables up to which the state is known (log sequence number, 20 hexadecimal digits). */
  readonly lsn?: string;
}

/**
 * One capture of one table, committed as `changes/<dataset>/<sequence>.json`: it names the change file and the
 * state that belongs to it together, so that there is never one without the other. Plain JSON.
 */
export interface Capture {
  /** Counts the captures of a dataset from 1, whatever their source. */
  readonly sequence: number;
  readonly dataset: string;
  readonly source: string;
  /** ISO 8601. */
  readonly capturedAt: string;
  /** Columns of the key. */
  readonly key: readonly string[];
  /** Null where only the position in the source has moved. */
  readonly changes:
    | (SealedFile & { readonly inserts: number; readonly updates: number; readonly deletes: number })
    | null;
  /** Every row of the table after this capture, with its hash. */
  readonly baseline: SealedFile & { readonly columns: readonly { name: string; type: string }[] };
  readonly origin: Origin;
}

/** A change file that is part of the lake. */
export interface ChangeFile extends SealedFile {
  readonly dataset: string;
  readonly sequence: number;
  readonly source: string;
  /** ISO 8601. */
  readonly capturedAt: string;
}

const digits = (sequence: number): string => String(sequence).padStart(12, '0');
/** The lease's token in the names keeps a run that was overtaken from writing over the files of the other. */
export const changeFileName = (dataset: string, sequence: number, token: number): string =>
  `changes/${dataset}/${digits(sequence)}-${token}.parquet`;
/** The name under which a change file is known as a delivery: the same whichever run has captured it. */
export const changeName = (dataset: string, sequence: number): string =>
  `changes/${dataset}/${digits(sequence)}.parquet`;
export const baselineFolder = (source: string, dataset: string): string => `cdc/${source}/${dataset}`;
export const baselineName = (source: string, dataset: string, sequence: number, token: number): string =>
  `${baselineFolder(source, dataset)}/${digits(sequence)}-${token}.parquet`;
/** Folder of the rows that a run reads. */
export const stagedFolder = (source: string, dataset: string, token: number): string =>
  `${baselineFolder(source, dataset)}/staged-${token}`;
export const isStagedFolder = (name: string): boolean => name.startsWith('staged-');

const manifestName = /^(\d{12})\.json$/;

async function sequences(lake: Lake, dataset: string): Promise<number[]> {
  const names = await lake.list(`changes/${dataset}`);
  return names.flatMap((name) => manifestName.exec(name)?.[1] ?? []).map(Number);
}

const readCapture = (lake: Lake, dataset: string, sequence: number): Promise<Capture> =>
  lake.readJson(`changes/${dataset}/${digits(sequence)}.json`) as Promise<Capture>;

/** The last capture of a dataset from a source, and the number of the next one. */
export async function lastCapture(
  lake: Lake,
  source: string,
  dataset: string,
): Promise<{ last: Capture | undefined; next: number }> {
  const all = await sequences(lake, dataset);
  const next = (all.at(-1) ?? 0) + 1;
  for (const sequence of all.reverse()) {
    const capture = await readCapture(lake, dataset, sequence);
    if (capture.source === source) return { last: capture, next };
  }
  return { last: undefined, next };
}

/** Change files that no capture names: what runs have left that were killed or overtaken. */
export async function uncommittedChanges(lake: Lake, dataset: string): Promise<string[]> {
  const folder = `changes/${dataset}`;
  const names = (await lake.list(folder)).filter((name) => name.endsWith('.parquet'));
  const committed = new Set(await sequences(lake, dataset));
  const sequenceOf = (name: string): number => Number(name.slice(0, 12));
  const left: string[] = [];
  for (const name of names) {
    const sequence = sequenceOf(name);
    // The only file of a committed number is that of the capture, so few captures are read.
    const alone = names.filter((other) => sequenceOf(other) === sequence).length === 1;
    if (committed.has(sequence)) {
      if (alone) continue;
      if ((await readCapture(lake, dataset, sequence)).changes?.file === `${folder}/${name}`) continue;
    }
    left.push(`${folder}/${name}`);
  }
  return left;
}

/** Commits a capture. False if another run has taken the number. */
export const commitCapture = (lake: Lake, capture: Capture): Promise<boolean> =>
  lake.putIfAbsent(`changes/${capture.dataset}/${digits(capture.sequence)}.json`, capture);

/** Every committed change file: by dataset, and within a dataset in the order in which the changes happened. */
export async function listChanges(lake: Lake): Promise<ChangeFile[]> {
  const files: ChangeFile[] = [];
  for (const dataset of await lake.list('changes')) {
    for (const sequence of await sequences(lake, dataset)) {
      const { changes, source, capturedAt } = await readCapture(lake, dataset, sequence);
      if (changes === null) continue;
      const { file, sha256, rows } = changes;
      files.push({ dataset, sequence, source, capturedAt, file, sha256, rows });
    }
  }
  return files;
}
