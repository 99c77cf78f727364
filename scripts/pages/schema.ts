import 'reflect-metadata';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { schemaText } from '../../src/resolvers/print-schema.js';
import type { Page } from './page.js';

/** `schema/<role>.graphql`: what each role can ask for, as text. */
export const schemaPages = (): Page[] =>
  [...buildRoleSchemas()].map(([role, schema]) => ({
    path: `schema/${role}.graphql`,
    text: schemaText(schema),
  }));
