import { normalCode } from '../../facts/codes.js';
import { amount, codeOf, hasCode, isIcd10, type Json, londonDay, part, parts, text } from './resource.js';
import { ageOn, type Prefetched, type Twin, type TwinRow, toldBy } from './twin.js';

const ordering: readonly string[] = [
  'order',
  'original-order',
  'reflex-order',
  'filler-order',
  'instance-order',
];
const notInForce: readonly string[] = ['entered-in-error', 'cancelled', 'draft', 'revoked'];

/** Orders that are in force; drafts, plans and proposals are none. */
const ordersOf = (type: string, resources: readonly Json[]): readonly Json[] =>
  resources.filter(
    (one) =>
      one['resourceType'] === type &&
      ordering.includes(text(one, 'intent') ?? '') &&
      !notInForce.includes(text(one, 'status') ?? ''),
  );

const isBnf = (system: string): boolean => /[/-]bnf$/i.test(system);

/** The BNF code of what is prescribed: in the order itself, in a resource that it contains, or in one beside it. */
function bnfCode(order: Json, { byReference }: Prefetched): string | null {
  const reference = text(part(order, 'medicationReference'), 'reference') ?? '';
  const contained = parts(order, 'contained').find((one) => `#${text(one, 'id') ?? ''}` === reference);
  const drug = contained ?? byReference.get(reference);
  const code = codeOf(part(order, 'medicationCodeableConcept'), isBnf) ?? codeOf(part(drug, 'code'), isBnf);
  return code !== null && /^[0-9]{7}[A-Z0-9]{0,8}$/i.test(code) ? normalCode('bnf', code) : null;
}

/** Characters of a BNF code up to the chemical substance. */
const substance = 9;

export const prescriptionTwin: Twin = {
  fact: 'prescription',
  columns: [
    'prescription_date',
    'bnf_code',
    'bnf_substance',
    'previous_same_substance',
    'quantity',
    'days_supply',
    'age',
  ],
  rows(resources, prefetched) {
    const rows = ordersOf('MedicationRequest', resources)
      .flatMap((order): TwinRow[] => {
        const day = londonDay(text(order, 'authoredOn'));
        if (day === null) return [];
        const code = bnfCode(order, prefetched);
        const dispense = part(order, 'dispenseRequest');
        const supply = part(dispense, 'expectedSupplyDuration');
        return [
          {
            prescription_date: day,
            bnf_code: code,
            bnf_substance: code?.slice(0, substance) ?? null,
            quantity: amount(part(dispense, 'quantity'), 'value'),
            days_supply: text(supply, 'code') === 'd' ? amount(supply, 'value') : null,
            age: ageOn(prefetched.born, day),
          },
        ];
      })
      .sort((a, b) => String(a['prescription_date']).localeCompare(String(b['prescription_date'])));
    const last = new Map<string, string>();
    const all = rows.map((row) => {
      const code = String(row['bnf_substance']);
      const previous = last.get(code) ?? null;
      last.set(code, String(row['prescription_date']));
      return { ...row, previous_same_substance: previous };
    });
    return {
      // A drug without a BNF code may be any: what is not among the others is then not known either.
      columns: toldBy(this, [
        [prefetched.born !== null, ['age']],
        [
          rows.every(({ bnf_code }) => bnf_code !== null),
          ['bnf_code', 'bnf_substance', 'previous_same_substance'],
        ],
      ]),
      rows: all,
    };
  },
};

const urgencies: Readonly<Record<string, string>> = {
  routine: 'Routine',
  urgent: 'Urgent',
  asap: 'Urgent',
  stat: 'Emergency',
};

/** Referrals (SNOMED 3457005), those for another treatment function than mental health, which begins with 7, left out. */
export const referralTwin: Twin = {
  fact: 'mh_referral',
  columns: ['referral_date', 'urgency', 'primary_diagnosis', 'age'],
  rows: (resources, prefetched) => ({
    columns: toldBy(referralTwin, [[prefetched.born !== null, ['age']]]),
    rows: ordersOf('ServiceRequest', resources).flatMap((order): TwinRow[] => {
      const day = londonDay(text(order, 'authoredOn') ?? text(order, 'occurrenceDateTime'));
      const specialty = parts(part(order, 'performerType'), 'coding')
        .map((coding) => text(coding, 'code') ?? '')
        .find((code) => /^[0-9]{3}$/.test(code));
      const isReferral = hasCode(parts(order, 'category'), ['3457005', 'referral']);
      if (day === null || !isReferral || (specialty !== undefined && !specialty.startsWith('7'))) return [];
      const reason = codeOf(parts(order, 'reasonCode')[0] ?? {}, isIcd10);
      return [
        {
          referral_date: day,
          urgency: urgencies[text(order, 'priority') ?? ''] ?? null,
          primary_diagnosis: reason === null ? null : normalCode('icd10', reason),
          age: ageOn(prefetched.born, day),
        },
      ];
    }),
  }),
};
