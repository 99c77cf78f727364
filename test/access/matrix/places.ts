/** The places of a document where a name of a dataset can stand, one a clause. */

export interface Asking {
  readonly query: string;
  readonly variables?: object;
}

export interface DatasetAt {
  /** Root field, or field of a patient. */
  readonly key: string;
  /** Name of the GraphQL type of a row. */
  readonly type: string;
  /** Dimension that the name stands for or belongs to: exact figures are filtered by names within it only. */
  readonly by?: string;
  /** The name is that of a token, which is never null and looked for by its value. */
  readonly token?: boolean;
}

export type Place = (of: DatasetAt, name: string) => Asking;

const splitBy = ({ by }: DatasetAt): string => (by === undefined ? '' : `by: [${by}], `);
const condition = ({ token }: DatasetAt): string => (token ? 'eq: "nobody"' : 'isNull: false');
const plain = (query: string): Asking => ({ query });

/** From which list a role comes to the patient of a row, and on to other rows. */
const listBeside = (key: string): string => (key === 'episodes' ? 'edAttendances' : 'episodes');
const below = (key: string, what: string): Asking =>
  plain(`{ ${listBeside(key)}(first: 8) { nodes { patient { ${what} } } } }`);

/** Clauses in which a column of a list stands. */
export const columnPlaces: Readonly<Record<string, Place>> = {
  select: ({ key }, name) => plain(`{ ${key} { nodes { ${name} } } }`),
  'select through an edge': ({ key }, name) => plain(`{ ${key} { edges { node { ${name} } } } }`),
  'select by another name': ({ key }, name) => plain(`{ ${key} { nodes { other: ${name} } } }`),
  'select in a fragment': ({ key, type }, name) =>
    plain(`{ ${key} { nodes { ...columns } } } fragment columns on ${type} { ${name} }`),
  filter: (of, name) =>
    plain(`{ ${of.key}(${splitBy(of)}where: { ${name}: { ${condition(of)} } }) { totalCount } }`),
  'filter within another': (of, name) =>
    plain(
      `{ ${of.key}(${splitBy(of)}where: { not: { or: [{ ${name}: { ${condition(of)} } }] } }) { totalCount } }`,
    ),
  'filter in a variable': (of, name) => ({
    query: `query ($where: ${of.type}Where) { ${of.key}(${splitBy(of)}where: $where) { totalCount } }`,
    variables: { where: { [name]: of.token ? { eq: 'nobody' } : { isNull: false } } },
  }),
  order: ({ key }, name) =>
    plain(`{ ${key}(orderBy: [{ column: ${name} }], first: 2) { pageInfo { endCursor } } }`),
  'order in a variable': ({ key, type }, name) => ({
    query: `query ($order: [${type}Order!]) { ${key}(orderBy: $order, first: 2) { totalCount } }`,
    variables: { order: [{ column: name, direction: 'DESC' }] },
  }),
};

/** Filtered by a column and in its order, from the start or from a cursor on. */
export const byColumn = (of: DatasetAt, name: string, cursor?: string): Asking =>
  plain(
    `{ ${of.key}(${splitBy(of)}where: { ${name}: { ${condition(of)} } }, orderBy: [{ column: ${name} }], first: 2${cursor === undefined ? '' : `, after: "${cursor}"`}) { totalCount pageInfo { endCursor } } }`,
  );

/** The same of the rows below others. */
export const byColumnNested = (of: DatasetAt, name: string): Asking =>
  below(
    of.key,
    `${of.key}(where: { ${name}: { ${condition(of)} } }, orderBy: [{ column: ${name} }], first: 2) { totalCount }`,
  );

/** Clauses in which a dimension stands. */
export const dimensionPlaces: Readonly<Record<string, Place>> = {
  'group by': ({ key }, name) => plain(`{ ${key}(by: [${name}]) { totalCount } }`),
  'group by in a variable': ({ key, type }, name) => ({
    query: `query ($by: [${type}Dimension!]!) { ${key}(by: $by) { totalCount } }`,
    variables: { by: [name] },
  }),
};

/** Clauses in which a column of rows below others stands. */
export const nestedPlaces: Readonly<Record<string, Place>> = {
  'nested select': ({ key }, name) => below(key, `${key}(first: 2) { nodes { ${name} } }`),
  'nested filter': (of, name) =>
    below(of.key, `${of.key}(where: { ${name}: { ${condition(of)} } }, first: 2) { totalCount }`),
  'nested order': ({ key }, name) =>
    below(key, `${key}(orderBy: [{ column: ${name} }], first: 2) { totalCount }`),
};

/** Ways to a column of the patient. */
export const patientPlaces: Readonly<Record<string, Place>> = {
  'select of a patient': (_of, name) => plain(`{ patient(id: "nobody") { ${name} } }`),
  'nested select': ({ key }, name) => below(key, name),
};

/** Clauses in which a whole dataset stands. */
export const datasetPlaces: Readonly<Record<string, Place>> = {
  'root field': (_of, name) => plain(`{ ${name} { __typename } }`),
  'root field with arguments': (_of, name) => plain(`{ ${name}(first: 1) { nodes { __typename } } }`),
  'below a patient': (_of, name) => plain(`{ patient(id: "nobody") { ${name} { totalCount } } }`),
  'its columns in the catalogue': (_of, name) => plain(`{ datasets { ${name} } }`),
};

/** Places of a name of a type that belongs to a dataset. */
export const typePlaces: Readonly<Record<string, Place>> = {
  introspection: (_of, name) => plain(`{ __type(name: "${name}") { name fields { name } } }`),
  fragment: (_of, name) => plain(`{ release { ... on ${name} { __typename } } }`),
  'a variable': (_of, name) => plain(`query ($one: ${name}Where) { release { id } }`),
};
