import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { loadServiceKeys } from '../../src/access/keys.js';
import { verifyAudit } from '../../src/audit/verify.js';
import { openWarehouse } from '../../src/commands/parts.js';
import type { Config } from '../../src/config/environment.js';
import { eventsFile } from '../../src/state/file.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { changeFile, changeRelease, fromRelease, identifiedFile, openReader } from '../support/release.js';
import {
  auditRecords,
  type GlassServer,
  glassServer,
  type Known,
  knownWhere,
  mutation,
  reason,
  strangersOf,
  textBelow,
  tokenFor,
  tokenOf,
  type Who,
} from './glass.js';

const home = temporaryFolder();
const trust = 'RAA';
const unknown = 'm1.demoa1.AAAAAAAAAAAAAAAAAAAAAA';
let config: Config;
let landing: string;
let server: GlassServer;
let patients: readonly Known[];
/** Time that the test lets go by, in milliseconds. */
let passed = 0;

beforeAll(async () => {
  ({ config, landing } = await loadedHome(home, { patients: 1_500 }));
  config = {
    ...config,
    settings: { ...config.settings, breakGlass: { ...config.settings.breakGlass, perDay: 1_000 } },
  };
  patients = await strangersOf(config, trust, 20);
  // What no delivery of synthetic sources brings: names, a pseudonym in place of a number, a restricted patient.
  const sk = (at: number): string => `patient_sk = unhex('${patients[at]!.key.toString('hex')}')`;
  await changeFile(
    await identifiedFile(config),
    `update patient set nhs_number = 'PSEUDO_0123456789ABCDEF', family_name = 'Surname', given_names = 'First Second',
       address = 'Hidden Lane 1', phone = '0161 496 0000' where ${sk(12)}`,
  );
  await changeRelease(config, `update dim_patient set is_restricted = true where ${sk(13)}`);
  server = await glassServer(config, {
    now: () => Date.now() + passed,
    elapsed: () => performance.now() + passed,
  });
}, 240_000);
afterAll(() => server?.close());
beforeEach(() => {
  passed = 0;
});

const id = (at: number, client?: string): string => tokenOf(config, patients[at]!, client);
const identity = '{ patientId localId nhsNumber familyName dateOfBirth }';
const read = (who: Who, patientId: string, fields = identity) =>
  server.ask(who, `query Who($id: ID!) { identifiedPatient(patientId: $id) ${fields} }`, { id: patientId });
/** An answer without what differs from one to the next. */
// Whether an answer was kept from an earlier request of the same grant is told, and told to nobody else.
const anonymous = (text: string): string =>
  text
    .replaceAll(/"requestId":"[0-9a-f-]{36}"/g, '"requestId":""')
    .replaceAll(/"cached":(true|false)/g, '"cached":null');

