import { bool, contract, integer, localTime, text } from './contract.js';
import {
  createdTimestamp,
  eventId,
  knownPatient,
  knownTrust,
  nhsNumber,
  nhsNumberRules,
  patientId,
  trustCodePattern,
} from './identity.js';
import { noNegatives } from './no-negatives.js';

/** Texts of the source's own list; `ed_complaint` in `reference/` gives them local codes. */
const complaints = [
  'Abdominal pain',
  'Allergic reaction',
  'Back pain',
  'Chest pain',
  'Collapse',
  'Fall',
  'Fever',
  'Head injury',
  'Headache',
  'Limb problems',
  'Mental health',
  'Other',
  'Shortness of breath',
  'Urinary problems',
  'Wounds',
];

/** Names of investigations that gold keeps; others are text of the source and stay in silver. */
export const investigationNames = [
  'Blood tests',
  'CT scan',
  'ECG',
  'MRI',
  'Ultrasound',
  'Urinalysis',
  'X-ray',
] as const;

const columns = {
  attendance_id: eventId('Id of the attendance.'),
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  trust_code: text(6)('O', 'Trust of the emergency department.', {
    required: true,
    upper: true,
    pattern: trustCodePattern,
    defaults: ['X99998', 'X99999', '89997', '89999'],
  }),
  arrival_datetime: localTime('Q', 'Arrival, local time.', { required: true, bound: 'event' }),
  departure_datetime: localTime('Q', 'Departure, local time; empty while the patient is present.', {
    mustExist: true,
    bound: 'event',
  }),
  triage_category: integer(1, 5)('Q', 'Triage category, 1 most urgent.', { mustExist: true }),
  presenting_complaint: text(100)('Q', 'Presenting complaint, text of the source.', { codes: complaints }),
  discharge_destination: text(2)(
    'Q',
    "Where the patient went; the source's own list, not that of the spells.",
    {
      mustExist: true,
      codes: 'ed_destination',
    },
  ),
  time_to_treatment_mins: integer(0, 100_000)('Q', 'Minutes from arrival to treatment.', { mustExist: true }),
  total_time_mins: integer(0, 100_000)('Q', 'Minutes from arrival to departure as supplied.', {
    mustExist: true,
  }),
  investigations: text(400)('S', 'Investigations, comma-separated texts.'),
  referred_to_specialist: bool('Q', 'Referred to a specialist.'),
  safeguarding_concern: bool('S', 'A safeguarding concern was raised.'),
  created_timestamp: createdTimestamp(),
};

export const ecdsAttendances = contract({
  dataset: 'ecds_attendances',
  version: 1,
  description: 'Attendances at emergency departments.',
  key: ['attendance_id'],
  duplicateRule: 'ATTENDANCE_DUPLICATE',
  requiredForRelease: false,
  freshness: 'arrival_datetime',
  columns,
  rules: [
    {
      id: 'ED_DEPARTURE_NOT_AFTER_ARRIVAL',
      column: 'departure_datetime',
      action: 'reject',
      violated: 'departure_datetime <= arrival_datetime',
      reason: 'the departure does not lie after the arrival',
    },
    ...noNegatives(columns),
    ...nhsNumberRules,
    {
      id: 'ED_TREATED_AFTER_LEAVING',
      column: 'time_to_treatment_mins',
      action: 'warn',
      violated: 'time_to_treatment_mins > total_time_mins',
      reason: 'the treatment began after the patient had left',
    },
  ],
  references: [knownPatient, knownTrust],
});
