import { sql } from 'kysely';
import type { EventSource } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { unknownMember } from '../../warehouse/gold/dimensions.js';

/** One row a prescription on its day, with the BNF chapter: the first two characters of its code. */
export const prescriptions: EventSource = {
  name: 'prescribed',
  relation: (gold) =>
    gold
      .selectFrom('fact_prescription as p')
      .select([
        'p.prescription_date as day',
        'p.patient_no',
        'p.practice_code',
        'p.items',
        'p.net_ingredient_cost',
        'p.actual_cost',
      ])
      .select(
        sql`case when ${sql.ref('p.bnf_code')} = ${sql.lit(unknownMember)} then ${sql.lit(unknownMember)} else left(${sql.ref('p.bnf_code')}, 2) end`.as(
          'bnf_chapter',
        ),
      ) as unknown as DynamicQuery,
  columns: {
    practice_code: { kind: 'text', length: 12 },
    bnf_chapter: { kind: 'text', length: 8 },
    items: { kind: 'int32' },
    net_ingredient_cost: { kind: 'decimal', precision: 15, scale: 2 },
    actual_cost: { kind: 'decimal', precision: 15, scale: 2 },
  },
  dimensions: {
    BNF_CHAPTER: { column: 'bnf_chapter', type: { kind: 'text', length: 8 } },
    PRACTICE: { column: 'practice_code', type: { kind: 'text', length: 12 } },
  },
  fixed: [],
  rowByRow: true,
  warmUp: { firstDay: 'first_admission', days: 0 },
};