describe('what exists for a token', () => {
  const others: [string, Who][] = [
    ['a clinician without the right', { roles: ['clinician'] }],
    ['an analyst with the right', { roles: ['analyst', 'reidentifier'] }],
    ['operations with the right', { roles: ['operations', 'reidentifier'] }],
    ['an auditor', { roles: ['auditor'] }],
  ];
  it.each(others)('of %s: neither mutation nor field, as if misspelt', async (_who, who) => {
    const answers = async (name: string): Promise<string[]> => {
      const documents = [
        `mutation { ${name}(input: { patientId: "x", purpose: TREATMENT, reason: "${reason}" }) { id } }`,
        mutation.replaceAll('breakGlass(', `${name}(`),
        `{ identifiedPatient${name}(patientId: "x") { localId } }`,
        `{ __type(name: "${name}Input") { name } }`,
        `{ __type(name: "IdentifiedPatient") { name } }`,
      ];
      const found = await Promise.all(documents.map((document) => server.ask(who, document)));
      return found.map(({ status, text }) => `${status} ${anonymous(text).replaceAll(name, 'NAME')}`);
    };
    expect(await answers('breakGlass')).toEqual(await answers('brakeGlass'));
    const hidden = await server.ask(who, '{ identifiedPatient(patientId: "x") { localId } }');
    const misspelt = await server.ask(who, '{ identifiedPatiens(patientId: "x") { localId } }');
    expect(hidden.status).toBe(400);
    expect(anonymous(hidden.text)).toBe(
      anonymous(misspelt.text).replaceAll('identifiedPatiens', 'identifiedPatient'),
    );
    const { body } = await server.ask(
      who,
      '{ __schema { mutationType { fields { name } } types { name } } }',
    );
    const mutations = body.data.__schema.mutationType?.fields ?? [];
    expect(mutations.map(({ name }: { name: string }) => name)).toEqual(
      who.roles?.includes('clinician')
        ? ['acknowledgeCdsResult', 'overrideCdsResult', 'suppressCdsResult']
        : [],
    );
    expect(JSON.stringify(body)).not.toMatch(/glass|Identified/i);
  });

  it('with the right: what the role has, and the two', async () => {
    const roots = async (who: Who): Promise<string[]> => {
      const { body } = await server.ask(
        who,
        '{ __schema { queryType { fields { name } } mutationType { fields { name } } } }',
      );
      const { queryType, mutationType } = body.data.__schema;
      return [...queryType.fields, ...(mutationType?.fields ?? [])].map(({ name }: { name: string }) => name);
    };
    const plain = await roots({ roles: ['clinician'] });
    expect((await roots({})).filter((name) => !plain.includes(name)).sort()).toEqual([
      'breakGlass',
      'identifiedPatient',
    ]);
    const { body } = await server.ask({}, '{ me { role } }');
    expect(body.data.me.role).toBe('clinician');
  });

  it('is nothing for an application without a user', async () => {
    const { status, body } = await server.glass({ application: true }, id(0));
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'NO_ROLE']);
  });

  it('takes mutations by POST of JSON alone', async () => {
    const token = `Bearer ${tokenFor(config, {})}`;
    const query = `mutation{breakGlass(input:{patientId:"${id(0)}",purpose:TREATMENT,reason:"${reason}"}){id}}`;
    const got = await supertest(server.url).get('/graphql').query({ query }).set('authorization', token);
    expect([got.status, got.body.errors[0].extensions.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/graphql']) {
      const posted = await supertest(server.url)
        .post('/graphql')
        .set('authorization', token)
        .set('content-type', type)
        .send(JSON.stringify({ query }));
      expect([type, posted.status]).toEqual([type, 415]);
    }
  });
});

