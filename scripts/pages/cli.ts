import { audit } from '../../src/commands/audit.js';
import { cdc } from '../../src/commands/cdc.js';
import { cds } from '../../src/commands/cds.js';
import type { Command } from '../../src/commands/command.js';
import { demo } from '../../src/commands/demo.js';
import { doctor } from '../../src/commands/doctor.js';
import { etl } from '../../src/commands/etl.js';
import { migrate } from '../../src/commands/migrate.js';
import { schema } from '../../src/commands/schema.js';
import { serve } from '../../src/commands/serve.js';
import { synth } from '../../src/commands/synth.js';
import { token } from '../../src/commands/token.js';
import { code, type Page, page, table } from './page.js';

/** Every command, in the order in which one meets them. A test compares it with `src/commands/`. */
export const commands: readonly Command[] = [
  demo,
  synth,
  etl,
  cdc,
  cds,
  serve,
  token,
  audit,
  migrate,
  schema,
  doctor,
];

/** `docs/reference/cli.md`: the `maplewood` command. */
export function cli(): Page {
  return page('docs/reference/cli.md', 'Commands', '`src/commands/`', [
    'Run a command with `npx maplewood COMMAND …` in the folder of the repository. `npx maplewood help` lists them; `npx maplewood COMMAND --help` prints one usage line.',
    'Results go to stdout; progress, notes and errors to stderr. Progress is a bar on a terminal, a line a step elsewhere, and JSON lines with `--json`. Exit codes: `0` done, `1` failed, `2` wrong usage or configuration, `75` another run holds the lease; see [errors](errors.md).',
    table(
      ['command', 'what it does'],
      commands.map(({ name, summary }) => [code(name), summary]),
    ),
    ...commands.flatMap(({ name, summary, usage }) => [
      `## ${name}`,
      summary,
      `\`\`\`\n${usage.split(' | maplewood ').join('\nmaplewood ')}\n\`\`\``,
    ]),
  ]);
}
