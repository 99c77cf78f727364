import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../../scripts/pages/cli.js';
import { pages } from '../../scripts/pages/index.js';
import { root } from '../support/landing.js';

describe('generated pages and schemas', () => {
  it.each(pages().map(({ path, text }) => [path, text] as const))('%s is up to date', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  it('list every command that there is', () => {
    const folder = join(root, 'src', 'commands');
    const declared = readdirSync(folder).flatMap((file) =>
      file.endsWith('.ts')
        ? [...readFileSync(join(folder, file), 'utf8').matchAll(/^export const (\w+): Command = /gm)].map(
            (found) => found[1],
          )
        : [],
    );
    expect(commands.map(({ name }) => name).sort()).toEqual(declared.sort());
  });
});
