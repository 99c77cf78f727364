import type { JsonObject } from './canonical.js';
import { patientsOf } from './record.js';

/*
 * FHIR R4 AuditEvent (http://hl7.org/fhir/R4/auditevent.html) after IHE ITI Basic Audit Log Patterns 1.1.3, profiles
 * "Query" and "PatientQuery" (https://profiles.ihe.net/ITI/BALP/StructureDefinition-IHE.BasicAudit.PatientQuery.html). As
 * in DICOM, on which they are based, the client is the source and the server the destination, although data flow the
 * other way.
 */

const balp = 'https://profiles.ihe.net/ITI/BALP';
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const terminology = 'http://terminology.hl7.org/CodeSystem';

/** What events are made for. */
export interface EventContext {
  /** Address of the server, which names it and its identifiers. */
  readonly site: string;
}

/** A patient as a recipient knows them. */
export interface EventPatient {
  readonly token: string;
  readonly recipient: string;
}

/**
 * The event of a record. With a patient it is the one about that patient: a record of several has an event for each of them,
 * as the profile wants it. Only what a profile allows claims it: it is for successful queries.
 */
export function auditEvent(
  record: JsonObject,
  { site }: EventContext,
  patient?: EventPatient & { readonly place: number },
): JsonObject {
  const { seq, ts, requestId, code, purpose, sourceIp, count } = record;
  const principal = (record['principal'] ?? undefined) as JsonObject | undefined;
  const op = (record['op'] ?? undefined) as JsonObject | undefined;
  const outcome = outcomeOf(record);
  const profile =
    outcome === '0' && op
      ? `${balp}/StructureDefinition/IHE.BasicAudit.${patient ? 'Patient' : ''}Query`
      : undefined;
  const reason =
    purpose === undefined ? undefined : [concept(`${terminology}/v3-ActReason`, String(purpose))];
  const patients = patientsOf(record);
  return {
    resourceType: 'AuditEvent',
    id: patient ? `${String(seq)}-${patient.place}` : String(seq),
    ...(profile ? { meta: { profile: [profile] } } : {}),
    type: coding(`${terminology}/audit-event-type`, 'rest', 'Restful Operation'),
    subtype: [
      coding('http://hl7.org/fhir/restful-interaction', op?.['kind'] === 'mutation' ? 'operation' : 'search'),
      ...(record['kind'] === 'break-glass' ? [coding(dicom, '110127', 'Emergency Override Started')] : []),
    ],
    action: 'E',
    recorded: ts,
    outcome,
    ...(code === undefined ? {} : { outcomeDesc: code }),
    ...(reason ? { purposeOfEvent: reason } : {}),
    agent: [
      {
        type: concept(dicom, '110153', 'Source Role ID'),
        who: principal ? { identifier: { value: principal['azp'] } } : { display: 'not authenticated' },
        requestor: principal?.['idtyp'] !== 'user',
        // Addresses are not kept: this is the digest of one, of the day.
        network: { address: `hmac-sha256:${String(sourceIp)}` },
      },
      {
        type: concept(dicom, '110152', 'Destination Role ID'),
        who: { display: site },
        requestor: false,
        network: { address: site, type: '5' },
      },
      ...(principal?.['idtyp'] === 'user' ? [userOf(principal, reason)] : []),
    ],
    source: {
      site,
      observer: { display: site },
      type: [coding(`${terminology}/security-source-type`, '4', 'Application Server')],
    },
    entity: [
      {
        what: { identifier: { value: requestId } },
        type: coding(`${balp}/CodeSystem/BasicAuditEntityType`, 'XrequestId'),
        // The first of several that were turned away.
        ...(typeof count === 'number' && count > 1
          ? { detail: [{ type: 'requests', valueString: String(count) }] }
          : {}),
      },
      ...(op ? [queryOf(op)] : []),
      ...(patient ? [patientOf(patient, site)] : patients > 0 ? [countOf(patients)] : []),
    ],
  };
}

/**
 * 0: it was done. 4: it was not, or not in full, for a reason that lies with the request. 8: for one that lies with the
 * server. 12: the server can do nothing of the kind for the moment (http://hl7.org/fhir/R4/valueset-audit-event-outcome.html).
 */
function outcomeOf({ outcome, code }: JsonObject): '0' | '4' | '8' | '12' {
  if (outcome === 'failed') return isDown.test(String(code)) ? '12' : '8';
  return ['partly', 'refused', 'cancelled'].includes(String(outcome)) ? '4' : '0';
}
const isDown = /_UNAVAILABLE$|^SHUTTING_DOWN$/;

const userOf = (principal: JsonObject, reason: readonly JsonObject[] | undefined): JsonObject => ({
  type: concept(`${terminology}/v3-ParticipationType`, 'IRCP', 'information recipient'),
  ...(principal['role'] === undefined ? {} : { role: [{ text: principal['role'] }] }),
  who: { identifier: { system: `urn:uuid:${String(principal['tid'])}`, value: principal['oid'] } },
  requestor: true,
  ...(reason ? { purposeOfUse: reason } : {}),
});

const queryOf = ({ document }: JsonObject): JsonObject => ({
  type: coding(`${terminology}/audit-entity-type`, '2', 'System Object'),
  role: coding(`${terminology}/object-role`, '24', 'Query'),
  query: Buffer.from(String(document)).toString('base64'),
});

const person = {
  type: coding(`${terminology}/audit-entity-type`, '1', 'Person'),
  role: coding(`${terminology}/object-role`, '1', 'Patient'),
};

const patientOf = ({ token, recipient }: EventPatient, site: string): JsonObject => ({
  what: {
    type: 'Patient',
    identifier: { system: `${site}/recipients/${encodeURIComponent(recipient)}`, value: token },
  },
  ...person,
});

const countOf = (patients: number): JsonObject => ({
  ...person,
  detail: [{ type: 'patients', valueString: String(patients) }],
});

function coding(system: string, code: string, display?: string): JsonObject {
  return { system, code, ...(display === undefined ? {} : { display }) };
}

const concept = (system: string, code: string, display?: string): JsonObject => ({
  coding: [coding(system, code, display)],
});
