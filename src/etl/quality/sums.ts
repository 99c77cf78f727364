import { type Check, check } from './check.js';

/** A figure that gold must have taken over from silver without loss: expressions over a fact and its dataset. */
interface Sum {
  readonly name: string;
  readonly gold: string;
  readonly silver: string;
  /** Units of the difference that is counted: pence of pounds. */
  readonly scale?: number;
  readonly unit: string;
}

interface TakenOver {
  readonly table: string;
  readonly dataset: string;
  readonly sums: readonly Sum[];
}

const same = (name: string, column: string, unit: string, scale = 1): Sum => ({
  name,
  gold: `sum(${column})`,
  silver: `sum(${column})`,
  unit,
  scale,
});
const renamed = (name: string, gold: string, silver: string, unit: string): Sum => ({
  name,
  gold: `sum(${gold})`,
  silver: `sum(${silver})`,
  unit,
});

/** Tables whose rows are those of a silver dataset, one for one, and the totals they share. */
const takenOver: readonly TakenOver[] = [
  { table: 'dim_trust', dataset: 'trusts', sums: [same('beds', 'beds', 'beds')] },
  { table: 'dim_patient', dataset: 'patients', sums: [] },
  {
    table: 'fact_spell',
    dataset: 'sus_episodes',
    sums: [renamed('bed_days', 'los_days', 'discharge_date - admission_date', 'days')],
  },
  {
    table: 'fact_ed_attendance',
    dataset: 'ecds_attendances',
    sums: [
      renamed('minutes', 'total_minutes', 'total_time_mins', 'minutes'),
      renamed('treatment_minutes', 'treatment_minutes', 'time_to_treatment_mins', 'minutes'),
    ],
  },
  {
    table: 'fact_referral',
    dataset: 'mhsds_referrals',
    sums: [same('contacts', 'total_contacts', 'contacts')],
  },
  {
    table: 'fact_contact',
    dataset: 'csds_contacts',
    sums: [renamed('minutes', 'duration_minutes', 'contact_duration_mins', 'minutes')],
  },
  {
    table: 'fact_prescription',
    dataset: 'prescriptions',
    sums: [
      renamed('items', 'items', 'coalesce(prescription_items, 1)', 'items'),
      same('net_ingredient_cost', 'net_ingredient_cost', 'pence', 100),
      same('actual_cost', 'actual_cost', 'pence', 100),
    ],
  },
  {
    table: 'fact_care_package',
    dataset: 'social_care',
    sums: [same('weekly_cost', 'weekly_cost', 'pence', 100)],
  },
  {
    table: 'fact_patient_journey',
    dataset: 'patient_journeys',
    sums: [same('events', 'total_events', 'events'), same('cost', 'total_cost', 'pence', 100)],
  },
  { table: 'fact_condition', dataset: 'conditions', sums: [] },
  { table: 'fact_procedure', dataset: 'procedures', sums: [] },
  { table: 'fact_observation', dataset: 'observations', sums: [same('values', 'value', 'units', 100)] },
];

/** Rows and totals of gold against silver. Both sides of a table are read once. */
export const silverChecks = (): Check[] =>
  takenOver.flatMap(({ table, dataset, sums }) => {
    const select = (side: 'gold' | 'silver'): string =>
      ['count(*) as n', ...sums.map((sum) => `coalesce(${sum[side]}, 0) as ${sum.name}`)].join(', ');
    const from = `(select ${select('gold')} from ${table}) g, (select ${select('silver')} from memory.main.silver_${dataset}) s`;
    const common = {
      subject: table,
      severity: 'error',
      from,
      denominator: 'max(s.n)',
      touches: [dataset],
    } as const;
    return [
      check({
        ...common,
        id: `${table}.rows_of_silver`,
        level: 'table',
        category: 'completeness',
        description: `${table} has as many rows as silver ${dataset}`,
        violations: 'max(abs(g.n - s.n))',
        detail: "max(g.n || ' rows, silver ' || s.n)",
      }),
      ...sums.map((sum) =>
        check({
          ...common,
          id: `${table}.${sum.name}_of_silver`,
          level: 'field',
          category: 'conformance',
          description: `${sum.unit} by which the total ${sum.name} of ${table} is off that of silver ${dataset}`,
          violations: `max(abs(g.${sum.name} - s.${sum.name}) * ${sum.scale ?? 1})`,
        }),
      ),
    ];
  });
