/** A lake holds immutable files; a commit is a manifest created exclusively, never a rename over another file. */
export interface Lake {
  /** Absolute path at which DuckDB reads or writes the file; the folder is made. */
  path(name: string): string;
  /** Makes a finished file durable (fsync of file and folder). */
  seal(name: string): Promise<void>;
  /** Commits JSON under a name that must not exist yet. False if another writer was faster. */
  putIfAbsent(name: string, content: unknown): Promise<boolean>;
  /** Error: `LAKE_DAMAGED` if the file is no JSON. */
  readJson(name: string): Promise<unknown>;
  /** Bytes of a file; undefined if it is not there. */
  size(name: string): Promise<number | undefined>;
  /** Names below the folder, sorted by code point. Empty if there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Removes what killed writers left half written in a folder, once a minute has gone by. */
  removeDrafts(folder: string): Promise<void>;
  exists(name: string): Promise<boolean>;
  /** Removes a file or folder; nothing happens if it is not there. */
  remove(name: string): Promise<void>;
}
