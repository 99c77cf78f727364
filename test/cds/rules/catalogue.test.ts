import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { FactReference } from '../../../src/cds/facts/fact.js';
import { isReference, parseReference } from '../../../src/cds/facts/reference/parse.js';
import { readsOf } from '../../../src/cds/provenance/check-gem.js';
import { gemSchema } from '../../../src/cds/provenance/gem-form.js';
import { type Rules, readRules } from '../../../src/cds/rules/read-rules.js';
import { root } from '../../support/landing.js';
import { named, rulesFolder } from './shipped.js';

describe('the rules that ship', () => {
  let rules: Rules;
  beforeAll(async () => {
    rules = await readRules(rulesFolder);
  });
  const references = (): FactReference[] =>
    rules.rules.flatMap(({ mlm }) =>
      readsOf(mlm).flatMap(({ braces }) => {
        const read = parseReference(braces.text, rules.registry);
        return isReference(read) ? [read] : [];
      }),
    );

  it('are strict, and agree with their provenance', () => {
    expect(rules.rules.map(({ name }) => name)).toEqual(named('', '.mlm'));
    expect(rules.rules).toHaveLength(38);
  });

  it('have three files each', () => {
    expect(named('', '.gem.yaml')).toEqual(named('', '.mlm'));
    expect(named('tests', '.yaml')).toEqual(named('', '.mlm'));
  });

  it('read only facts, columns and value sets that exist, in every READ', () => {
    const reads = rules.rules.flatMap(({ mlm }) => readsOf(mlm));
    expect(references()).toHaveLength(reads.length);
    expect(reads.length).toBeGreaterThan(80);
  });

  it('leave no value set unread', () => {
    const read = references().flatMap(({ where }) =>
      where.flatMap((condition) => (condition.kind === 'value set' ? [condition.name] : [])),
    );
    expect([...new Set(read)].sort()).toEqual(named('valuesets', '.csv'));
  });

  it('say in a deviation what is to be checked, unless they are in production', () => {
    for (const { name, mlm, gem } of rules.rules) {
      const unchecked = gem.deviations.some(({ what, why }) => /to be checked/.test(`${what} ${why}`));
      expect({ name, unchecked }).toEqual({ name, unchecked: mlm.validation !== 'production' });
    }
  });

  it('keep the clock out', () => {
    for (const { text } of rules.rules) expect(text).not.toMatch(/CURRENTTIME/i);
  });

  it('weigh comorbidity as the code list of the warehouse does', () => {
    const lines = parse(readFileSync(join(root, 'reference', 'charlson_condition.csv')), {
      columns: true,
    }) as { code: string; schneeweiss: string }[];
    const weights = new Map(lines.map(({ code, schneeweiss }) => [code, Number(schneeweiss)]));
    const { text } = rules.rules.find(({ name }) => name === 'lace_high') ?? { text: '' };
    const added = [...text.matchAll(/IF (\w+) = codes[^;]*weight := weight \+ (\d+);/g)];
    expect(added.map(([, code, weight]) => [code, Number(weight)])).toEqual(
      added.map(([, code]) => [code, weights.get(code ?? '')]),
    );
    expect(added).toHaveLength([...weights.values()].filter((weight) => weight > 0).length);
    for (const [, code] of added)
      for (const { factor } of rules.registry.valueSets.get(`charlson_${code}`)?.codes ?? [])
        expect(factor).toBe(weights.get(code ?? ''));
  });

  it('take for opioids the factors of their value sets', () => {
    const { text } = rules.rules.find(({ name }) => name === 'opioid_high_dose') ?? { text: '' };
    const factors = [...text.matchAll(/factor_(\w+) := ([\d.]+);/g)];
    expect(factors).toHaveLength(4);
    for (const [, set, factor] of factors) {
      const codes = rules.registry.valueSets.get(`opioid_${set}`)?.codes ?? [];
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(code.factor).toBe(Number(factor));
    }
  });

  it('have a schema of provenance for editors that is up to date', () => {
    expect(readFileSync(join(rulesFolder, 'gem.schema.json'), 'utf8')).toBe(
      `${JSON.stringify(gemSchema, null, 2)}\n`,
    );
  });
});
