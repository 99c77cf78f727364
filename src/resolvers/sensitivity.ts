import {
  type GraphQLArgument,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { datasets } from '../schema/datasets.js';
import { classIn, strictest } from '../schema/declare/classed.js';
import type { Dataset } from '../schema/declare/dataset.js';
import type { Sensitivity } from '../schema/declare/metadata.js';
import { Patient } from '../schema/people/patients.js';

type Member = GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument | GraphQLEnumValue;

/** Arguments and members of inputs that name a column, by schema coordinate. */
const patientId = { type: Patient.name, column: 'patientId' };
const namesColumn = new Map([
  ['Query.patient(id:)', patientId],
  ['Query.identifiedPatient(patientId:)', patientId],
  ['Query.auditTrail(patientId:)', patientId],
  ['BreakGlassInput.patientId', patientId],
  ['Query.cdsEvaluate(patientId:)', patientId],
]);

/**
 * The class of everything in the schema that a value goes in or out by, by schema coordinate. Fields of answers state
 * theirs; filters, sort keys and dimensions have that of the column that they name, and of several the strictest. What
 * names no column (`first`, `grain`, the settings of a measure) is open. Error: a field without a class, so that none
 * can be served.
 */
export function sensitivities(schema: GraphQLSchema): ReadonlyMap<string, Sensitivity> {
  const named = ofColumns();
  const found = new Map<string, Sensitivity>();
  const missing: string[] = [];
  const add = (coordinate: string, sensitivity: Sensitivity | undefined): void => {
    if (sensitivity) found.set(coordinate, sensitivity);
    else missing.push(coordinate);
  };
  /** Of an input of a dataset, which names columns and `open` members beside them. */
  const addInput = (type: string, { name }: Member, open: readonly string[]): void => {
    const coordinate = `${type}.${name}`;
    const column = namesColumn.get(coordinate);
    const from = column ? `${column.type}Where.${column.column}` : coordinate;
    add(coordinate, named.get(from) ?? (!inputs.has(type) || open.includes(name) ? 'O' : undefined));
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isEnumType(type)) for (const value of type.getValues()) addInput(type.name, value, ['period']);
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields()))
        addInput(type.name, field, ['and', 'or', 'not', 'period']);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      if (isLeafType(getNamedType(field.type))) add(coordinate, classIn(field.extensions));
      for (const { name } of field.args) {
        const column = namesColumn.get(`${coordinate}(${name}:)`);
        add(`${coordinate}(${name}:)`, column ? named.get(`${column.type}Where.${column.column}`) : 'O');
      }
    }
  }
  if (missing.length > 0)
    throw new Error(
      `No sensitivity class is declared for ${missing.join(', ')}. Give each one (see src/schema/declare/classed.ts).`,
    );
  return found;
}

/** Inputs whose members are columns of a dataset. */
const inputs: ReadonlySet<string> = new Set(
  datasets.flatMap(({ type: { name } }) => [`${name}Where`, `${name}Column`, `${name}Dimension`]),
);

function ofColumns(): ReadonlyMap<string, Sensitivity> {
  const found = new Map<string, Sensitivity>();
  for (const dataset of datasets) {
    const { name } = dataset.type;
    for (const column of columnsOf(dataset))
      for (const input of ['Where', 'Column'])
        found.set(`${name}${input}.${column.name}`, column.sensitivity);
    if (dataset.kind === 'row') continue;
    for (const by of dataset.by) {
      const own = [...dataset.dimensions.values()].filter((column) => column.by === by);
      const sensitivity = strictest(own.map((column) => column.sensitivity));
      if (sensitivity) found.set(`${name}Dimension.${by}`, sensitivity);
    }
  }
  return found;
}

const columnsOf = (dataset: Dataset): { readonly name: string; readonly sensitivity: Sensitivity }[] =>
  dataset.kind === 'row'
    ? [...dataset.columns.values()]
    : [...dataset.dimensions.values(), ...dataset.measures.values()];
