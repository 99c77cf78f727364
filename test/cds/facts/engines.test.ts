import { facts } from '../../../src/cds/facts/registry.js';
import { factRelation } from '../../../src/cds/facts/rows/relation.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import { expectGolden } from '../../support/golden.js';
import { at, beginning, reference } from './facts-at.js';

const valueSets = new Map([
  ['copd', beginning('copd', 'icd10', ['J44', 'J410'])],
  ['nsaid', beginning('nsaid', 'bnf', ['100101'])],
]);
const gold = goldBuilder();
const now = at('2023-06-30T23:59:59');

/** A reference to every column of each fact, and conditions of every form. */
const texts = [
  ...[...facts.values()].map(({ name, columns }) => `${name}: ${Object.keys(columns).join(', ')}`),
  "spell where admission_method starts with '2' and diagnoses in valueset 'copd' and primary_diagnosis not in valueset 'copd' and discharge_date is null",
  "ed_attendance: triage_category where investigations contains 'ECG' and triage_category in (1, 2) and safeguarding_concern = true",
  "prescription: daily_dose_mg where bnf_code in valueset 'nsaid' and days_supply >= 28",
  "quality_finding where rule = 'LOS_MISMATCH'",
];

describe('a reference in both engines', () => {
  it.each(texts)('stays inside the portable subset: %s', (text) => {
    const query = factRelation(reference(text, valueSets), gold, duckdbDialect, now, valueSets);
    expect(duckdbDialect.compile(query).sql).toContain('"patient_no"');
    for (const engine of ['sqlserver', 'synapse'] as const) {
      const dialect = tsqlDialect(engine);
      const { sql } = dialect.compile(
        factRelation(reference(text, valueSets), gold, dialect, now, valueSets),
      );
      expect(lintTsql(sql)).toEqual([]);
    }
  });

  it('is the text that was read and approved', () => {
    const dialects = [duckdbDialect, tsqlDialect('sqlserver')];
    const written = texts.flatMap((text) => [
      `{${text}}`,
      ...dialects.map((dialect) => {
        const { sql, parameters } = dialect.compile(
          factRelation(reference(text, valueSets), gold, dialect, now, valueSets),
        );
        return `${dialect.engine}: ${sql}\n  ${JSON.stringify(parameters.map(({ value }) => value))}`;
      }),
      '',
    ]);
    expectGolden('cds/facts.txt', `${written.join('\n')}\n`);
  });

  it('reads no join that nobody asked for', () => {
    const { sql } = duckdbDialect.compile(
      factRelation(reference('spell: age'), gold, duckdbDialect, now, valueSets),
    );
    expect(sql).not.toContain('fact_spell_interval');
  });
});