describe('a broken glass', () => {
  it('shows who one patient is, exactly, also one who was never at the own trust', async () => {
    const known = patients[0]!;
    expect((await server.ask({}, `{ patient(id: "${id(0)}") { patientId } }`)).body.data.patient).toBeNull();
    const granted = await server.glass({}, id(0));
    expect([granted.status, granted.body.errors]).toEqual([200, undefined]);
    const { breakGlass } = granted.body.data;
    expect(breakGlass.patientId).toBe(id(0));
    expect(Date.parse(breakGlass.expiresAt) - Date.parse(breakGlass.grantedAt)).toBe(30 * 60_000);
    const { status, body } = await read(
      {},
      id(0),
      '{ patientId localId nhsNumber familyName givenNames dateOfBirth ageYears gender ethnicity deprivationDecile registeredPractice postcodeDistrict }',
    );
    const { identity } = known;
    const born = String(identity['date_of_birth']);
    const asOf = body.extensions.maplewood.dataAsOf;
    const years =
      Number(asOf.slice(0, 4)) - Number(born.slice(0, 4)) - (asOf.slice(5) < born.slice(5) ? 1 : 0);
    expect([status, body.errors, body.data.identifiedPatient]).toEqual([
      200,
      undefined,
      {
        patientId: id(0),
        localId: identity['patient_id'],
        nhsNumber: identity['nhs_number'],
        familyName: null,
        givenNames: null,
        dateOfBirth: born,
        ageYears: years,
        gender: identity['gender'],
        ethnicity: identity['ethnicity'],
        deprivationDecile: Number(identity['deprivation_decile']),
        registeredPractice: identity['registered_practice'],
        postcodeDistrict: identity['postcode_district'],
      },
    ]);
    expect(identity['patient_id']).toMatch(/^PAT_\d+$/);
    expect(identity['nhs_number']).toMatch(/^9\d{9}$/);
  });

  it('shows all events, exactly and at all trusts, also under aliases and through fragments', async () => {
    await server.glass({}, id(1));
    const { body } = await read(
      {},
      id(1),
      `{ spells: episodes { trustCode admissionDate wardCode code: primaryDiagnosis secondaryDiagnoses }
         ...Visits referrals { initialHonos primaryDiagnosis } contacts { contactDate } prescriptions { bnfCode } carePackages { startDate } }`.concat(
        ' } fragment Visits on IdentifiedPatient { edAttendances { arrivedAt totalMinutes presentingComplaint }',
      ),
    );
    expect(body.errors).toBeUndefined();
    const of = `where patient_no = (select patient_no from dim_patient where patient_sk = unhex('${patients[1]!.key.toString('hex')}'))`;
    const { identifiedPatient: found } = body.data;
    expect(found.spells).toEqual(
      await fromRelease(
        config,
        `select trust_code as "trustCode", cast(admission_date as varchar) as "admissionDate", ward_code as "wardCode",
           primary_diagnosis as code, secondary_diagnoses as "secondaryDiagnoses" from fact_spell ${of} order by admission_date, spell_sk`,
      ),
    );
    expect(found.spells.length).toBeGreaterThan(0);
    expect(found.edAttendances).toEqual(
      await fromRelease(
        config,
        `select strftime(arrived_at, '%Y-%m-%dT%H:%M:%SZ') as "arrivedAt", total_minutes as "totalMinutes",
           presenting_complaint as "presentingComplaint" from fact_ed_attendance ${of} order by arrival_date, attendance_sk`,
      ),
    );
    for (const [list, table] of Object.entries({
      referrals: 'fact_referral',
      contacts: 'fact_contact',
      prescriptions: 'fact_prescription',
      carePackages: 'fact_care_package',
    })) {
      const [row] = await fromRelease<{ n: number }>(
        config,
        `select cast(count(*) as integer) as n from ${table} ${of}`,
      );
      expect([list, found[list].length]).toEqual([list, row!.n]);
    }
  });

  it('shows risks, concerns and the codes of staff', async () => {
    const lists = {
      episodes: { dataset: 'sus_episodes', shows: { consultantCode: 'consultant_code' } },
      contacts: {
        dataset: 'csds_contacts',
        shows: { professionalCode: 'care_professional', safeguardingConcern: 'safeguarding_concern' },
      },
      prescriptions: { dataset: 'prescriptions', shows: { prescriberCode: 'prescriber_code' } },
      edAttendances: { dataset: 'ecds_attendances', shows: { safeguardingConcern: 'safeguarding_concern' } },
      referrals: { dataset: 'mhsds_referrals', shows: { riskAssessment: 'risk_assessment' } },
    };
    // Somebody of whom gold holds each of them.
    const held = [
      'fact_spell where consultant_sk is not null',
      'fact_contact where professional_sk is not null and safeguarding_concern is not null',
      'fact_prescription where prescriber_sk is not null',
      'fact_ed_attendance where safeguarding_concern is not null',
      'fact_referral where risk_assessment is not null',
    ].map((rows) => `patient_no in (select patient_no from ${rows})`);
    const [known] = await knownWhere(config, held.join(' and '), 1);
    const patientId = tokenOf(config, known!);
    await server.glass({}, patientId);
    const asked = Object.entries(lists).map(
      ([list, { shows }]) => `${list} { ${Object.keys(shows).join(' ')} }`,
    );
    const { body } = await read({}, patientId, `{ ${asked.join(' ')} }`);
    expect(body.errors).toBeUndefined();
    const sources = await openReader();
    for (const [list, { dataset, shows }] of Object.entries(lists))
      for (const [column, source] of Object.entries(shows)) {
        const rows = body.data.identifiedPatient[list] as Record<string, unknown>[];
        const shown = rows.flatMap((row) => (row[column] === null ? [] : String(row[column]).toLowerCase()));
        const supplied = await sources.rows<{ value: string }>(
          `select distinct lower(trim(cast(${source} as varchar))) as value from read_parquet('${join(landing, dataset)}/*.parquet') where upper(trim(patient_id)) = '${known!.identity['patient_id']}' and ${source} is not null`,
        );
        expect([list, column, shown.length > 0]).toEqual([list, column, true]);
        expect(supplied.map(({ value }) => value)).toEqual(expect.arrayContaining([...new Set(shown)]));
      }
    sources.close();
    expect(auditRecords(config).at(-1).tables).toContain('identified.staff');
  });

  it('shows names where the source has them, and never a pseudonym in place of an NHS number', async () => {
    await server.glass({}, id(12));
    const { body, text } = await read({}, id(12), '{ nhsNumber familyName givenNames }');
    expect(body.data.identifiedPatient).toEqual({
      nhsNumber: null,
      familyName: 'Surname',
      givenNames: 'First Second',
    });
    expect(text).not.toMatch(/PSEUDO|Hidden|0161/);
  });

  it('is that of nobody for a restricted patient', async () => {
    const answer = await server.glass({}, id(13));
    expect(anonymous(answer.text)).toBe(anonymous((await server.glass({}, unknown)).text));
    expect((await read({}, id(13))).body.data.identifiedPatient).toBeNull();
  });

  it('shows the scores of each spell', async () => {
    await server.glass({}, id(14));
    const { body } = await read({}, id(14), '{ episodes { laceScore frailtyScore charlsonScore } }');
    expect(body.errors).toBeUndefined();
    expect(body.data.identifiedPatient.episodes).toEqual(
      await fromRelease(
        config,
        `select s.lace as "laceScore", s.hfrs_x10 / 10.0 as "frailtyScore", s.charlson as "charlsonScore"
         from fact_spell t join fact_spell_score s using (spell_sk)
         where t.patient_no = (select patient_no from dim_patient where patient_sk = unhex('${patients[14]!.key.toString('hex')}'))
         order by t.admission_date, t.spell_sk`,
      ),
    );
    expect(auditRecords(config).at(-1).tables).toContain('fact_spell_score');
  });

  it('is there for a token of several roles, unless it asks for another of them', async () => {
    const several: Who = { roles: ['analyst', 'clinician', 'reidentifier'] };
    expect((await server.glass(several, id(15))).body.errors).toBeUndefined();
    expect((await read(several, id(15))).body.extensions.maplewood.role).toBe('clinician');
    const { status } = await supertest(server.url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokenFor(config, several)}`)
      .set('x-maplewood-role', 'analyst')
      .send({ query: '{ identifiedPatient(patientId: "x") { localId } }' });
    expect(status).toBe(400);
  });

  it('changes nothing of what the role sees elsewhere', async () => {
    const fields = '{ episodes(first: 50) { nodes { id admissionDate primaryDiagnosis } } }';
    const [plain, identified] = [
      await server.ask({ roles: ['clinician'] }, fields),
      await server.ask({}, fields),
    ];
    expect(identified.body.data).toEqual(plain.body.data);
  });

  it('can be opened again, each time as a grant of its own, and for as long as is asked', async () => {
    const grants = await Promise.all([1, 30, 240].map((minutes) => server.glass({}, id(2), { minutes })));
    const found = grants.map(({ body }) => body.data.breakGlass);
    expect(new Set(found.map((grant) => grant.id)).size).toBe(3);
    expect(found.map((grant) => Date.parse(grant.expiresAt) - Date.parse(grant.grantedAt))).toEqual(
      [1, 30, 240].map((minutes) => minutes * 60_000),
    );
  });

  it('is still open after a restart', async () => {
    await server.glass({}, id(3));
    const { body } = await server.ask({}, '{ me { role } }');
    expect(body.data.me.role).toBe('clinician');
    await server.close();
    server = await glassServer(config, {
      now: () => Date.now() + passed,
      elapsed: () => performance.now() + passed,
    });
    expect((await read({}, id(3))).body.data.identifiedPatient.localId).toBe(
      patients[3]!.identity['patient_id'],
    );
  });
});

describe('without an open grant', () => {
  it('one answer for a patient who is known, unknown, malformed, or of another recipient', async () => {
    const answers = await Promise.all(
      [id(10), unknown, 'm1.x', '', 'PAT_000001', id(10, 'other-app'), `${id(10)} `].map((patientId) =>
        read({}, patientId),
      ),
    );
    const [first, ...rest] = answers.map(({ status, text }) => `${status} ${anonymous(text)}`);
    for (const other of rest) expect(other).toBe(first);
    expect(answers[0]!.status).toBe(200);
    expect(answers[0]!.body.data).toEqual({ identifiedPatient: null });
    expect(answers[0]!.body.errors).toEqual([
      expect.objectContaining({
        path: ['identifiedPatient'],
        extensions: expect.objectContaining({ code: 'FORBIDDEN' }),
      }),
    ]);
  });

  it('one answer to breaking the glass of nobody, however the text is wrong', async () => {
    const answers = await Promise.all(
      [unknown, 'm1.x', '', 'PAT_000001', id(10, 'other-app'), `${id(10)} `].map((patientId) =>
        server.glass({}, patientId),
      ),
    );
    const [first, ...rest] = answers.map(({ status, text }) => `${status} ${anonymous(text)}`);
    for (const other of rest) expect(other).toBe(first);
    expect([answers[0]!.status, answers[0]!.body.errors]).toEqual([200, undefined]);
    expect(answers[0]!.body.data).toEqual({ breakGlass: null });
    // Nor has any of them opened something.
    expect((await read({}, id(10))).body.data.identifiedPatient).toBeNull();
  });

  it('nothing for another user, another application, or of another patient', async () => {
    const forbidden = anonymous((await read({}, unknown)).text);
    await server.glass({}, id(4));
    expect((await read({}, id(4))).body.errors).toBeUndefined();
    expect(anonymous((await read({ oid: 'user-2' }, id(4))).text)).toBe(forbidden);
    expect(anonymous((await read({ client: 'other-app' }, id(4, 'other-app'))).text)).toBe(forbidden);
    expect(anonymous((await read({}, id(5))).text)).toBe(forbidden);
  });

  it('nothing from the moment on at which it expires', async () => {
    const { body } = await server.glass({}, id(6), { minutes: 5 });
    const left = Date.parse(body.data.breakGlass.expiresAt) - Date.now();
    passed = left - 2_000;
    expect((await read({}, id(6))).body.errors).toBeUndefined();
    passed = left + 1;
    const expired = await read({}, id(6));
    expect(expired.body.data).toEqual({ identifiedPatient: null });
    // As if there had never been one.
    expect(anonymous(expired.text)).toBe(anonymous((await read({}, unknown)).text));
  });

  it.each([
    ['too short a reason', { reason: 'x'.repeat(19) }, 'reason must have from 20 to 500 characters.'],
    ['blanks for a reason', { reason: ' '.repeat(40) }, 'reason must have from 20 to 500 characters.'],
    ['too long a reason', { reason: 'x'.repeat(501) }, 'reason must have from 20 to 500 characters.'],
    [
      'a line break',
      { reason: `${reason}\nsecond line` },
      'reason must be one line without control characters.',
    ],
    ['an escape', { reason: `${reason}\u001b[2J` }, 'reason must be one line without control characters.'],
    [
      'a hidden direction',
      { reason: `${reason}\u202e` },
      'reason must be one line without control characters.',
    ],
    [
      'half of a character',
      { reason: `${reason}\ud800` },
      'reason must be one line without control characters.',
    ],
    ['no time', { minutes: 0 }, 'minutes must be from 1 to 240.'],
    ['too long a time', { minutes: 241 }, 'minutes must be from 1 to 240.'],
    ['another purpose', { purpose: 'CURIOSITY' }, undefined],
  ])('refuses %s', async (_what, more, message) => {
    const before = auditRecords(config).length;
    const { status, body } = await server.glass({}, id(7), more);
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    if (message) expect(body.errors[0].message).toBe(message);
    expect(body.errors[0].message).not.toContain('Found unconscious');
    expect(auditRecords(config)).toHaveLength(before);
  });

  it('asks for a sign-in of the last minutes', async () => {
    const { status, body } = await server.glass({ signedIn: 16 }, id(7));
    expect([status, body.data]).toEqual([200, { breakGlass: null }]);
    expect(body.errors[0].message).toBe(
      'Sign in again: the glass may be broken within 15 minutes of signing in.',
    );
    expect((await server.glass({ signedIn: 14 }, id(7))).body.errors).toBeUndefined();
    // What is open stays open, however long ago that was.
    expect((await read({ signedIn: 60 }, id(7))).body.errors).toBeUndefined();
  });
});

describe('what is kept of it', () => {
  it('a record of each grant, each look and each refusal, without what was sent or shown', async () => {
    const before = auditRecords(config).length;
    const shown = ['localId', 'nhsNumber', 'dateOfBirth', 'ageYears'];
    const granted = await server.glass({}, id(8), { purpose: 'INCIDENT' });
    const looked = await server.ask(
      {},
      `query Look { who: identifiedPatient(patientId: "${id(8)}") { ${shown.join(' ')} episodes { primaryDiagnosis } } }`,
    );
    await read({ oid: 'user-2' }, id(8));
    await server.glass({}, unknown);
    const records = auditRecords(config).slice(before);
    expect(records.map(({ kind, outcome, code }) => [kind, outcome, code])).toEqual([
      ['break-glass', 'granted', undefined],
      ['identified-read', 'shown', undefined],
      ['identified-read', 'refused', 'FORBIDDEN'],
      ['break-glass', 'none', undefined],
    ]);
    const [first, second, third, fourth] = records;
    expect(first).toMatchObject({
      principal: { oid: 'user-1', azp: 'ward-app', role: 'clinician', idtyp: 'user' },
      purpose: 'BTG',
      glassPurpose: 'INCIDENT',
      op: { kind: 'mutation', name: 'Break' },
      patients: { count: 1 },
      breakGlassId: granted.body.data.breakGlass.id,
      release: 1,
    });
    expect(second).toMatchObject({
      requestId: looked.body.extensions.maplewood.requestId,
      breakGlassId: granted.body.data.breakGlass.id,
      op: { kind: 'query', name: 'Look' },
      tables: ['identified.patient', 'dim_patient', 'fact_spell'],
      rows: 1 + looked.body.data.who.episodes.length,
      patients: { count: 1, digest: first.patients.digest },
    });
    expect(second.op.document).toBe(
      'query Look {\n  identifiedPatient(patientId: "") {\n    localId\n    nhsNumber\n    dateOfBirth\n    ageYears\n    episodes {\n      primaryDiagnosis\n    }\n  }\n}',
    );
    expect(second.columns).toEqual([
      { name: 'IdentifiedEpisode.primaryDiagnosis', class: 'S' },
      { name: 'IdentifiedPatient.ageYears', class: 'Q' },
      { name: 'IdentifiedPatient.dateOfBirth', class: 'Q' },
      { name: 'IdentifiedPatient.localId', class: 'D' },
      { name: 'IdentifiedPatient.nhsNumber', class: 'D' },
    ]);
    expect([third.patients, third.principal.oid]).toEqual([
      { count: 0, digest: first.patients.digest },
      'user-2',
    ]);
    expect(fourth.patients.digest).not.toBe(first.patients.digest);
  });

  it('no id, number, token, reason or address in the audit, and no token or number in the state', async () => {
    const audit = textBelow(config.home.audit);
    const state = readFileSync(join(config.home.state, eventsFile), 'utf8');
    expect(state).toContain(reason);
    const told = (text: string, values: readonly unknown[]): unknown[] =>
      values.filter((value) => typeof value === 'string' && text.includes(value));
    for (const { identity, key } of patients) {
      const names = [identity['patient_id'], identity['nhs_number'], tokenOf(config, { key })];
      const keys = ['hex', 'base64', 'base64url'].map((form) => key.toString(form as BufferEncoding));
      expect(told(audit, [...names, ...keys])).toEqual([]);
      expect(told(state, names)).toEqual([]);
    }
    expect(told(audit, [reason, '127.0.0.1', unknown])).toEqual([]);
    expect(audit).not.toMatch(/PAT_|PSEUDO_|eyJ/);
  });

  it('the log verifies', async () => {
    const keys = loadServiceKeys(config.home, { create: false, dev: true });
    const verified = await verifyAudit(config.home.audit, [keys.audit]);
    expect([verified.wrong, verified.notes]).toEqual([undefined, []]);
    expect(verified.records).toBeGreaterThan(30);
  });
});

describe('the connection that reads gold', () => {
  it('cannot reach the identified store, by any way that a statement has', async () => {
    const file = await identifiedFile(config);
    const warehouse = await openWarehouse(config);
    const handle = warehouse.open();
    try {
      for (const sql of [
        `attach '${file}' as identified (read_only)`,
        `select * from read_blob('${file}')`,
        `select * from read_text('${file}')`,
        `select * from glob('${config.home.identified}/*')`,
        `set enable_external_access = true`,
        'select * from identified.patient',
        'select * from patient',
      ])
        await expect(handle.read({ sql, parameters: [] }, [])).rejects.toMatchObject({ code: 'INTERNAL' });
    } finally {
      handle.close();
      await warehouse.close();
    }
  });
});
