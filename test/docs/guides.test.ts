import 'reflect-metadata';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parse, validate } from 'graphql';
import { commands } from '../../scripts/pages/cli.js';
import { schemaNames } from '../../src/access/role.js';
import { environmentVariables } from '../../src/config/environment.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { metricDeclarations } from '../../src/server/observe/metric-declarations.js';
import { root } from '../support/landing.js';

const markdown = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdown(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

const documents = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'].map((name) => join(root, name)),
  ...markdown(join(root, 'docs')),
].map((path) => ({ path, name: relative(root, path), text: readFileSync(path, 'utf8') }));

/** What folders of the sources say of themselves. */
const foldersDescribed = ['src', 'scripts', 'bench', 'test']
  .flatMap((folder) => markdown(join(root, folder)))
  .map((path) => ({ path, name: relative(root, path), text: readFileSync(path, 'utf8') }));

/** Files that a guide has its reader write. */
const madeByReaders = /ambulance-handovers/;

/** The anchor that a heading gets. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const headings = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map((found) => anchor(found[1] ?? ''));

describe('documentation', () => {
  it('names metrics that there are', () => {
    const declared = new Set(Object.values(metricDeclarations).map(({ name }) => name as string));
    const named = documents.flatMap(({ text }) => [...text.matchAll(/\bmaplewood_[a-z_]+\b/g)].map(String));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !declared.has(name))).toEqual([]);
  });

  it.each(documents.map((document) => [document.name, document] as const))(
    '%s links to what exists',
    (_name, { path, text }) => {
      const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map((found) => found[1] ?? '')
        .filter((target) => !/^https?:/.test(target))
        .filter((target) => {
          const [file = '', fragment] = target.split('#');
          const linked = file === '' ? path : join(dirname(path), file);
          if (!existsSync(linked)) return true;
          return fragment !== undefined && !headings(readFileSync(linked, 'utf8')).includes(fragment);
        });
      expect(broken).toEqual([]);
    },
  );

  it.each([...documents, ...foldersDescribed].map((document) => [document.name, document] as const))(
    '%s names files that there are',
    (_name, { text }) => {
      const named = [...text.matchAll(/`((?:src|test|scripts|bench|migrations)\/[\w./-]*\w)`/g)].map(
        ([, file = '']) => file,
      );
      const gone = named.filter((file) => !existsSync(join(root, file)));
      expect(gone.filter((file) => !madeByReaders.test(file))).toEqual([]);
    },
  );

  it('names only commands that exist', () => {
    const known = commands.map(({ name }) => name);
    const named = documents.flatMap(({ text }) =>
      [...text.matchAll(/npx maplewood ([a-z]+)/g)].map((found) => found[1]),
    );
    expect(named.filter((name) => name !== 'help' && !known.includes(name ?? ''))).toEqual([]);
  });

  it('names only variables that exist', () => {
    const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, 'test', name), 'utf8'));
    const known: readonly string[] = [
      ...environmentVariables.map(({ name }) => name),
      ...tests.flatMap((text) =>
        [...text.matchAll(/process\.env\['(MAPLEWOOD_TEST_[A-Z]+)'\]/g)].map(([, name]) => name ?? ''),
      ),
    ];
    const named = documents.flatMap(({ text }) =>
      [...text.matchAll(/\bMAPLEWOOD_[A-Z_]+/g)].map(([name]) => name),
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('GraphQL examples', () => {
  const schemas = buildRoleSchemas();
  const examples = documents.flatMap(({ name, text }) =>
    [...text.matchAll(/```graphql\n([\s\S]*?)```/g)].map(
      (found, index) => [`${name} ${index + 1}`, found[1] ?? ''] as const,
    ),
  );

  it.each(examples)('%s is valid for the role that its first line names', (_name, example) => {
    const role = /^# ([a-z-]+)\n/.exec(example)?.[1] ?? '';
    const name = schemaNames.find((one) => one === role);
    const schema = name && schemas.get(name);
    expect(schema).toBeDefined();
    expect(validate(schema!, parse(example)).map(({ message }) => message)).toEqual([]);
  });
});
