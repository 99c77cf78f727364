import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFile } from '../../../src/cds/arden/parse.js';
import { type Registry, registryOf } from '../../../src/cds/facts/registry.js';
import { readValueSets } from '../../../src/cds/facts/value-set.js';
import { differences } from '../../../src/cds/proof/differences.js';
import { Engine } from '../../../src/cds/proof/engines.js';
import { tableRegistry } from '../../../src/cds/proof/facts.js';
import { compileRule, isCompiled } from '../../../src/cds/sql/compile.js';
import { isFixture, readFixture } from '../../../src/cds/testing/fixture.js';
import { root } from '../../support/landing.js';
import { mixed } from './mixed-patients.js';

const folder = join(root, 'rules');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.mlm'))
  .map((file) => file.slice(0, -'.mlm'.length));

/** Patients of mixed rows a rule and time. */
const mixtures = 100;

let registry: Registry;

beforeAll(async () => {
  registry = tableRegistry(registryOf(await readValueSets(join(folder, 'valuesets'))));
});

describe.each(names)('interpreter and statements of %s', (name) => {
  it('agrees on the cases of the rule, and on patients whose rows are mixed of those of all cases', async () => {
    const [mlm] = parseFile(readFileSync(join(folder, `${name}.mlm`)), { mode: 'strict' }).mlms;
    const fixture = readFixture(readFileSync(join(folder, 'tests', `${name}.yaml`), 'utf8'), registry);
    if (!mlm || !isFixture(fixture)) throw new Error(`${name} has no rule or no cases`);
    const compiled = compileRule(mlm, registry);
    if (!isCompiled(compiled)) throw new Error(JSON.stringify(compiled.reasons));
    let fired = 0;
    for (const population of mixed(fixture.cases, mixtures)) {
      const engine = await Engine.of(population, registry);
      try {
        const result = await engine.run(compiled, { counts: true, evidence: true });
        fired += result.fired.size;
        expect(differences(compiled, population.now, engine.interpret(mlm), result)).toEqual([]);
      } finally {
        engine.close();
      }
    }
    expect(fired).toBeGreaterThan(0);
  }, 120_000);
});
