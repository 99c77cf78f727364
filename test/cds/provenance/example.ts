import { parseFile } from '../../../src/cds/arden/parse.js';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import type { ValueSet } from '../../../src/cds/facts/fact.js';
import { registryOf } from '../../../src/cds/facts/registry.js';
import type { Gem } from '../../../src/cds/provenance/gem.js';

const copd: ValueSet = {
  name: 'copd',
  codes: [{ system: 'icd10', code: 'J44', match: 'prefix', display: 'COPD', source: 'ICD-10' }],
};
export const registry = registryOf(new Map([['copd', copd]]));

const text = (data: string, links: string): string => `maintenance:
  title: Example;; mlmname: example;; arden: Version 2.10;; version: 1.0.0;; institution: Maplewood;;
  author: Group;; specialist: ;; date: 2026-01-01;; validation: production;;
library:
  purpose: Find examples;; explanation: Of spells;; keywords: example;;
  citations:
    1. SUPPORT One book.
    2. REFUTE Another book.;;
  links: ${links};;
knowledge:
  type: data_driven;;
  data: ${data};;
  evoke: ;;
  logic: CONCLUDE admitted IS PRESENT;;
  action: WRITE "An example.";;
resources:
  default: en;; language: en ;; end:
`;

/** The data slot of a rule that the provenance below is of. */
export const lastSpell =
  "admitted := READ LAST {spell: admission_date where diagnoses in valueset 'copd'};\n";

/** A strict MLM with this data slot. */
export function mlmOf(data: string, links = `OTHER_LINK "gem", 'example.gem.yaml'`): Mlm {
  const { mlms, diagnostics } = parseFile(new TextEncoder().encode(text(data, links)), { mode: 'strict' });
  const [mlm] = mlms;
  if (!mlm || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return mlm;
}

export const gem: Gem = {
  guideline: {
    title: 'A guideline',
    identifier: 'G1',
    publisher: 'A college',
    version: '1',
    published: '2020',
    url: 'https://example.org/g1',
    licence: 'open',
  },
  recommendation: {
    id: '1.1',
    text: 'Look for examples.',
    strength: 'should',
    evidence: { system: 'GRADE', quality: 'low' },
    source: 'inferred',
  },
  target_population: { inclusion: ['everybody'], exclusion: ['nobody'] },
  decision_variables: [{ name: 'latest spell', read_var: 'admitted', fact: 'spell', valueset: 'copd' }],
  actions: [{ text: 'Look again', type: 'review' }],
  flexibility: 'None.',
  review: { next: '2027-06-30', owner: 'the group' },
  deviations: [{ what: 'Less.', why: 'No data.' }],
  delivery: {
    objectives: ['C'],
    audience: ['clinician'],
    hooks: ['patient-view'],
    subject: 'admitted',
    suppress_days: 30,
  },
};
