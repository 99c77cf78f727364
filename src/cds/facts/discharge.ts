import { sql } from 'kysely';
import { factSpell } from '../../warehouse/gold/facts.js';
import { declareFact } from './declare.js';
import { spell } from './spell.js';
import { spellColumns, spellJoins } from './spell-columns.js';

export const discharge = declareFact({
  name: 'discharge',
  description: 'Stays in hospital that have ended, at the day of discharge.',
  table: factSpell,
  key: 'spell_sk',
  joins: spellJoins,
  columns: spellColumns,
  where: (row) => sql<boolean>`${row.own('discharge_date')} is not null`,
  time: 'discharge_date',
  within: spell,
  trust: 'trust_code',
  defaultColumn: 'discharge_date',
  dataset: 'episodes',
  fhir: 'Encounter?patient={{context.patientId}}&class=IMP&status=finished&_include=Encounter:diagnosis',
});
