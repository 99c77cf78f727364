import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifiersFor } from '../../src/access/identifiers.js';
import { loadServiceKeys } from '../../src/access/keys.js';
import { auditEvent } from '../../src/audit/audit-event.js';
import { auditLog } from '../../src/audit/log.js';
import { audit } from '../../src/commands/audit.js';
import { ensureHome } from '../../src/config/home.js';
import { configAt, quiet } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { countOf, patientsFrom } from './records.js';

const folder = temporaryFolder();
const config = configAt(join(folder, 'home'), { MAPLEWOOD_PUBLIC_URL: 'https://maplewood.example' });
const { home } = config;
const patients = patientsFrom(1, 3);

interface Ran {
  readonly said: string;
  readonly failed?: string;
}
async function run(...args: readonly string[]): Promise<Ran> {
  let said = '';
  const out = (text: string): void => {
    said += text;
  };
  try {
    await audit.run(['export', ...args], { ...quiet(), config: () => config, out });
    return { said };
  } catch (error) {
    const { code, exitCode, message } = error as { code: string; exitCode: number; message: string };
    return { said, failed: `${code} ${exitCode} ${message}` };
  }
}
// biome-ignore lint/suspicious/noExplicitAny: events are asserted member by member
const eventsIn = (text: string): any[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

const about = {
  requestId: '2b6a1c9e-0000-4000-8000-000000000001',
  principal: { oid: 'user-1', azp: 'ward-app', tid: 'tenant-1', role: 'clinician', idtyp: 'user' },
  purpose: 'TREAT',
  sourceIp: 'ab12',
  op: { kind: 'query', name: 'Ward', document: '{ episodes { nodes { patientId } } }', docSha256: 'x' },
  ms: 12,
};
const times = ['2026-01-15T12:00:00.000Z', '2026-01-16T12:00:00.000Z', '2026-01-17T12:00:00.000Z'];

beforeAll(async () => {
  ensureHome(home);
  const { audit: key } = loadServiceKeys(home, { create: true, dev: true });
  let at = 0;
  const log = auditLog(
    { folder: home.audit, key, earlierKeys: new Set() },
    { now: () => new Date(times[at]!), elapsed: () => at * 86_400_000 },
  );
  await log.append({ kind: 'request', outcome: 'answered', ...about, ...countOf(key, patients) }, patients);
  at = 1;
  await log.append({
    kind: 'request',
    outcome: 'refused',
    code: 'NO_ROLE',
    ...about,
    principal: null,
    count: 7,
  });
  at = 2;
  await log.append({ kind: 'break-glass', outcome: 'granted', ...about, purpose: 'BTG' });
  await log.close();
});

describe('maplewood audit export', () => {
  it('writes an event a record, and of patients their number', async () => {
    const { said, failed } = await run();
    expect(failed).toBeUndefined();
    const [shown, refused, glass, ...more] = eventsIn(said);
    expect(more).toEqual([]);
    expect(shown).toEqual({
      resourceType: 'AuditEvent',
      id: '2',
      meta: { profile: ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Query'] },
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
        code: 'rest',
        display: 'Restful Operation',
      },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'search' }],
      action: 'E',
      recorded: times[0],
      outcome: '0',
      purposeOfEvent: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] },
      ],
      agent: [
        {
          type: role('110153', 'Source Role ID'),
          who: { identifier: { value: 'ward-app' } },
          requestor: false,
          network: { address: 'hmac-sha256:ab12' },
        },
        {
          type: role('110152', 'Destination Role ID'),
          who: { display: 'https://maplewood.example' },
          requestor: false,
          network: { address: 'https://maplewood.example', type: '5' },
        },
        {
          type: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
                code: 'IRCP',
                display: 'information recipient',
              },
            ],
          },
          role: [{ text: 'clinician' }],
          who: { identifier: { system: 'urn:uuid:tenant-1', value: 'user-1' } },
          requestor: true,
          purposeOfUse: shown.purposeOfEvent,
        },
      ],
      source: expect.objectContaining({ site: 'https://maplewood.example' }),
      entity: [
        {
          what: { identifier: { value: about.requestId } },
          type: {
            system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
            code: 'XrequestId',
          },
        },
        {
          type: entity('2', 'System Object'),
          role: object('24', 'Query'),
          query: Buffer.from(about.op.document).toString('base64'),
        },
        {
          type: entity('1', 'Person'),
          role: object('1', 'Patient'),
          detail: [{ type: 'patients', valueString: '3' }],
        },
      ],
    });
    expect([refused.outcome, refused.outcomeDesc, refused.meta]).toEqual(['4', 'NO_ROLE', undefined]);
    expect(refused.entity[0].detail).toEqual([{ type: 'requests', valueString: '7' }]);
    expect(refused.agent.map(({ who }: { who: object }) => who)).toEqual([
      { display: 'not authenticated' },
      { display: 'https://maplewood.example' },
    ]);
    expect(glass.subtype.map(({ code }: { code: string }) => code)).toEqual(['search', '110127']);
    expect(said).not.toContain(patients[0]!.toString('hex'));
  });

  it('writes an event for each patient where a recipient is named', async () => {
    const { said } = await run('--recipient', 'ward-app');
    const [one, two, three, other] = eventsIn(said);
    expect([one.id, two.id, three.id, other.id]).toEqual(['2-1', '2-2', '2-3', '3']);
    const keys = loadServiceKeys(home, { create: false, dev: true });
    const tokens = identifiersFor(keys, 'ward-app').of('patient').encode(patients);
    const shown = [one, two, three];
    expect(shown.map(({ entity: of }) => of.at(-1).what.identifier)).toEqual(
      tokens.map((value) => ({ system: 'https://maplewood.example/recipients/ward-app', value })),
    );
    for (const { meta, entity: of } of shown) {
      expect(meta.profile).toEqual([
        'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientQuery',
      ]);
      expect(of.at(-1).what.type).toBe('Patient');
    }
  });

  it('writes what lies between two times', async () => {
    const ids = async (...args: string[]) => eventsIn((await run(...args)).said).map(({ id }) => id);
    expect(await ids('--from', '2026-01-16')).toEqual(['3', '4']);
    expect(await ids('--to', '2026-01-16T12:00:00Z')).toEqual(['2']);
    expect(await ids('--from', '2026-01-16', '--to', '2026-01-17')).toEqual(['3']);
    expect(await ids('--from', '2027-01-01')).toEqual([]);
  });

  it('writes a file for its owner, in full or not at all', async () => {
    const out = join(folder, 'events.ndjson');
    expect(await run('--out', out)).toEqual({ said: '' });
    expect(readFileSync(out, 'utf8')).toBe((await run()).said);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const { failed } = await run('--out', join(folder, 'none', 'events.ndjson'));
    expect(failed).toMatch(/^USAGE 2 The file .* cannot be written \(ENOENT\)/);
  });

  it.each([
    [['--from', 'yesterday'], /^USAGE 2 --from must be a day or an instant/],
    [['--to', '2026-01-31T09:00:00'], /^USAGE 2 --to must be/],
    [['--from', '2026-13-45'], /^USAGE 2 --from must be/],
    [['--recipient', ''], /^USAGE 2 --recipient is empty/],
    [['--nothing'], /^USAGE 2 /],
  ])('refuses %j', async (args, message) => {
    const { said, failed } = await run(...args);
    expect(said).toBe('');
    expect(failed).toMatch(message);
  });

  it('does not pass over what is damaged', async () => {
    const lists = join(home.audit, '00000001.patients');
    const bytes = readFileSync(lists);
    const flipped = Buffer.from(bytes);
    flipped[40]! ^= 1;
    writeFileSync(lists, flipped);
    expect((await run('--recipient', 'ward-app')).failed).toMatch(
      /^AUDIT_DAMAGED 1 00000001\.ndjson could not/,
    );
    expect((await run()).failed).toBeUndefined();
    writeFileSync(lists, bytes);
    const file = join(home.audit, '00000001.ndjson');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"ms":12', '"ms":1x'));
    expect((await run()).failed).toMatch(/^AUDIT_DAMAGED 1 /);
    writeFileSync(file, text);
  });
});

it.each([
  ['answered', undefined, '0'],
  ['shown', undefined, '0'],
  ['none', undefined, '0'],
  ['partly', 'FORBIDDEN', '4'],
  ['refused', 'UNAUTHENTICATED', '4'],
  ['cancelled', 'REQUEST_CANCELLED', '4'],
  ['failed', 'INTERNAL', '8'],
  ['failed', 'WAREHOUSE_UNAVAILABLE', '12'],
])('%s with %s is outcome %s', (outcome, code, expected) => {
  const event = auditEvent({ kind: 'request', outcome, ...about, ...(code ? { code } : {}) }, { site: 'x' });
  expect([event['outcome'], event['meta'] !== undefined]).toEqual([expected, expected === '0']);
});

const role = (code: string, display: string) => ({
  coding: [{ system: 'http://dicom.nema.org/resources/ontology/DCM', code, display }],
});
const entity = (code: string, display: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code,
  display,
});
const object = (code: string, display: string) => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
  display,
});
