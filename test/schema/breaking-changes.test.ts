import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  breakingChanges,
  breakingEntries,
  type RoleSchemas,
  unannounced,
} from '../../scripts/schema/breaking-changes.js';
import { root } from '../support/landing.js';

const before = `
  type Query { beds(grain: Grain = DAY, trust: String): [Bed!]!  waits: Wait }
  type Bed { trust: String!  occupied: Int }
  type Wait { minutes: Int }
  input BedWhere { trust: String }
  enum Grain { DAY WEEK }
`;
const analyst = (text: string): RoleSchemas => new Map([['analyst', text]]);
const coordinates = (after: string): string[] =>
  breakingChanges(analyst(before), analyst(after)).map(({ coordinate }) => coordinate);

describe('what breaks an operation of the last release', () => {
  it.each([
    ['a field that is gone', /occupied: Int/, '', ['Bed.occupied']],
    ['a field of another type', /occupied: Int/, 'occupied: Float', ['Bed.occupied']],
    ['a field that may be null now', /trust: String! {2}/, 'trust: String ', ['Bed.trust']],
    ['a value that is gone', /DAY WEEK/, 'DAY', ['Grain.WEEK']],
    ['an argument that is gone', /, trust: String/, '', ['Query.beds(trust:)']],
    ['an argument of another type', /, trust: String/, ', trust: Int', ['Query.beds(trust:)']],
    ['an argument that must be given now', /, trust: String/, ', trust: String!', ['Query.beds(trust:)']],
    ['a new argument that must be given', /, trust: String/, '$&, ward: String!', ['Query.beds(ward:)']],
    ['an argument with another default', /= DAY/, '= WEEK', ['Query.beds(grain:)']],
    ['a filter that must be given', /BedWhere \{/, 'BedWhere { ward: String!', ['BedWhere.ward']],
    ['a type that is gone', /waits: Wait|type Wait .*\n/g, '', ['Wait', 'Query.waits']],
  ] as const)('is %s', (_what, pattern, text, expected) => {
    const after = before.replace(pattern, text);
    expect(after).not.toBe(before);
    expect(coordinates(after)).toEqual(expected);
  });

  it.each([
    ['nothing at all', /$^/, ''],
    ['a new field', /occupied: Int/, '$& ward: String'],
    ['a new value', /DAY WEEK/, '$& MONTH'],
    ['a new argument that may be left out', /, trust: String/, '$&, ward: String'],
    ['another description', /type Bed/, '"A bed." type Bed'],
  ] as const)('is not %s', (_what, pattern, text) => {
    expect(coordinates(before.replace(pattern, text))).toEqual([]);
  });

  it('is a role without a schema, and not a new role', () => {
    expect(breakingChanges(analyst(before), new Map([['finance', before]]))).toEqual([
      { role: 'analyst', coordinate: 'analyst', description: 'The role analyst has no schema any more.' },
    ]);
  });

  it('is told for each role that it breaks', () => {
    const both = (text: string): RoleSchemas =>
      new Map([
        ['analyst', before],
        ['finance', text],
      ]);
    const found = breakingChanges(both(before), both(before.replace(/occupied: Int/, '')));
    expect(found.map(({ role }) => role)).toEqual(['finance']);
  });
});

describe('the changelog', () => {
  const changes = breakingChanges(analyst(before), analyst(before.replace(/occupied: Int/, '')));
  const changelog = (entries: string): string => `# Changelog

## [Unreleased]

### Added

- \`Bed.ward\`.

${entries}## [0.2.0]

### Breaking

- \`Bed.occupied\` of long ago.
`;
  it('lets pass what it names under "Breaking" of what is not released', () => {
    expect(
      unannounced(changes, changelog('### Breaking\n\n- `Bed.occupied` is gone: use `beds`.\n\n')),
    ).toEqual([]);
    expect(
      unannounced(changes, changelog('### Breaking\n\n- `Bed.occupied`.\n\n### Fixed\n\n- x\n\n')),
    ).toEqual([]);
  });
  it.each([
    ['names it in another release', ''],
    ['names it elsewhere', '### Fixed\n\n- `Bed.occupied`.\n\n'],
    ['names something else', '### Breaking\n\n- `Bed.occupiedBeds`.\n\n'],
    ['does not name it as a coordinate', '### Breaking\n\n- Bed.occupied is gone.\n\n'],
  ])('does not where it %s', (_what, entries) => {
    expect(unannounced(changes, changelog(entries))).toEqual(changes);
  });
  it('has no entries where nothing is unreleased', () => {
    expect(breakingEntries('# Changelog\n\n## [0.2.0]\n\n### Breaking\n\n- x\n')).toBe('');
    expect(breakingEntries('')).toBe('');
  });
});

it('holds for the schemas of the repository', () => {
  const schemasIn = (folder: string): RoleSchemas =>
    new Map(
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.graphql'))
        .map((name) => [name.slice(0, -8), readFileSync(join(root, folder, name), 'utf8')]),
    );
  const changes = breakingChanges(schemasIn('schema/baseline'), schemasIn('schema'));
  expect(unannounced(changes, readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))).toEqual([]);
});
