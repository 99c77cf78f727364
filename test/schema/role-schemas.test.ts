import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ApolloServerPlugin } from '@apollo/server';
import { type GraphQLNamedType, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { type Role, roles, schemaNames } from '../../src/access/role.js';
import { defaultSettings } from '../../src/config/settings.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { besideOf } from '../../src/resolvers/connection.js';
import { detailsOf, isDetail } from '../../src/resolvers/details.js';
import { roleSchema } from '../../src/resolvers/role-schema.js';
import { visibility } from '../../src/resolvers/visibility.js';
import { columnVisible, datasets, isListed } from '../../src/schema/datasets.js';
import { nestedFieldAt, nestedFields } from '../../src/schema/people/nested.js';
import { startRoleServers } from '../../src/server/graphql/role-servers.js';
import { root } from '../support/landing.js';

const schemas = buildRoleSchemas();
const typesOf = (role: Role): GraphQLNamedType[] =>
  Object.values(schemas.get(role)!.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const objectsOf = (role: Role): GraphQLObjectType[] =>
  typesOf(role).filter((type) => type instanceof GraphQLObjectType);

describe.each(roles)('the schema of %s', (role) => {
  it('has resolvers at its root, and where rows lead to others: what is below is read from plain rows', () => {
    const roots = [schemas.get(role)!.getQueryType(), schemas.get(role)!.getMutationType()];
    for (const type of objectsOf(role)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        expect([coordinate, typeof field.resolve]).toEqual([
          coordinate,
          roots.includes(type) || nestedFieldAt(coordinate) || isDetail(coordinate)
            ? 'function'
            : 'undefined',
        ]);
        expect(field.subscribe).toBeUndefined();
      }
    }
  });

  it('has no type of a dataset that the role does not have', () => {
    const names = typesOf(role).map(({ name }) => name);
    for (const dataset of datasets.filter(({ roles: own }) => !own.includes(role))) {
      const { name } = dataset.type;
      expect(
        names.filter((type) => type.replace(/(Connection|Edge|Where|Column|Order|Dimension)$/, '') === name),
      ).toEqual([]);
    }
  });

  it('has each column in the rows, the filter and the order alike, or in none of them', () => {
    for (const dataset of datasets.filter(({ roles: own }) => own.includes(role))) {
      const { name } = dataset.type;
      const beside = besideOf(dataset).map((column) => column.name);
      const own =
        dataset.kind === 'row'
          ? [...dataset.columns.keys()].filter((column) => !beside.includes(column))
          : [...dataset.dimensions.keys(), ...dataset.measures.keys()];
      const visible = own.filter((column) => columnVisible(dataset, role, column)).sort();
      // Rows that are only reached through a patient, by a role without lists below it, have no filter.
      if (!schemas.get(role)!.getType(`${name}Where`)) {
        expect(isListed(dataset, role)).toBe(false);
        continue;
      }
      const type = (suffix: string) => schemas.get(role)!.getType(`${name}${suffix}`) as GraphQLObjectType;
      const without = (names: string[], ...extra: string[]) =>
        names.filter((field) => !extra.includes(field)).sort();
      const values = (type('Column') as unknown as { getValues(): { name: string }[] }).getValues();
      const nested = dataset.kind === 'row' ? nestedFields(dataset).map((field) => field.name) : [];
      const details = dataset.kind === 'row' ? detailsOf(dataset) : [];
      expect(Object.keys(type('Connection').getFields())).toEqual(expect.arrayContaining(beside));
      expect(
        without(Object.keys(type('').getFields()), 'period', 'suppressed', ...nested, ...details),
      ).toEqual(visible);
      expect(without(Object.keys(type('Where').getFields()), 'and', 'or', 'not', 'period')).toEqual(visible);
      expect(
        without(
          values.map((value) => value.name),
          'period',
        ),
      ).toEqual(visible);
    }
  });
});

it('is that of a clinician, and what a broken glass shows, for those with the right to break it', () => {
  const [plain, identified] = (['clinician', 'clinician-reidentifier'] as const).map((name) =>
    schemas.get(name)!.getTypeMap(),
  );
  const more = Object.keys(identified!).filter((name) => !(name in plain!));
  expect(more.filter((name) => !/^(Identified|BreakGlass)|^Mutation$/.test(name))).toEqual([]);
  for (const name of Object.keys(plain!).filter((type) => !type.startsWith('__') && type !== 'Query'))
    expect(String(identified![name]!.toConfig().description)).toBe(
      String(plain![name]!.toConfig().description),
    );
  // Everything below the two root fields is read from plain rows.
  for (const name of more) {
    const type = identified![name]!;
    if (!(type instanceof GraphQLObjectType)) continue;
    const resolved = Object.values(type.getFields()).filter(({ resolve }) => resolve);
    expect(resolved.map((field) => field.name)).toEqual(name === 'Mutation' ? ['breakGlass'] : []);
  }
});

it('shows neither addresses nor ways to reach a patient, whatever is broken', () => {
  for (const type of Object.values(schemas.get('clinician-reidentifier')!.getTypeMap()))
    if (type instanceof GraphQLObjectType && type.name.startsWith('Identified'))
      for (const field of Object.keys(type.getFields()))
        expect([type.name, field]).toEqual([
          type.name,
          expect.not.stringMatching(/address|postcode$|phone|mail|cost/i),
        ]);
});

it('has a text for every role and for nothing else', () => {
  const files = (folder: string) =>
    readdirSync(join(root, folder)).filter((name) => name.endsWith('.graphql'));
  expect(files('schema').sort()).toEqual(schemaNames.map((name) => `${name}.graphql`).sort());
  const released = files('schema/baseline');
  expect(released.filter((name) => !files('schema').includes(name))).toEqual([]);
  expect(released).toEqual(expect.arrayContaining(roles.map((role) => `${role}.graphql`)));
});

describe('what keeps an answer cheap and closed', () => {
  it('runs no plugin that looks at single fields', async () => {
    const servers = await startRoleServers(schemas, defaultSettings.limits);
    try {
      for (const role of roles) {
        // Apollo keeps the list private; only here it is looked at.
        const server = servers.server(role) as unknown as { internals: { plugins: ApolloServerPlugin[] } };
        const { plugins } = server.internals;
        expect(plugins.length).toBeGreaterThan(0);
        for (const plugin of plugins) {
          const listener = await plugin.requestDidStart?.({ request: { http: undefined } } as never);
          expect(Object.keys(listener ?? {})).not.toContain('executionDidStart');
        }
      }
    } finally {
      await servers.stop();
    }
  });

  it('hides a root field that nobody listed, from every role', () => {
    const visible = visibility();
    for (const role of roles) {
      for (const field of [
        'Query.somethingNew',
        'Mutation.somethingNew',
        'Subscription.somethingNew',
        'Query.constructor',
      ]) {
        expect([role, field, visible(field, role)]).toEqual([role, field, false]);
      }
    }
    const field = { type: GraphQLString, resolve: () => 'seen' };
    const full = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { me: field, somethingNew: field } }),
    });
    expect(Object.keys(roleSchema(full, 'admin', visible).getQueryType()!.getFields())).toEqual(['me']);
  });

  it('describes every measure by what it counts and who defined it', () => {
    for (const dataset of datasets) {
      if (dataset.kind !== 'measure') continue;
      for (const { name, description, denominator, source } of dataset.measures.values()) {
        expect([dataset.key, name, Boolean(description && denominator && source)]).toEqual([
          dataset.key,
          name,
          true,
        ]);
      }
    }
  });
});
