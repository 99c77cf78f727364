import { bool, contract, date, decimal, integer, text } from './contract.js';
import { createdTimestamp, knownPatient, patientId } from './identity.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  patient_id: patientId(),
  journey_start_date: date('Q', 'First event of the patient.', { bound: 'planned' }),
  journey_end_date: date('Q', 'Last event of the patient.', { bound: 'planned' }),
  total_events: integer(0, 1_000_000)('Q', 'Events over all settings, as the supplier counted them.', {
    mustExist: true,
  }),
  total_cost: decimal(15, 2)('S', 'Cost in pounds by the price table, as the supplier summed it.', {
    mustExist: true,
  }),
  care_settings_used: text(200)('Q', 'Settings, comma-separated.'),
  care_transitions: text(8_000)('Q', 'Moves between settings, repeats included; not our transitions.'),
  integrated_care_episode: bool('Q', 'More than one setting.'),
  high_intensity: bool('Q', 'More than ten events.'),
  created_timestamp: createdTimestamp(),
};

export const patientJourneys = contract({
  dataset: 'patient_journeys',
  version: 1,
  description: "The supplier's own totals a patient; read only to reconcile ours with them.",
  key: ['patient_id'],
  duplicateRule: 'JOURNEY_DUPLICATE',
  requiredForRelease: false,
  freshness: 'created_timestamp',
  columns,
  rules: noNegatives(columns),
  references: [knownPatient],
});
