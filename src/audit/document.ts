import { createHash } from 'node:crypto';
import { type DocumentNode, Kind, parse, print, visit } from 'graphql';
import { identifierShapeIn } from '../access/identifier-shapes.js';
import type { JsonObject } from './canonical.js';

/** A request as it came, of which the record keeps the form. */
export interface Operation {
  readonly query: string;
  readonly variables: unknown;
}

/** An operation as the audit keeps it: its document, and a digest of its variables. */
export const operationRecord = (
  { query, variables }: Operation,
  digest: (variables: unknown) => string,
): JsonObject => ({
  ...documentRecord(parse(query, { noLocation: true })),
  variablesHmac: digest(variables),
});

/**
 * A document of one operation without any literal or alias, since both may name a patient, and the hash of that. A name that
 * looks like an identifier is none of the schema, and is left out too.
 */
export function documentRecord(document: DocumentNode): JsonObject {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  const text = print(withoutLiterals(document));
  return {
    kind: operation?.operation,
    name: operation?.name && shown(operation.name.value),
    document: text,
    docSha256: createHash('sha256').update(text).digest('hex'),
  };
}

const withoutLiterals = (document: DocumentNode): DocumentNode =>
  visit(document, {
    Field: ({ alias, ...field }) => (alias ? field : undefined),
    StringValue: (node) => ({ ...node, value: '', block: false }),
    IntValue: (node) => ({ ...node, value: '0' }),
    FloatValue: (node) => ({ ...node, value: '0' }),
    BooleanValue: () => ({ kind: Kind.BOOLEAN, value: false }),
    EnumValue: (node) => ({ ...node, value: shown(node.value) }),
    Name: (node) => ({ ...node, value: shown(node.value) }),
  });

const shown = (name: string): string => (identifierShapeIn(name) ? 'withheld' : name);
