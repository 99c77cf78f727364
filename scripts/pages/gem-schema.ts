import { gemSchema } from '../../src/cds/provenance/gem-form.js';
import type { Page } from './page.js';

/** `rules/gem.schema.json`: what a provenance file may hold, for editors. */
export const gemSchemaPage = (): Page => ({
  path: 'rules/gem.schema.json',
  text: `${JSON.stringify(gemSchema, null, 2)}\n`,
});
