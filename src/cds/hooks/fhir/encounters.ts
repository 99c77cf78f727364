import { diagnosesOf, refersToUnknown } from './diagnoses.js';
import {
  anyCode,
  codeOf,
  daysBetween,
  extensionCode,
  instantOf,
  type Json,
  londonDay,
  part,
  text,
} from './resource.js';
import { ageOn, type Prefetched, type Twin, type TwinRow, toldBy } from './twin.js';

/** Classes of HL7 v3 by what they are here. */
const classes = {
  spell: ['IMP', 'ACUTE', 'NONAC'],
  attendance: ['EMER'],
  contact: ['AMB', 'HH', 'VR'],
} as const;
const noEvent: readonly string[] = ['planned', 'cancelled', 'entered-in-error'];

/** Encounters of a kind; of inpatient ones within another one the other one alone, which is the spell. */
function encounters(kind: keyof typeof classes, resources: readonly Json[]): readonly Json[] {
  const kinds: readonly string[] = classes[kind];
  const found = resources.filter(
    (one) =>
      one['resourceType'] === 'Encounter' &&
      !noEvent.includes(text(one, 'status') ?? '') &&
      kinds.includes((text(part(one, 'class'), 'code') ?? '').toUpperCase()),
  );
  if (kind !== 'spell') return found;
  const ids = new Set(found.flatMap((one) => text(one, 'id') ?? []));
  return found.filter((one) => {
    const outside = /(?:^|\/)Encounter\/([^/]+)$/.exec(text(part(one, 'partOf'), 'reference') ?? '')?.[1];
    return outside === undefined || outside === text(one, 'id') || !ids.has(outside);
  });
}

const start = (encounter: Json): string | null => text(part(encounter, 'period'), 'start');
const end = (encounter: Json): string | null => text(part(encounter, 'period'), 'end');
const disposition = (encounter: Json): Json =>
  part(part(encounter, 'hospitalization'), 'dischargeDisposition');
const isHl7 = (system: string): boolean =>
  /terminology\.hl7\.org\/CodeSystem\/discharge-disposition$/.test(system);
const isUkDestination = (system: string): boolean =>
  /(UKCore-DischargeDestination(England)?|DischargeDestination)$/.test(system);
const twoCharacters = (code: string | null): string | null =>
  code !== null && /^[0-9A-Z]{2}$/.test(code) ? code : null;

function trustCode(encounter: Json): string | null {
  const { system, value } = part(part(encounter, 'serviceProvider'), 'identifier');
  const isOds = system === 'https://fhir.nhs.uk/Id/ods-organization-code';
  return isOds && typeof value === 'string' && /^[A-Z0-9]{3,5}$/.test(value) ? value : null;
}

/** Of HL7's list only home and death have one meaning in the national one too. */
const homeOrDied: Readonly<Record<string, string>> = { home: '19', exp: '79' };

const spellColumns = [
  'trust_code',
  'admission_date',
  'admission_method',
  'specialty',
  'primary_diagnosis',
  'diagnoses',
  'age',
  'discharge_date',
  'length_of_stay',
  'discharge_destination',
] as const;

function spellRow(encounter: Json, prefetched: Prefetched): TwinRow | undefined {
  const admitted = londonDay(start(encounter));
  const discharged = londonDay(end(encounter));
  // Dates the wrong way round are no stay.
  if (admitted === null || (discharged !== null && discharged < admitted)) return undefined;
  const codes = diagnosesOf(encounter, prefetched);
  const destination =
    twoCharacters(codeOf(disposition(encounter), isUkDestination)) ??
    homeOrDied[codeOf(disposition(encounter), isHl7) ?? ''] ??
    null;
  const specialty = anyCode(part(encounter, 'serviceType'));
  return {
    trust_code: trustCode(encounter),
    admission_date: admitted,
    admission_method: twoCharacters(extensionCode(encounter, /UKCore-AdmissionMethod$/)),
    specialty: specialty !== null && /^[0-9]{3}$/.test(specialty) ? specialty : null,
    primary_diagnosis: codes[0] ?? null,
    diagnoses: codes.length === 0 ? null : codes.join(','),
    age: ageOn(prefetched.born, admitted),
    discharge_date: discharged,
    length_of_stay: discharged === null ? null : daysBetween(admitted, discharged),
    discharge_destination: discharged === null ? null : destination,
  };
}

const spellTwinOf = (fact: 'spell' | 'discharge'): Twin => ({
  fact,
  columns: spellColumns,
  rows(resources, prefetched) {
    const stays = encounters('spell', resources);
    const rows = stays.flatMap((one): TwinRow[] => {
      const row = spellRow(one, prefetched);
      return row ? [row] : [];
    });
    return {
      columns: toldBy(this, [
        [prefetched.born !== null, ['age']],
        [!stays.some((one) => refersToUnknown(one, prefetched)), ['primary_diagnosis', 'diagnoses']],
      ]),
      rows: fact === 'spell' ? rows : rows.filter(({ discharge_date }) => discharge_date !== null),
    };
  },
});

export const spellTwin = spellTwinOf('spell');
export const dischargeTwin = spellTwinOf('discharge');

/** The list of destinations of emergency departments: home, another hospital, died, left. */
const edDestinations: Readonly<Record<string, string>> = {
  home: '01',
  'other-hcf': '03',
  exp: '04',
  aadvice: '05',
};

export const attendanceTwin: Twin = {
  fact: 'ed_attendance',
  columns: [
    'trust_code',
    'arrival_datetime',
    'triage_category',
    'age',
    'departure_datetime',
    'total_time_mins',
    'discharge_destination',
  ],
  rows: (resources, prefetched) => ({
    columns: toldBy(attendanceTwin, [[prefetched.born !== null, ['age']]]),
    rows: encounters('attendance', resources).flatMap((encounter): TwinRow[] => {
      const arrived = instantOf(start(encounter));
      const departed = instantOf(end(encounter));
      if (arrived === null || (departed !== null && departed < arrived)) return [];
      const triage = anyCode(part(encounter, 'priority'));
      return [
        {
          trust_code: trustCode(encounter),
          arrival_datetime: arrived,
          triage_category: triage !== null && /^[1-5]$/.test(triage) ? Number(triage) : null,
          age: ageOn(prefetched.born, londonDay(start(encounter))),
          departure_datetime: departed,
          total_time_mins:
            departed === null ? null : Math.floor((Date.parse(departed) - Date.parse(arrived)) / 60_000),
          discharge_destination:
            departed === null ? null : (edDestinations[codeOf(disposition(encounter), isHl7) ?? ''] ?? null),
        },
      ];
    }),
  }),
};

export const contactTwin: Twin = {
  fact: 'community_contact',
  columns: ['contact_date', 'age'],
  rows: (resources, prefetched) => ({
    columns: toldBy(contactTwin, [[prefetched.born !== null, ['age']]]),
    rows: encounters('contact', resources).flatMap((encounter): TwinRow[] => {
      const day = londonDay(start(encounter));
      return day === null ? [] : [{ contact_date: day, age: ageOn(prefetched.born, day) }];
    }),
  }),
};
