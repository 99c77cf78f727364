import { type DocumentNode, Kind, OperationTypeNode, parse, type SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../../audit/canonical.js';
import { documentRecord } from '../../audit/document.js';
import type { Limits } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';
import { mayBeKept } from '../../resolvers/kept-answers.js';
import { assertWithinLimits } from './document-limits.js';

/** A document as it was sent, and what is known of it before anybody looks at its schema. */
export interface Operation {
  /** Undefined where it cannot be parsed: Apollo Server says so. */
  readonly document: DocumentNode | undefined;
  /** It is a query, and its answer the same for the same grant and release. */
  readonly mayBeKept: boolean;
  /** As the audit keeps it. */
  readonly record: JsonObject | undefined;
  /** Somebody who sent it has had to take turns with others. */
  takesTurns: boolean;
}

/** Characters of documents that are remembered. */
const remembered = 4_000_000;

/** Documents by their text, so that one that comes again is not parsed, measured and written down again. */
export function operations(limits: Limits): {
  /** Error: `QUERY_TOO_COMPLEX`. */
  get(query: string): Operation;
} {
  const known = new LRUCache<string, Operation | MaplewoodError>({
    maxSize: remembered,
    // Its tree is some ten times as large as its text; short ones cost as much as some characters do.
    sizeCalculation: (_operation, query) => query.length + 100,
  });
  return {
    get(query) {
      let operation = known.get(query);
      if (!operation) {
        operation = measured(query, limits);
        known.set(query, operation);
      }
      if (operation instanceof MaplewoodError) throw operation;
      return operation;
    },
  };
}

function measured(query: string, limits: Limits): Operation | MaplewoodError {
  const document = parsed(query, limits.tokens);
  if (!document) return { document, mayBeKept: false, record: undefined, takesTurns: false };
  try {
    assertWithinLimits(document, limits);
  } catch (error) {
    if (error instanceof MaplewoodError) return error;
    throw error;
  }
  return { document, mayBeKept: isKept(document), record: documentRecord(document), takesTurns: false };
}

function parsed(query: string, maxTokens: number): DocumentNode | undefined {
  try {
    return parse(query, { maxTokens, noLocation: true });
  } catch {
    return undefined;
  }
}

function isKept(document: DocumentNode): boolean {
  const [operation] = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (operation?.operation !== OperationTypeNode.QUERY) return false;
  const names = new Set<string>();
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        for (const one of document.definitions)
          if (one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value)
            collect(one.selectionSet);
      }
    }
  };
  collect(operation.selectionSet);
  return mayBeKept(names);
}
