import { basename, dirname, join, resolve } from 'node:path';
import { type CheckedMlm, checkFile } from '../cds/check/check-file.js';
import { checkedText } from '../cds/check/checked-text.js';
import type { Registry } from '../cds/facts/registry.js';
import { MaplewoodError } from '../errors.js';
import { readGiven, registryFor, textIfThere } from './cds-files.js';
import { type Command, type CommandContext, parse } from './command.js';

/** `cds check FILE…`: what is wrong with rules, what they read and how they can be run. Exit code 1 where there is an error. */
export async function checkFiles(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values, positionals: files } = parse(
    command,
    args,
    {
      strict: { type: 'boolean', default: false },
      lenient: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    Number.POSITIVE_INFINITY,
  );
  if (values.strict && values.lenient)
    throw new MaplewoodError('USAGE', `Either --strict or --lenient.\nUsage: ${command.usage}`);
  if (files.length === 0) throw new MaplewoodError('USAGE', `FILE is missing.\nUsage: ${command.usage}`);
  const registries = new Map<string, Registry>();
  const checked: CheckedMlm[] = [];
  for (const file of files) {
    const bytes = await readGiven(file);
    const folder = dirname(resolve(file));
    const registry = registries.get(folder) ?? (await registryFor(folder, context.root));
    registries.set(folder, registry);
    const ofFile = checkFile(file, bytes, {
      mode: values.strict ? 'strict' : 'lenient',
      registry,
      provenance: (mlm) => provenanceOf(folder, file, mlm),
    });
    for (const one of ofFile)
      context.out(values.json ? `${JSON.stringify(jsonOf(one))}\n` : checkedText(one));
    checked.push(...ofFile);
  }
  if (!values.json) context.out(summary(files.length, checked));
  if (count(checked, 'error') > 0) process.exitCode = 1;
}

/** An MLM is a rule with provenance if its file has its name. */
function provenanceOf(folder: string, file: string, mlm: string) {
  if (basename(file) !== `${mlm}.mlm`) return undefined;
  return { file: `${mlm}.gem.yaml`, text: textIfThere(join(folder, `${mlm}.gem.yaml`)) };
}

const jsonOf = (checked: CheckedMlm): unknown => ({
  ...checked,
  diagnostics: checked.diagnostics.map(({ code, severity, line, column, message }) => ({
    code,
    severity,
    line,
    column,
    message,
  })),
});

const count = (checked: readonly CheckedMlm[], of: 'error' | 'warning'): number =>
  checked.reduce(
    (sum, { diagnostics }) => sum + diagnostics.filter(({ severity }) => severity === of).length,
    0,
  );

function summary(files: number, checked: readonly CheckedMlm[]): string {
  const some = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const mlms = checked.filter(({ mlm }) => mlm !== null);
  const overSets = mlms.filter(({ setCompilable }) => setCompilable).length;
  return `${some(mlms.length, 'MLM')} in ${some(files, 'file')}: ${some(count(checked, 'error'), 'error')}, ${some(count(checked, 'warning'), 'warning')}; ${overSets} of ${mlms.length} can run over all patients at once.\n`;
}
