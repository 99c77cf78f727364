import { timeOfInstant } from '../../../src/cds/arden/run/time.js';
import { prefetchWithOrders, rowsWithOrders } from '../../../src/cds/hooks/draft-orders.js';
import { firedBy, isTold, rowsGiven } from '../../../src/cds/hooks/evaluate.js';
import { factsOf, type GivenFacts } from '../../../src/cds/hooks/fhir/prefetch.js';
import { type HookRule, type Service, servicesOn } from '../../../src/cds/hooks/services.js';
import type { Rules } from '../../../src/cds/rules/read-rules.js';
import {
  admittedBy,
  bundle,
  changed,
  condition,
  day,
  everything,
  now,
  patient,
  patientId,
  prescribed,
  shippedRules,
  stay,
  visit,
  vitalSign,
} from './builders.js';

let rules: Rules;
let view: Service;
beforeAll(async () => {
  rules = await shippedRules();
  view = servicesOn(day, rules, everything).find(({ hook }) => hook === 'patient-view') as Service;
});

const read = (prefetch: object): GivenFacts => factsOf(prefetch as never, patientId, rules.registry);
const rowsOf = (prefetch: object, fact: string) =>
  read(prefetch)
    .rows.get(fact)
    ?.map(({ values }) => values);
const rule = (name: string): HookRule => view.rules.find((one) => one.name === name) as HookRule;
const asOf = timeOfInstant(Date.parse(now));

/** What a rule says by a prefetch: its message, that it does not fire, or that it cannot be run. */
function said(name: string, prefetch: object): string {
  const given = read(prefetch);
  if (!isTold(rule(name), given)) return 'not told';
  return firedBy(rule(name), asOf, rowsGiven(rule(name), given, asOf, rules.registry))?.message ?? 'silent';
}

describe('services', () => {
  it('are one a hook, with what discovery must tell of them', () => {
    const services = servicesOn(day, rules, everything);
    expect(services.map(({ id, hook }) => [id, hook])).toEqual([
      ['maplewood-patient-view', 'patient-view'],
      ['maplewood-encounter-start', 'encounter-start'],
      ['maplewood-encounter-discharge', 'encounter-discharge'],
      ['maplewood-order-sign', 'order-sign'],
    ]);
    for (const { title, description, prefetch, usageRequirements } of services) {
      expect([title, description, usageRequirements].every((text) => text.length > 0)).toBe(true);
      expect(Object.keys(prefetch).length).toBeGreaterThan(0);
      for (const [key, query] of Object.entries(prefetch)) {
        expect(key).toMatch(/^[a-z_]+$/);
        expect(query).toContain('{{context.patientId}}');
        // Tokens of the context alone: dates are looked at here.
        expect(query.match(/\{\{(.*?)\}\}/g)).toEqual(['{{context.patientId}}']);
      }
    }
  });

  it('run the rules in production alone', () => {
    for (const { rules: run } of servicesOn(day, rules, everything))
      expect(run.filter(({ mlm }) => mlm.validation !== 'production')).toEqual([]);
    const testing = changed(rules, (one) => ({ ...one, mlm: { ...one.mlm, validation: 'testing' } }));
    expect(servicesOn(day, testing, everything)).toEqual([]);
  });

  it('do not run a rule past its review', () => {
    const { next } = rule('readmit_30d').gem.review;
    const names = (on: string) =>
      servicesOn(on, rules, everything).flatMap((service) => service.rules.map(({ name }) => name));
    expect(names(next)).toContain('readmit_30d');
    expect(names('2999-01-01')).not.toContain('readmit_30d');
  });

  it('do not run a rule that reads what clinicians may not see', () => {
    const names = servicesOn(day, rules, (column) => column !== 'episodes.primaryDiagnosis').flatMap(
      (service) => service.rules.map(({ name }) => name),
    );
    expect(view.rules.map(({ name }) => name)).toContain('lace_high');
    expect(names).not.toContain('lace_high');
    expect(names).toContain('readmit_30d');
  });

  it('do not run a rule that is for others', () => {
    const others = changed(rules, (one) => ({
      ...one,
      gem: { ...one.gem, delivery: { ...one.gem.delivery, audience: ['operations'] } },
    }));
    expect(servicesOn(day, others, everything)).toEqual([]);
  });
});

