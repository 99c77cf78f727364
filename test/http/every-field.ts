import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { nestedFieldAt } from '../../src/schema/people/nested.js';

/** What a field needs to be asked for at all. */
export type Needed = Readonly<Record<string, string>>;

/** Rows below rows, and below these once more. */
const levels = 2;

/** Given of few rows at once, so that they are not asked for below rows. */
const ofFew: readonly string[] = ['CdsResult.explanation', 'CdsResult.evidence', 'CdsResult.rule'];

/** Every field of a type: values, and what leads to others down to rows below rows. */
function selectionOf(type: GraphQLOutputType, left: number, path: readonly string[]): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return valuesFor(field);
    const isNested = nestedFieldAt(`${named.name}.${field.name}`) !== undefined;
    // Edges have the rows of the nodes, and rows lead back to their patient.
    if (isNested && (left === 0 || path.includes('edges'))) return [];
    if (ofFew.includes(`${named.name}.${field.name}`) && path.join() !== 'nodes') return [];
    // A type that leads to itself, once.
    if (getNamedType(field.type) === named && path.includes(field.name)) return [];
    const below = selectionOf(field.type, left - (isNested ? 1 : 0), [...path, field.name]);
    const few = field.args.some(({ name }) => name === 'first') ? '(first: 3)' : '';
    return [`${field.name}${few} ${below}`];
  });
  return `{ ${fields.join(' ')} }`;
}

/** A value, and once for each value of an argument that it needs. */
function valuesFor({ name, args }: GraphQLField<unknown, unknown>): string[] {
  const [needs] = args.filter(isRequired);
  if (!needs) return [name];
  return valuesOf(needs).map((value, at) => `${name}${at}: ${name}(${value})`);
}

const isRequired = ({ type, defaultValue }: GraphQLArgument): boolean =>
  isNonNullType(type) && defaultValue === undefined;

/** Each value of an argument that has few: of an enum all, of a list of them one at a time. */
function valuesOf({ name, type }: GraphQLArgument): string[] {
  const named = getNamedType(type);
  if (named.name === 'Boolean') return ['true', 'false'].map((value) => `${name}: ${value}`);
  if (!isEnumType(named)) return [];
  const isList = isListType(isNonNullType(type) ? type.ofType : type);
  return named.getValues().map((value) => `${name}: ${isList ? `[${value.name}]` : value.name}`);
}

export interface Walked {
  readonly root: string;
  readonly query: string;
  /** It asks for what the role has; other documents may be refused, such as a grain that is too fine. */
  readonly mustAnswer: boolean;
}

/**
 * Documents that ask for every field of every root field of a schema, nested ones too, and once more for each value of
 * each argument that has few.
 */
export function everyField(schema: GraphQLSchema, needed: Needed): Walked[] {
  const query = schema.getQueryType() as GraphQLObjectType;
  return Object.values(query.getFields()).flatMap((field) => {
    const own = field.args
      .filter(isRequired)
      .map(({ name }) => `${name}: ${needed[`${field.name}.${name}`]}`);
    const ask = (given: readonly string[]): string => documentOf(field, [...own, ...given]);
    return [
      { root: field.name, query: ask([]), mustAnswer: true },
      ...field.args
        .filter((argument) => !isRequired(argument))
        .flatMap(valuesOf)
        .map((value) => ({ root: field.name, query: ask([value]), mustAnswer: value.startsWith('by:') })),
    ];
  });
}

function documentOf(field: GraphQLField<unknown, unknown>, given: readonly string[]): string {
  const selection = selectionOf(field.type, levels, []);
  const first = /\bexplanation\b/.test(selection) ? 20 : 150;
  const many = field.args.some(({ name }) => name === 'first') ? [`first: ${first}`] : [];
  const args = [...given, ...many];
  const list = args.length > 0 ? `(${args.join(', ')})` : '';
  return `{ ${field.name}${list} ${selection} }`;
}
