import { type RawBuilder, sql } from 'kysely';
import { queryOf } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { factSpell } from '../../warehouse/gold/facts.js';
import { qualityFinding as findings } from '../../warehouse/gold/findings.js';
import type { Fact } from './fact.js';

/** What a spell violates that has a procedure code in the place of its diagnosis. */
const procedureCode = { dataset: 'sus_episodes', rule: 'ICD10_LOOKS_LIKE_OPCS4' } as const;

export const qualityFinding: Fact = {
  name: 'quality_finding',
  description: 'Rows of the sources that violate a rule of data quality, refused ones too.',
  relation(gold, _dialect, columns, patients) {
    const names = ['dataset', 'rule'].filter((name) => columns.has(name));
    const constants: Readonly<Record<string, RawBuilder<unknown>>> = {
      dataset: sql.lit(procedureCode.dataset),
      rule: sql.lit(procedureCode.rule),
    };
    const of = (table: string, alias: string): DynamicQuery => {
      const rows = queryOf(gold, `${table} as ${alias}`);
      return patients ? rows.where(`${alias}.patient_no`, 'in', patients) : rows;
    };
    const marked = of(factSpell.name, 's')
      .where(sql<boolean>`${sql.ref('s.is_diagnosis')} = ${sql.lit(0)}`)
      .where(sql<boolean>`${sql.ref('s.primary_diagnosis')} is not null`)
      .select(['s.patient_no', sql.ref('s.spell_sk').as('row_key')])
      .select(names.map((name) => sql`${constants[name]}`.as(name)));
    return of(findings.name, 'f')
      .select(['f.patient_no', 'f.row_key'])
      .select(names.map((name) => sql.ref(`f.${name}`).as(name)))
      .unionAll(marked);
  },
  columns: {
    rule: { type: 'string', description: 'name of the rule', told: true },
    dataset: { type: 'string', description: 'dataset of the source', told: true },
  },
  defaultColumn: 'rule',
  notAsOf: true,
};
