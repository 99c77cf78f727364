import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { MaplewoodError } from '../../errors.js';
import { normalCode, normalPrefix } from './codes.js';
import type { CodeSystem, ValueSet } from './fact.js';

const systems: readonly string[] = ['icd10', 'bnf', 'loinc'] satisfies CodeSystem[];
const required = ['system', 'code', 'match', 'display', 'source'] as const;
const optional = ['factor'] as const;

/** All value sets of a folder by name: `<name>.csv`. Error: `CONFIGURATION` with everything that is wrong in them. */
export async function readValueSets(folder: string): Promise<ReadonlyMap<string, ValueSet>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.csv')).sort();
  const read = await Promise.all(
    files.map(async (file) =>
      valueSetOf(file.slice(0, -'.csv'.length), await readFile(join(folder, file), 'utf8')),
    ),
  );
  const problems = read.flatMap((one) => ('problems' in one ? one.problems : []));
  if (problems.length > 0) throw new MaplewoodError('CONFIGURATION', problems.join('\n'));
  return new Map(read.flatMap((one) => ('problems' in one ? [] : [[one.name, one] as const])));
}

/** A value set by the text of its file, or what is wrong in it, a line each: `name.csv:line: what`. */
export function valueSetOf(name: string, text: string): ValueSet | { readonly problems: readonly string[] } {
  const at = (line: number, what: string): string => `${name}.csv:${line}: ${what}`;
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    return { problems: [at(1, 'the name of a value set is lower-case letters, digits and _')] };
  let lines: { record: string[]; info: { lines: number } }[];
  try {
    lines = parse(text, {
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
    }) as unknown as typeof lines;
  } catch {
    return { problems: [at(1, 'not readable as CSV: every line needs as many fields as the header')] };
  }
  const [header, ...rows] = lines;
  const names = header?.record ?? [];
  const known: readonly string[] = [...required, ...optional];
  const wrong = [
    ...required
      .filter((column) => !names.includes(column))
      .map((column) => `the column ${column} is missing`),
    ...names
      .filter((column) => !known.includes(column))
      .map((column) => `${column} is no column: ${known.join(', ')}`),
    ...(rows.length === 0 ? ['there are no codes'] : []),
  ];
  if (wrong.length > 0) return { problems: wrong.map((what) => at(1, what)) };
  const problems: string[] = [];
  const codes: ValueSet['codes'][number][] = [];
  const seen = new Set<string>();
  for (const { record, info } of rows) {
    const row = Object.fromEntries(names.map((column, index) => [column, record[index] ?? '']));
    const found = codeOf(row);
    if (typeof found === 'string') problems.push(at(info.lines, found));
    else if (seen.has(`${found.system} ${found.code}`))
      problems.push(at(info.lines, `${found.code} is there twice`));
    else {
      seen.add(`${found.system} ${found.code}`);
      codes.push(found);
    }
  }
  return problems.length > 0 ? { problems } : { name, codes };
}

/** A row of the file as a code, or what is wrong with it. */
function codeOf(row: Readonly<Record<string, string>>): ValueSet['codes'][number] | string {
  const { system = '', code = '', match = '', display = '', source = '', factor = '' } = row;
  if (!isSystem(system)) return `the system is one of ${systems.join(', ')}`;
  if (match !== 'exact' && match !== 'prefix') return 'match is exact or prefix';
  const normal = match === 'exact' ? normalCode(system, code) : normalPrefix(system, code);
  if (normal === null) return `this is no code of ${system}`;
  if (display === '') return 'display is empty';
  if (source === '') return 'source is empty: name the publication that the code is taken from';
  if (factor === '') return { system, code: normal, match, display, source };
  const value = Number(factor);
  if (!Number.isFinite(value)) return 'factor is no number';
  return { system, code: normal, match, display, source, factor: value };
}

const isSystem = (text: string): text is CodeSystem => systems.includes(text);