describe('prefetch', () => {
  const stays = [
    stay('2026-11-01T09:00:00+00:00', '2026-11-10T10:00:00+00:00'),
    stay('2026-11-20T09:00:00+00:00', undefined, admittedBy('21')),
  ];

  it('is read as rows of facts, in the form of gold', () => {
    expect(rowsOf({ spell: bundle(...stays), patient: patient() }, 'spell')).toEqual([
      expect.objectContaining({
        admission_date: '2026-11-01',
        discharge_date: '2026-11-10',
        length_of_stay: 9,
        age: 76,
        days_since_discharge: null,
      }),
      expect.objectContaining({
        admission_date: '2026-11-20',
        admission_method: '21',
        discharge_date: null,
        days_since_discharge: 10,
      }),
    ]);
    expect(rowsOf({ patient: patient({ gender: 'other' }) }, 'patient')).toEqual([
      { gender: 'U', ethnic_group: 'not_stated' },
    ]);
  });

  it('makes rules fire', () => {
    expect(said('readmit_30d', { spell: bundle(...stays) })).toBe(
      'Emergency readmission 10 days after the last discharge.',
    );
    expect(said('los_super_stranded_21', { spell: bundle(stay('2026-11-01T09:00:00Z')) })).toMatch(
      /^In hospital for 25 days/,
    );
  });

  it.each<[string, unknown, string]>([
    ['null is a key without data', null, 'silent'],
    ['a bundle without entries has none', { resourceType: 'Bundle', type: 'searchset' }, 'silent'],
    [
      'an OperationOutcome has failed, and is as none',
      { resourceType: 'OperationOutcome', issue: [] },
      'not told',
    ],
  ])('%s', (_what, value, expected) => {
    expect(said('readmit_30d', { spell: value })).toBe(expected);
  });

  it('without the key of what a rule reads does not run that rule', () => {
    expect(said('readmit_30d', {})).toBe('not told');
  });

  it('of a bundle in pages uses the pages that are there', () => {
    const page = { ...bundle(...stays), link: [{ relation: 'next', url: 'https://ehr.example/next' }] };
    expect(said('readmit_30d', { spell: page })).toContain('readmission 10 days');
  });

  it.each([['a text'], [5], [true], [[]], [{}], [{ resourceType: 1 }]])(
    'refuses %j, which is no resource',
    (value) => {
      expect(() => read({ spell: value })).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    },
  );

  it('refuses more resources than a life has', () => {
    const many = bundle(...Array.from({ length: 5_001 }, () => ({ resourceType: 'Basic' })));
    expect(() => read({ spell: many })).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
  });

  it('leaves out what is about another patient', () => {
    const other = stays.map((one) => ({ ...one, subject: { reference: 'Patient/p2' } }));
    expect(said('readmit_30d', { spell: bundle(...other) })).toBe('silent');
    const whole = stays.map((one) => ({
      ...one,
      subject: { reference: `https://ehr.example/fhir/Patient/${patientId}` },
    }));
    expect(said('readmit_30d', { spell: bundle(...whole) })).toContain('readmission');
    expect(rowsOf({ patient: patient({ id: 'p2' }) }, 'patient')).toEqual([]);
  });

  it('does not take planned, cancelled and mistaken encounters, or those within another', () => {
    const [first, second] = stays as [Record<string, unknown>, Record<string, unknown>];
    for (const status of ['planned', 'cancelled', 'entered-in-error'])
      expect(rowsOf({ spell: bundle({ ...first, status }) }, 'spell')).toEqual([]);
    const inner = { ...second, partOf: { reference: `Encounter/${String(first['id'])}` } };
    expect(rowsOf({ spell: bundle(first, inner) }, 'spell')).toHaveLength(1);
  });

  it('does not take stays whose dates are the wrong way round, or known to the year alone', () => {
    expect(rowsOf({ spell: bundle(stay('2026-11-10', '2026-11-01')) }, 'spell')).toEqual([]);
    expect(rowsOf({ spell: bundle(stay('2026')) }, 'spell')).toEqual([]);
  });

  it('counts days as the clock of London has them', () => {
    const late = stay('2026-06-30T23:30:00Z', '2026-07-01T23:30:00+01:00');
    expect(rowsOf({ spell: bundle(late) }, 'spell')).toEqual([
      expect.objectContaining({
        admission_date: '2026-07-01',
        discharge_date: '2026-07-01',
        length_of_stay: 0,
      }),
    ]);
  });

  describe('age', () => {
    const nsaid = prescribed('1001010J0', '2026-11-20');
    it('is told by the day of birth', () => {
      const given = { prescription: bundle(nsaid), patient: patient() };
      expect(said('pincer_nsaid_65_no_ppi', given)).toContain('at the age of 76');
    });
    it.each([
      ['no patient', {}],
      ['a year of birth alone', { patient: patient({ birthDate: '1950' }) }],
    ])('is not told by %s, and then no rule that reads it is run', (_what, more) => {
      expect(said('pincer_nsaid_65_no_ppi', { prescription: bundle(nsaid), ...more })).toBe('not told');
    });
  });

  describe('diagnoses', () => {
    const withAsthma = stay('2026-01-10', '2026-01-12', {
      diagnosis: [{ condition: { reference: 'Condition/c1' }, rank: 1 }],
    });
    const blocker = bundle(prescribed('0204000R0', '2026-11-20'));
    it('are those of the conditions that come with the encounter', () => {
      const given = { spell: bundle(withAsthma, condition('c1', 'J45.9')), prescription: blocker };
      expect(rowsOf(given, 'spell')).toEqual([
        expect.objectContaining({ primary_diagnosis: 'J459', diagnoses: 'J459' }),
      ]);
      expect(said('pincer_betablocker_asthma', given)).toMatch(/^Beta-blocker/);
    });
    it('are not known where a condition is missing, and then no rule that reads them is run', () => {
      expect(said('pincer_betablocker_asthma', { spell: bundle(withAsthma), prescription: blocker })).toBe(
        'not told',
      );
    });
    it('are none where they are refuted', () => {
      const refuted = condition('c1', 'J45', { verificationStatus: { coding: [{ code: 'refuted' }] } });
      expect(rowsOf({ spell: bundle(withAsthma, refuted) }, 'spell')?.[0]?.['diagnoses']).toBeNull();
    });
  });

  describe('drugs', () => {
    it('without a BNF code may be any, so that no rule that asks for codes is run', () => {
      const given = [prescribed('1001010J0', '2026-11-20'), prescribed(undefined, '2026-11-21')];
      expect(said('pincer_nsaid_65_no_ppi', { prescription: bundle(...given), patient: patient() })).toBe(
        'not told',
      );
    });
    it('that are drafts, stopped plans or mistakes are no prescriptions', () => {
      const drafts = [
        prescribed('1001010J0', '2026-11-20', { status: 'draft' }),
        prescribed('1001010J0', '2026-11-20', { status: 'entered-in-error' }),
        prescribed('1001010J0', '2026-11-20', { intent: 'plan' }),
      ];
      expect(rowsOf({ prescription: bundle(...drafts) }, 'prescription')).toEqual([]);
    });
    it('tell which prescription of the same substance came before', () => {
      const given = [
        prescribed('0212000B0AAABAB', '2026-10-01'),
        prescribed('0212000B0AAACAC', '2026-09-01'),
        prescribed('0212000Y0AAADAD', '2026-10-02'),
      ];
      expect(
        rowsOf({ prescription: bundle(...given) }, 'prescription')?.map(
          (row) => row['previous_same_substance'],
        ),
      ).toEqual([null, '2026-09-01', null]);
    });
  });

  it('takes vital signs, each part of one for itself', () => {
    const pressure = vitalSign('85354-9', 0, '2026-11-26T08:00:00Z', {
      valueQuantity: undefined,
      component: [
        { code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] }, valueQuantity: { value: 120 } },
        { code: { coding: [{ system: 'http://loinc.org', code: '8462-4' }] }, valueQuantity: { value: 80 } },
      ],
    });
    const rows = rowsOf(
      { observation: bundle(pressure, vitalSign('9279-1', 18, '2026-11-26T08:00:00Z')) },
      'observation',
    );
    expect(rows?.map(({ code, value }) => [code, value])).toEqual([
      ['8480-6', 120],
      ['8462-4', 80],
      ['9279-1', 18],
    ]);
  });

  it('reckons how far attendances lie from the one before', () => {
    const given = {
      ed_attendance: bundle(
        visit('EMER', '2026-11-20T10:00:00Z', '2026-11-20T14:00:00Z'),
        visit('EMER', '2026-11-21T14:00:00Z'),
      ),
    };
    expect(rowsOf(given, 'ed_attendance')?.map((row) => row['hours_since_departure'])).toEqual([null, 24]);
    expect(read(given).columns.get('ed_attendance')?.has('days_to_mh_referral')).toBe(false);
  });

  it('is read in bounded time, however many encounters and conditions there are', () => {
    const encounters = Array.from({ length: 2_400 }, (_none, at) =>
      stay('2026-01-01', '2026-01-01', {
        id: `e${at}`,
        diagnosis: [{ condition: { reference: `Condition/c${at}` } }],
      }),
    );
    const conditions = encounters.map((_one, at) =>
      condition(`c${at}`, 'J45', { encounter: { reference: `Encounter/e${at}` } }),
    );
    const sent = { spell: bundle(...encounters, ...conditions) };
    rowsOf(sent, 'spell');
    const began = performance.now();
    expect(rowsOf(sent, 'spell')).toHaveLength(2_400);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('draft orders', () => {
  const drafts = (...orders: readonly object[]) => bundle(...orders) as never;
  const nsaid = (more: object = {}) =>
    prescribed('1001010J0AAADAD', '2020-01-01', { status: 'draft', ...more });
  const anticoagulant = prescribed('0208020Z0AAABAB', '2026-11-01');
  const signing = (prefetch: object, orders: never) =>
    said('pincer_nsaid_anticoag', prefetchWithOrders(prefetch as never, orders, asOf));

  it('count as prescriptions of the day, whenever they were written', () => {
    const known = { prescription: bundle(anticoagulant) };
    expect(signing(known, drafts())).toBe('silent');
    expect(signing(known, drafts(nsaid()))).toContain('NSAID 0 days ago');
    expect(signing({ prescription: null }, drafts(nsaid(), { ...anticoagulant, status: 'draft' }))).toContain(
      'NSAID 0 days ago',
    );
  });

  it('tell nothing where the prescriptions themselves are not told', () => {
    for (const prefetch of [{}, { prescription: { resourceType: 'OperationOutcome' } }])
      expect(signing(prefetch, drafts(nsaid()))).toBe('not told');
  });

  it('that are no drafts of drugs of the patient count for nothing', () => {
    const known = { prescription: bundle(anticoagulant) };
    for (const other of [
      nsaid({ status: 'cancelled' }),
      nsaid({ resourceType: 'ServiceRequest' }),
      nsaid({ subject: { reference: 'Patient/another' } }),
    ])
      expect(signing(known, drafts(other))).toBe('silent');
  });

  it('stand beside the rows of a patient who is known here, under whatever name the client has', () => {
    const ofRule = rule('pincer_nsaid_65_no_ppi');
    const context = { rules: [ofRule], now: asOf, registry: rules.registry };
    const sign = (orders: never, prefetch?: object) =>
      firedBy(
        ofRule,
        asOf,
        rowsWithOrders(() => [], orders, { ...context, prefetch: prefetch as never }),
      )?.message;
    const elsewhere = { subject: { reference: 'Patient/local' } };
    expect(sign(drafts(), { patient: patient({ id: 'local' }) })).toBeUndefined();
    expect(sign(drafts(nsaid(elsewhere)), { patient: patient({ id: 'local' }) })).toContain('NSAID');
    // Without the patient the age is not known.
    expect(sign(drafts(nsaid(elsewhere)))).toBeUndefined();
  });
});
