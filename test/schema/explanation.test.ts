import { makeGrant, type TrustCode } from '../../src/access/grant.js';
import { type Role, roles } from '../../src/access/role.js';
import { defaultSettings, disclosureModes } from '../../src/config/settings.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { explain } from '../../src/resolvers/explanation.js';

const schemas = buildRoleSchemas();
const explained = (
  role: Role,
  field: string,
  trusts: readonly string[] | null = null,
  rule = defaultSettings.disclosure,
) =>
  explain(
    schemas.get(role)!,
    field,
    makeGrant({ role, purpose: 'HOPERAT', recipient: 'somebody', trusts: trusts as TrustCode[] | null }),
    rule,
  );

it('names the class, what is shown, the figures and the rows', () => {
  expect(explained('analyst', 'EdWaits.attendances')).toEqual({
    text: 'Together with others it could tell who somebody is. Rounded to 5; hidden where it is 1 to 7, or of 1 to 7 patients. Figures of closed calendar periods; few patients hidden, the rest rounded. Events at all trusts.',
    sensitivity: 'Q',
    shown: 'Rounded to 5; hidden where it is 1 to 7, or of 1 to 7 patients.',
    rowScope: 'Events at all trusts.',
  });
  expect(explained('clinician', 'episodes.losDays', ['RAA']).text).toBe(
    'Together with others it could tell who somebody is. As it is. Events at the trusts of your token.',
  );
});

it('speaks of the thresholds that are configured', () => {
  expect(explained('analyst', 'edWaits.attendances', null, disclosureModes.strict).shown).toBe(
    'Rounded to 10; hidden where it is 1 to 9, or of 1 to 9 patients.',
  );
  expect(explained('analyst', 'BedForecastDay.expected', null, disclosureModes.strict).shown).toMatch(
    /rounded to 10; hidden from 1 to 9/,
  );
});

it.each([
  ['analyst', 'carePackages.id', /^Nothing: these events have no trust/],
  ['analyst', 'socialCare.packages', /^Nothing: these events have no trust/],
  ['finance', 'highCostPatients.rank', /^Nothing: the trusts/],
  ['clinician', 'Referral.id', /^Patients in care/],
  ['clinician', 'patients.gender', /^Patients with a spell or an attendance/],
] as const)('tells %s with narrowed trusts which rows there are of %s', (role, field, scope) => {
  expect(explained(role, field, ['RAA']).rowScope).toMatch(scope);
});

it('says where what is no value leads to, and how figures are shown there', () => {
  expect(explained('operations', 'bedForecast', ['RAA'])).toEqual({
    text: 'It leads to BedForecast. Exact figures of the trusts of your token.',
    sensitivity: null,
    shown: null,
    rowScope: null,
  });
  expect(explained('clinician', 'Patient.referrals', ['RAA']).rowScope).toMatch(/^Patients in care/);
  expect(explained('admin', 'Me.subject')).toMatchObject({ sensitivity: 'W', rowScope: null });
});

it.each(roles)('has one answer for %s to whatever its schema does not have', (role) => {
  const nothing = explained(role, 'Nothing.atAll');
  expect(nothing.text).toMatch(/^Your schema has no such field\./);
  for (const field of [
    ...[
      '',
      '.',
      'x',
      'EdWaits',
      'EdWaits.',
      '.attendances',
      'EdWaits.attendances.x',
      'EdWaitsWhere.trustCode',
    ],
    ...['__proto__', 'constructor', '__proto__.constructor', 'Query.__proto__', 'Patient.constructor'],
    ...['__Schema.types', '__schema', 'Patient.nhsNumber', 'patient_sk', "' or 1=1 --"],
    ...(role === 'auditor' ? [] : ['Query.auditTrail', 'auditTrail', 'AuditRecord.subject']),
    'a'.repeat(10_000),
  ])
    expect([field, explained(role, field)]).toEqual([field, nothing]);
});
