/** Rules over several rows or tables: counted, never a reason to refuse a row. */
export interface CrossRule {
  readonly rule: string;
  readonly dataset: string;
  readonly column: string | null;
  readonly severity: 'warn' | 'info';
  readonly description: string;
  /** SQL that gives one number. Tables: `received_<dataset>` (all rows but repetitions of the version before) and `silver_<dataset>` (rows kept). */
  readonly count: string;
  /** Datasets that must have rows. */
  readonly needs: readonly string[];
}

export interface CrossContext {
  /** Last day with data, `YYYY-MM-DD`. */
  readonly dataAsOf: string;
}

const validSpells =
  'select * from received_sus_episodes where discharge_date is null or discharge_date >= admission_date';

/** Clock changes of Europe/London: last Sundays of March and October, as days. */
const clockChanges = `select cast(d as date) as day from generate_series(DATE '1990-01-01', DATE '2099-12-31', interval 1 day) t(d) where month(d) in (3, 10) and isodow(d) = 7 and day(d) >= 25`;

export function crossRules({ dataAsOf }: CrossContext): CrossRule[] {
  const end = `DATE '${dataAsOf}'`;
  const afterEnd = (dataset: string, column: string): CrossRule => ({
    rule: 'EVENT_AFTER_DATA_END',
    dataset,
    column,
    severity: 'warn',
    description: `${column} lies after the last day with data`,
    count: `select count(*) from received_${dataset} where ${column} > ${end}`,
    needs: [dataset],
  });
  return [
    {
      rule: 'SPELL_OVERLAP',
      dataset: 'sus_episodes',
      column: null,
      severity: 'warn',
      description: 'pairs of spells of one patient that overlap in time',
      count: `with s as (select episode_id, patient_id, admission_date a, coalesce(discharge_date, ${end} + 1) d from (${validSpells})) select count(*) from s x join s y on x.patient_id = y.patient_id and x.episode_id < y.episode_id and x.a < y.d and y.a < x.d`,
      needs: ['sus_episodes'],
    },
    {
      rule: 'SPELL_SAME_DAY',
      dataset: 'sus_episodes',
      column: 'admission_date',
      severity: 'info',
      description: 'surplus spells of one patient that begin on the same day',
      count:
        'select coalesce(sum(n - 1), 0) from (select count(*) n from received_sus_episodes where patient_id is not null and admission_date is not null group by patient_id, admission_date having count(*) > 1)',
      needs: ['sus_episodes'],
    },
    {
      rule: 'EVENT_AFTER_DEATH',
      dataset: 'sus_episodes',
      column: 'admission_date',
      severity: 'warn',
      description: 'admissions after the first discharge by death of the patient',
      count: `with death as (select patient_id, min(discharge_date) died from (${validSpells}) where discharge_destination = '79' and discharge_date is not null group by patient_id) select count(*) from received_sus_episodes s join death on s.patient_id = death.patient_id where s.admission_date > death.died`,
      needs: ['sus_episodes'],
    },
    {
      rule: 'SUS_DISCHARGE_BEFORE_FIRST_DAY',
      dataset: 'sus_episodes',
      column: 'discharge_date',
      severity: 'info',
      description: 'discharges before the first day of admission in the data',
      count:
        'select count(*) from received_sus_episodes where discharge_date < (select min(admission_date) from silver_sus_episodes)',
      needs: ['sus_episodes'],
    },
    {
      rule: 'ED_OVERLAP',
      dataset: 'ecds_attendances',
      column: 'arrival_datetime',
      severity: 'warn',
      description: 'arrivals before the latest departure of earlier attendances of the patient',
      count:
        'select count(*) from (select arrival_datetime, max(departure_datetime) over (partition by patient_id order by arrival_datetime, attendance_id rows between unbounded preceding and 1 preceding) as earlier from received_ecds_attendances) where arrival_datetime < earlier',
      needs: ['ecds_attendances'],
    },
    {
      rule: 'ED_CROSSES_CLOCK_CHANGE',
      dataset: 'ecds_attendances',
      column: 'departure_datetime',
      severity: 'warn',
      description: 'stays over a change of the clocks',
      count: `select count(*) from received_ecds_attendances e join (${clockChanges}) c on cast(e.arrival_datetime as date) in (c.day, c.day - 1) where e.arrival_datetime < c.day + interval 1 hour and e.departure_datetime > c.day + interval 1 hour`,
      needs: ['ecds_attendances'],
    },
    {
      rule: 'ED_LOCAL_TIME_MISSING',
      dataset: 'ecds_attendances',
      column: 'arrival_datetime',
      severity: 'warn',
      description: 'arrivals in the local hour that the change to summer time leaves out',
      count: `select count(*) from received_ecds_attendances e join (${clockChanges}) c on cast(e.arrival_datetime as date) = c.day where month(c.day) = 3 and hour(e.arrival_datetime) = 1`,
      needs: ['ecds_attendances'],
    },
    {
      rule: 'PRESCRIPTION_OTHER_PRACTICE',
      dataset: 'prescriptions',
      column: 'practice_code',
      severity: 'info',
      description: 'items prescribed by another practice than the one the patient is registered with',
      count:
        'select count(*) from received_prescriptions r join silver_patients p on r.patient_id = p.patient_id where r.practice_code is distinct from p.registered_practice',
      needs: ['prescriptions', 'patients'],
    },
    afterEnd('sus_episodes', 'discharge_date'),
    afterEnd('mhsds_referrals', 'referral_date'),
    afterEnd('mhsds_referrals', 'discharge_date'),
    afterEnd('csds_contacts', 'contact_date'),
    afterEnd('social_care', 'end_date'),
  ];
}
