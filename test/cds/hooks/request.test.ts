import { readFeedback } from '../../../src/cds/hooks/feedback.js';
import { readRequest } from '../../../src/cds/hooks/request.js';
import { call, overridden, patientId } from './builders.js';
import { brokenInFeedback, brokenInRequest } from './invariants.js';

const refusal = (read: () => unknown): string => {
  try {
    read();
    return 'taken';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    expect(code).toBe('BAD_USER_INPUT');
    return message;
  }
};
const context = { userId: 'Practitioner/1', patientId };
const authorization = {
  access_token: 'some-opaque-token',
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'user/Patient.read',
  subject: 'maplewood',
};
const withServer = (fhirAuthorization: object): object =>
  call({ fhirServer: 'https://ehr.example/fhir', fhirAuthorization });

describe('POST /cds-services/{id}: the body', () => {
  it('is read with what it must have, and with nothing that it may have', () => {
    expect(readRequest(call(), 'patient-view')).toEqual({
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      userId: 'Practitioner/1',
      patientId,
      encounterId: undefined,
      draftOrders: undefined,
      prefetch: undefined,
    });
  });

  it.each<[string, unknown]>([
    ['is no object', [call()]],
    ['is null', null],
    ['has no hook', call({ hook: undefined })],
    ['has the hook of another service', call({ hook: 'order-sign' })],
    ['has no hookInstance', call({ hookInstance: undefined })],
    ['has a hookInstance that is no UUID', call({ hookInstance: '1' })],
    ['has no context', call({ context: undefined })],
    ['has a context that is a list', call({ context: [context] })],
    ['has no userId', call({ context: { patientId } })],
    ['has an empty userId', call({ context: { ...context, userId: ' ' } })],
    ['has no patientId', call({ context: { userId: 'a' } })],
    ['has a patientId that is a number', call({ context: { ...context, patientId: 1 } })],
    ['has an encounterId that is no text', call({ context: { ...context, encounterId: {} } })],
    ['has a prefetch that is a list', call({ prefetch: [] })],
    ['has a fhirServer that is no address', call({ fhirServer: 'ftp://ehr.example' })],
    ['has fhirAuthorization without fhirServer', call({ fhirAuthorization: authorization })],
  ])('is refused where it %s', (_what, body) => {
    expect(refusal(() => readRequest(body, 'patient-view'))).not.toBe('taken');
  });

  it('holds the invariant cds-r-1 wherever it is taken', () => {
    const broken = call({ fhirAuthorization: authorization });
    expect(brokenInRequest(broken)).toEqual(['cds-r-1']);
    expect(refusal(() => readRequest(broken, 'patient-view'))).toContain('fhirServer');
    expect(brokenInRequest(withServer(authorization))).toEqual([]);
    expect(refusal(() => readRequest(withServer(authorization), 'patient-view'))).toBe('taken');
  });

  it('may break cds-r-2, which is a warning', () => {
    const warned = withServer({ ...authorization, scope: 'patient/Observation.read' });
    expect(brokenInRequest(warned)).toEqual(['cds-r-2']);
    expect(refusal(() => readRequest(warned, 'patient-view'))).toBe('taken');
  });

  it.each(['access_token', 'token_type', 'expires_in', 'scope', 'subject'])(
    'is refused where fhirAuthorization has no %s',
    (name) => {
      const body = withServer({ ...authorization, [name]: undefined });
      expect(refusal(() => readRequest(body, 'patient-view'))).toContain(name);
    },
  );

  it('takes no other token than a bearer token', () => {
    const body = withServer({ ...authorization, token_type: 'MAC' });
    expect(refusal(() => readRequest(body, 'patient-view'))).toContain('token_type');
  });

  it('needs an encounterId at encounter-start', () => {
    const start = call({ hook: 'encounter-start' });
    expect(refusal(() => readRequest(start, 'encounter-start'))).toContain('encounterId');
    const full = call({ hook: 'encounter-start', context: { ...context, encounterId: 'e1' } });
    expect(readRequest(full, 'encounter-start').encounterId).toBe('e1');
  });

  it('needs an encounterId at encounter-discharge, and draftOrders at order-sign', () => {
    const discharge = call({ hook: 'encounter-discharge' });
    expect(refusal(() => readRequest(discharge, 'encounter-discharge'))).toContain('encounterId');
    const signing = (draftOrders?: unknown) =>
      call({ hook: 'order-sign', context: { ...context, draftOrders } });
    for (const orders of [undefined, null, [], { resourceType: 'MedicationRequest' }])
      expect(refusal(() => readRequest(signing(orders), 'order-sign'))).toContain('draftOrders');
    const orders = { resourceType: 'Bundle', entry: [] };
    expect(readRequest(signing(orders), 'order-sign').draftOrders).toEqual(orders);
  });

  it('may have members that nobody knows, such as those of the draft of version 3', () => {
    const body = call({ hookVersion: '1.0', version: 'STU3', extension: { a: 1 } });
    expect(refusal(() => readRequest(body, 'patient-view'))).toBe('taken');
  });

  it('is not quoted in a refusal', () => {
    const secret = 'Zq7Xmarker';
    for (const name of ['hook', 'hookInstance', 'context', 'prefetch', 'fhirServer', 'fhirAuthorization'])
      expect(refusal(() => readRequest(call({ [name]: secret }), 'patient-view'))).not.toContain(secret);
  });
});

