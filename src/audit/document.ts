import { createHash } from 'node:crypto';
import { type DocumentNode, getOperationAST, Kind, parse, print, visit } from 'graphql';
import { identifierShapeIn } from '../access/identifier-shapes.js';
import type { JsonObject } from './canonical.js';

/** A request as it came, of which the record keeps the form. */
export interface Operation {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: unknown;
}

/**
 * An operation as the audit keeps it: its document without any literal or alias, since both may name a patient, the hash
 * of that, and a digest of its variables. A name that looks like an identifier is none of the schema, and is left out too.
 */
export function operationRecord(
  { query, operationName, variables }: Operation,
  digest: (variables: unknown) => string,
): JsonObject {
  const parsed = parse(query, { noLocation: true });
  const operation = getOperationAST(parsed, operationName);
  const document = print(withoutLiterals(parsed));
  return {
    kind: operation?.operation,
    name: operation?.name && shown(operation.name.value),
    document,
    docSha256: createHash('sha256').update(document).digest('hex'),
    variablesHmac: digest(variables),
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
