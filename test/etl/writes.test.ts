import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/landing.js';

/** Functions of `node:fs` that change the disk. */
const writing =
  /\b(appendFile|chmod|copyFile|cp|createWriteStream|link|mkdir|mkdtemp|rename|rm|symlink|truncate|unlink|utimes|writeFile|write)(Sync)?\b/;

/** Where they are called, each between two fail points or without effect on what is kept. */
const places: Readonly<Record<string, string>> = {
  'src/lake/durable.ts': 'the primitives',
  'src/lake/lease.ts': 'gives the lease back, and says that its holder lives',
  'src/etl/engine.ts': 'the spill folder',
  'src/etl/replay/corrected.ts': 'the scratch folder of a replay',
  'src/etl/replay/export.ts': 'an export for a person, outside of lake and releases',
  'src/etl/openlineage/journal.ts': 'events for other tools: a run that is killed leaves its START alone',
};

describe('what an ETL run writes', () => {
  it('goes through the primitives, which pass fail points', () => {
    const found = ['src/lake', 'src/etl'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true })
        .map((name) => `${folder}/${String(name)}`)
        .filter((path) => path.endsWith('.ts'))
        .filter((path) => {
          const text = readFileSync(join(root, path), 'utf8');
          return [...text.matchAll(/import \{([^}]*)\} from 'node:fs(?:\/promises)?'/g)].some(
            ([, names = '']) => writing.test(names),
          );
        }),
    );
    expect(found.sort()).toEqual(Object.keys(places).sort());
  });
});
