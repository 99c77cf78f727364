import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isLeafType,
  isObjectType,
  Kind,
  parse,
  printSchema,
} from 'graphql';
import { roles } from '../../src/access/role.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { sensitivities } from '../../src/resolvers/sensitivity.js';
import { datasets } from '../../src/schema/datasets.js';

const schemas = buildRoleSchemas();

/** What a value goes in or out by, read from the text of a schema: leaf fields, arguments, inputs, enum values. */
function coordinatesIn(schema: GraphQLSchema): string[] {
  return parse(printSchema(schema)).definitions.flatMap((definition) => {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
        return (definition.fields ?? []).flatMap(({ name, arguments: args }) => {
          const field = `${definition.name.value}.${name.value}`;
          const type = schema.getType(definition.name.value);
          const of = isObjectType(type) ? type.getFields()[name.value] : undefined;
          const named = String(of?.type).replaceAll(/[[\]!]/g, '');
          return [
            ...(isLeafType(schema.getType(named)) ? [field] : []),
            ...(args ?? []).map((argument) => `${field}(${argument.name.value}:)`),
          ];
        });
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return (definition.fields ?? []).map(({ name }) => `${definition.name.value}.${name.value}`);
      case Kind.ENUM_TYPE_DEFINITION:
        return (definition.values ?? []).map(({ name }) => `${definition.name.value}.${name.value}`);
      default:
        return [];
    }
  });
}

describe.each(roles)('the schema of %s', (role) => {
  const schema = schemas.get(role)!;
  const classes = sensitivities(schema);

  it('has a class for every field, argument, input and enum value', () => {
    const found = coordinatesIn(schema);
    expect(found.length).toBeGreaterThan(20);
    expect([...classes.keys()].sort()).toEqual(found.sort());
    expect(new Set([...classes.values()].filter((one) => !/^[DQSWO]$/.test(one)))).toEqual(new Set());
  });

  it('gives filters and sort keys the class of the column that they name', () => {
    for (const { type } of datasets) {
      const column = schema.getType(`${type.name}Column`);
      for (const { name } of isEnumType(column) ? column.getValues() : []) {
        const [field, filter, key] = ['', 'Where', 'Column'].map((suffix) =>
          classes.get(`${type.name}${suffix}.${name}`),
        );
        expect([type.name, name, filter, key]).toEqual([type.name, name, field, field]);
      }
    }
  });
});

describe('a class', () => {
  const of = (role: (typeof roles)[number], coordinate: string) =>
    sensitivities(schemas.get(role)!).get(coordinate);

  it('of a dimension is the strictest of its columns', () => {
    expect(of('analyst', 'EdWaitsDimension.TRUST')).toBe('O');
    expect(of('analyst', 'EdWaitsDimension.COMPLAINT')).toBe('Q');
  });

  it('of an argument that names a column is that of the column', () => {
    expect(of('analyst', 'Query.patient(id:)')).toBe('D');
    expect(of('analyst', 'Query.patients(first:)')).toBe('O');
  });

  it('D is that of tokens alone', () => {
    for (const dataset of datasets) {
      const direct = [
        ...(dataset.kind === 'row'
          ? dataset.columns.values()
          : [...dataset.dimensions.values(), ...dataset.measures.values()]),
      ].filter(({ sensitivity }) => sensitivity === 'D');
      for (const column of direct) expect(column).toHaveProperty('token');
    }
  });
});

describe('a schema in which something has no class', () => {
  it.each([
    ['a field', 'type Query { me: Me } type Me { surname: String }', 'Me.surname'],
    [
      'a filter of a dataset',
      'type Query { a(where: EpisodeWhere): Boolean } input EpisodeWhere { surname: String }',
      'EpisodeWhere.surname',
    ],
    [
      'a sort key of a dataset',
      'type Query { a(by: EpisodeColumn): Boolean } enum EpisodeColumn { surname }',
      'EpisodeColumn.surname',
    ],
    [
      'a dimension of a dataset',
      'type Query { a(by: EdWaitsDimension): Boolean } enum EdWaitsDimension { SURNAME }',
      'EdWaitsDimension.SURNAME',
    ],
  ])('is refused for %s', (_what, text, coordinate) => {
    expect(() => sensitivities(buildSchema(text))).toThrow(coordinate);
  });
});