describe('POST /cds-services/{id}/feedback: the body', () => {
  const card = 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea';
  const read = (...list: readonly unknown[]) => readFeedback({ feedback: list });
  const accepted = { ...overridden(card), outcome: 'accepted', overrideReason: undefined };

  it('tells what came of a card and why', () => {
    const reason = { reason: { code: 'will-monitor' }, userComment: 'seen tomorrow' };
    expect(read(overridden(card.toUpperCase(), { overrideReason: reason }))).toEqual([
      {
        card,
        outcome: 'overridden',
        reasonCode: 'will-monitor',
        comment: 'seen tomorrow',
        outcomeTimestamp: '2026-11-26T12:05:00Z',
      },
    ]);
    expect(read(overridden(card, { overrideReason: undefined }))[0]?.reasonCode).toBeNull();
    expect(read({ ...accepted, acceptedSuggestions: [{ id: card }] })[0]?.outcome).toBe('accepted');
  });

  it.each<[string, object, readonly string[]]>([
    ['cds-fb-1', overridden(card, { outcome: 'ignored' }), ['cds-fb-1']],
    ['cds-fb-2', accepted, ['cds-fb-2']],
    ['cds-fb-3', overridden(card, { overrideReason: { note: 'x' } }), ['cds-fb-3']],
  ])('is refused where it breaks %s', (_name, one, broken) => {
    expect(brokenInFeedback({ feedback: [one] })).toEqual(broken);
    expect(refusal(() => read(one))).not.toBe('taken');
    expect(brokenInFeedback({ feedback: [overridden(card)] })).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['no list', { feedback: overridden(card) }],
    ['an empty list', { feedback: [] }],
    ['a hundred and one', { feedback: Array.from({ length: 101 }, () => overridden(card)) }],
    ['no object', { feedback: [card] }],
    ['no card', { feedback: [overridden(card, { card: undefined })] }],
    ['a card that is no UUID', { feedback: [overridden('42')] }],
    ['no outcome', { feedback: [overridden(card, { outcome: undefined })] }],
    ['no time', { feedback: [overridden(card, { outcomeTimestamp: undefined })] }],
    [
      'a time of another zone',
      { feedback: [overridden(card, { outcomeTimestamp: '2026-11-26T12:05:00+02:00' })] },
    ],
    ['a day', { feedback: [overridden(card, { outcomeTimestamp: '2026-11-26' })] }],
    [
      'a time that does not exist',
      { feedback: [overridden(card, { outcomeTimestamp: '2026-13-26T12:05:00Z' })] },
    ],
    ['an empty list of suggestions', { feedback: [{ ...accepted, acceptedSuggestions: [] }] }],
    ['a suggestion without id', { feedback: [{ ...accepted, acceptedSuggestions: [{}] }] }],
    [
      'a reason without code',
      { feedback: [overridden(card, { overrideReason: { reason: { display: 'x' } } })] },
    ],
    ['a comment that is no text', { feedback: [overridden(card, { overrideReason: { userComment: 1 } })] }],
    [
      'a comment without end',
      { feedback: [overridden(card, { overrideReason: { userComment: 'x'.repeat(2_000) } })] },
    ],
    [
      'a comment that grows',
      { feedback: [overridden(card, { overrideReason: { userComment: '\u0001'.repeat(400) } })] },
    ],
  ])('is refused with %s', (_what, body) => {
    expect(refusal(() => readFeedback(body))).not.toBe('taken');
  });
});
