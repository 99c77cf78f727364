import { factSpell } from '../../warehouse/gold/facts.js';
import { declareFact } from './declare.js';
import { spellColumns, spellJoins } from './spell-columns.js';

export const spell = declareFact({
  name: 'spell',
  description: 'Stays in hospital from the day of admission on; what the discharge tells is null until it.',
  table: factSpell,
  key: 'spell_sk',
  joins: spellJoins,
  columns: spellColumns,
  time: 'admission_date',
  trust: 'trust_code',
  defaultColumn: 'admission_date',
  dataset: 'episodes',
  fhir: 'Encounter?patient={{context.patientId}}&class=IMP&_include=Encounter:diagnosis',
});
