import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { breakingChanges, type RoleSchemas, unannounced } from './schema/breaking-changes.js';

const usage = 'Usage: npm run schema:changes [-- --release]';

/**
 * Compares the schemas with those of the last release and names what breaks without an entry in the changelog. With
 * `--release`, as the last step of one, the schemas become those of the last release. Returns the exit code.
 */
function compare(args: readonly string[], root: string): number {
  if (args.length > 1 || (args.length === 1 && args[0] !== '--release')) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const [current, baseline] = [join(root, 'schema'), join(root, 'schema', 'baseline')];
  const now = schemasIn(current);
  const changes = breakingChanges(schemasIn(baseline), now);
  const open = unannounced(changes, readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
  for (const { role, coordinate, description } of open)
    process.stderr.write(
      `${role}: ${description} Name \`${coordinate}\` under "Breaking" in CHANGELOG.md.\n`,
    );
  if (open.length > 0) return 1;
  if (args[0] === '--release') {
    rmSync(baseline, { recursive: true, force: true });
    mkdirSync(baseline);
    for (const [role, text] of now) writeFileSync(join(baseline, `${role}.graphql`), text);
    process.stdout.write('schema/baseline/ holds the schemas of this release.\n');
  } else
    process.stdout.write(
      changes.length === 0
        ? 'Nothing breaks the API of the last release.\n'
        : `${changes.length} changes break the API of the last release, all named in CHANGELOG.md.\n`,
    );
  return 0;
}

const schemasIn = (folder: string): RoleSchemas =>
  new Map(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.graphql'))
      .map(({ name }) => [name.slice(0, -'.graphql'.length), readFileSync(join(folder, name), 'utf8')]),
  );

process.exitCode = compare(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
