import { anyCode, noTrust } from '../../warehouse/gold/costs.js';
import { unknownMember } from '../../warehouse/gold/dimensions.js';
import { referenceFile } from '../code-lists.js';
import { quoted } from '../sql.js';
import { ageBand10 } from './expressions.js';
import type { FactRelation, Slice } from './fill.js';

/** SELECT of `dim_price`, from the list of prices. A period without an end is open. */
export const dimPriceSql = (referenceDir: string): string => `select
  upper(component) as setting,
  coalesce(code, ${quoted(anyCode)}) as code,
  unit,
  cast(price as decimal(15, 2)) as price,
  currency,
  cast(price_year as integer) as price_year,
  coalesce(cast(valid_from as date), DATE '1900-01-01') as valid_from,
  coalesce(cast(valid_to as date), DATE '9999-12-31') as valid_to,
  source as cost_source
from read_csv(${quoted(referenceFile(referenceDir, 'unit_price'))}, all_varchar = true, header = true, nullstr = '')`;

interface Costed {
  readonly setting: string;
  readonly fact: string;
  readonly day: string;
  readonly amount: string;
  readonly trust?: string;
  /** SQL of the price's code; the setting has prices at all if it is given. */
  readonly code?: string;
  readonly where?: string;
}

/** The events of gold with a cost. A row of the fact is `f`, the prices of its day `p` and, of all other codes, `o`. */
function costed({ setting, fact, day, amount, trust, code, where }: Costed): string {
  const price = (alias: string, of: string): string =>
    ` left join dim_price ${alias} on ${alias}.setting = ${quoted(setting)} and ${alias}.code = ${of} and ${day} between ${alias}.valid_from and ${alias}.valid_to`;
  const prices = code === undefined ? '' : price('p', code) + price('o', quoted(anyCode));
  return `select f.patient_no as patient_no, ${quoted(setting)} as setting, ${day} as day,
  ${trust ?? quoted(noTrust)} as trust_code,
  coalesce(${ageBand10('f.age_at_event')}, ${quoted(unknownMember)}) as age_band,
  coalesce(cast(n.deprivation_quintile as varchar), ${quoted(unknownMember)}) as deprivation_quintile,
  cast(${amount} as decimal(18, 6)) as amount, f.batch_id as batch_id
from ${fact} f join dim_patient n on f.patient_no = n.patient_no${prices}
where ${where ?? 'true'}`;
}

const price = 'coalesce(p.price, o.price)';

/** Days of a package so far that cost the most whole millionths of a pound: weekly cost × days / 7, halves up. */
const millionths = (days: string): string =>
  `(2 * cast(f.weekly_cost * 1000000 as hugeint) * (${days}) + 7) // 14`;

/**
 * SELECTs of `fact_cost`, one a setting, from the facts of the release and `dim_price`. Spells cost on their discharge, the
 * others on the day of the event; a package costs its weekly cost over seven a day, an open one up to the last day with data.
 */
export function factCostSql(facts: FactRelation, dataAsOf: string): readonly string[] {
  const stop = `coalesce(end_date, DATE '${dataAsOf}' + 1)`;
  const days = `select *, ${stop} as stop, cast(unnest(generate_series(cast(start_date as timestamp), cast(${stop} as timestamp) - interval 1 day, interval 1 day)) as date) as first_day from ${facts('fact_care_package')}`;
  const next = `least(f.first_day + cast(8 - isodow(f.first_day) as integer), cast(date_trunc('month', f.first_day) + interval 1 month as date), f.stop)`;
  const spread = `(${millionths(`${next} - f.start_date`)}) - (${millionths('f.first_day - f.start_date')})`;
  const events: Costed[] = [
    {
      setting: 'ACUTE',
      fact: facts('fact_spell'),
      day: 'f.discharge_date',
      amount: price,
      trust: 'f.trust_code',
      code: 'left(f.hrg_code, 4)',
      where: 'f.discharge_date is not null',
    },
    {
      setting: 'EMERGENCY',
      fact: facts('fact_ed_attendance'),
      day: 'f.arrival_date',
      amount: price,
      trust: 'f.trust_code',
      code: quoted(anyCode),
    },
    {
      setting: 'MENTAL_HEALTH',
      fact: facts('fact_referral'),
      day: 'f.referral_date',
      amount: `${price} * f.total_contacts`,
      code: quoted(anyCode),
    },
    {
      setting: 'COMMUNITY',
      fact: facts('fact_contact'),
      day: 'f.contact_date',
      amount: `${price} * f.duration_minutes`,
      code: quoted(anyCode),
    },
    {
      setting: 'PRESCRIBING',
      fact: facts('fact_prescription'),
      day: 'f.prescription_date',
      amount: 'f.actual_cost',
    },
    {
      setting: 'SOCIAL_CARE',
      fact: `(${days})`,
      day: 'f.first_day',
      amount: `cast(${spread} as decimal(18, 0)) * 0.000001`,
      where: 'f.first_day = f.start_date or isodow(f.first_day) = 1 or day(f.first_day) = 1',
    },
  ];
  return events.map((event) => `${costed(event)}\norder by day`);
}

/** Patients with a package that lasts to the end of the data. */
const openPackages = 'select patient_no from fact_care_package where end_date is null';

/** Which rows of `fact_cost` come from which fact; `day`: its column for their day, where a row comes from one event. */
export const costSlices: readonly Slice[] = [
  { fact: 'fact_spell', rows: "setting = 'ACUTE'" },
  { fact: 'fact_ed_attendance', rows: "setting = 'EMERGENCY'", day: 'arrival_date' },
  { fact: 'fact_referral', rows: "setting = 'MENTAL_HEALTH'", day: 'referral_date' },
  { fact: 'fact_contact', rows: "setting = 'COMMUNITY'", day: 'contact_date' },
  { fact: 'fact_prescription', rows: "setting = 'PRESCRIBING'", day: 'prescription_date' },
  { fact: 'fact_care_package', rows: "setting = 'SOCIAL_CARE'", toTheEnd: openPackages },
];
