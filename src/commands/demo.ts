import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../access/role.js';
import { ensureHome } from '../config/home.js';
import { printReport } from '../etl/report.js';
import { synthesise } from '../synth/synthesise.js';
import { type Command, parse, wholeNumber } from './command.js';
import { load } from './etl.js';
import { progressTo } from './progress.js';
import { listen } from './serve.js';
import { defaultTrusts, developmentToken } from './token.js';

/** Roles that have something to see in this version, in the order in which they are shown. */
const shown: readonly Role[] = ['analyst', 'operations', 'bi-reader', 'data-steward', 'admin'];

const examples: readonly { title: string; role: Role; query: string }[] = [
  {
    title: 'How full are the hospitals, month by month?',
    role: 'operations',
    query:
      '{ bedOccupancy(by: [TRUST], grain: MONTH) { nodes { period trustName occupiedBeds availableBeds occupancyPct } } }',
  },
  {
    title: 'Which emergency departments keep people waiting?',
    role: 'analyst',
    query:
      '{ edWaits(by: [TRUST], grain: QUARTER, orderBy: [{ column: within4HoursPct }]) { nodes { period trustName attendances within4HoursPct p95Minutes suppressed } } }',
  },
  {
    title: 'What was wrong with the data?',
    role: 'data-steward',
    query:
      '{ dataQuality(where: { severity: { eq: "reject" }, violated: { gt: 0 } }) { nodes { dataset rule column violated denominator } } }',
  },
];

export const demo: Command = {
  name: 'demo',
  summary: 'Make synthetic sources, load them and serve: what `npm start` runs.',
  usage: 'maplewood demo [--patients N] [--json]',
  async run(args, context) {
    const { values } = parse(demo, args, {
      patients: { type: 'string', default: '20000' },
      json: { type: 'boolean', default: false },
    });
    const patients = wholeNumber(demo, '--patients', values.patients);
    const config = context.config({ MAPLEWOOD_DEV: '1' });
    ensureHome(config.home);
    const landing = join(config.home.root, 'landing');
    const progress = progressTo(context, values.json);
    if (!existsSync(join(landing, 'faults.json'))) {
      context.out(`Making synthetic sources of ${patients.toLocaleString('en-GB')} patients in ${landing}\n`);
      await synthesise(
        {
          out: landing,
          patients,
          seed: 1,
          years: 2,
          faultRate: 0.05,
          observations: true,
          referenceDir: join(context.root, 'reference'),
        },
        (step, done, total) => progress.step('synth', step, done, total),
      ).finally(() => progress.end());
    }
    const report = await load(config, context, { landing, full: false, json: values.json });
    context.out(`${printReport(report)}\n\n`);
    if (context.stopped.aborted) return;
    const server = await listen(config, context, values.json);
    const trusts = await defaultTrusts(config, ['operations'], () => undefined);
    context.out(
      `Maplewood serves ${server.url}/graphql (synthetic data, development tokens, this machine only)\n\n`,
    );
    for (const role of shown) {
      context.out(
        `${role}${role === 'operations' ? ` of trust ${trusts?.join(', ')}` : ''}:\n${developmentToken(config, [role], role === 'operations' ? trusts : undefined)}\n\n`,
      );
    }
    // The token is signed with a key of this home.
    const given = context.env['MAPLEWOOD_HOME'];
    const home = given ? `MAPLEWOOD_HOME='${given}' ` : '';
    context.out('Try:\n');
    for (const { title, role, query } of examples) {
      const body = JSON.stringify({ query });
      context.out(
        `\n# ${title}\ncurl -s ${server.url}/graphql -H 'content-type: application/json' -H "authorization: Bearer $(${home}npx maplewood token --role ${role}${role === 'operations' && trusts ? ` --trust ${trusts.join(' --trust ')}` : ''})" -d '${body}'\n`,
      );
    }
    context.out('\nPress Ctrl-C to stop.\n');
    await server.untilStopped();
  },
};
