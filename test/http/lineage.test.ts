import type { Role } from '../../src/access/role.js';
import type { Config } from '../../src/config/environment.js';
import { loadAt, loadedHome, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { openRelease } from '../support/release.js';
import { serveAt, type TestServer } from '../support/server.js';
import { callerOf } from './client.js';

const home = temporaryFolder();
const later = temporaryFolder();
let config: Config;
let server: TestServer;
const caller = (role: Role) => callerOf(() => server, role);
const steward = caller('data-steward');

interface Edge {
  readonly depth: number;
  readonly fromLayer: string;
  readonly fromTable: string;
  readonly fromColumn: string | null;
  readonly toTable: string;
  readonly toColumn: string | null;
  readonly kind: string;
  readonly transformation: string | null;
}

const fields = 'depth fromLayer fromTable fromColumn toLayer toTable toColumn kind transformation';
const lineage = async (field: string, who = steward): Promise<Edge[]> => {
  const { status, body } = await who.query(
    `query ($field: String!) { lineage(field: $field) { ${fields} } }`,
    { field },
  );
  expect([status, body.errors]).toEqual([200, undefined]);
  return body.data.lineage;
};
const refused = (field: string, who = steward) =>
  who.refusal('query ($field: String!) { lineage(field: $field) { depth } }', { field });

beforeAll(async () => {
  ({ config } = await loadedHome(home, { patients: 300 }));
  server = await serveAt(config);
}, 120_000);
afterAll(() => server?.close());

describe('lineage', () => {
  it('goes from a field back to the delivered columns, nearest first', async () => {
    const edges = await lineage('EdWaits.within4HoursPct');
    const depths = edges.map(({ depth }) => depth);
    expect(depths).toEqual([...depths].sort((a, b) => a - b));
    expect(edges[0]).toMatchObject({ depth: 1, toTable: 'EdWaits', toColumn: 'within4HoursPct' });
    const layers = [...new Set(edges.map(({ fromLayer }) => fromLayer))];
    expect(layers).toEqual(['mart', 'events', 'gold', 'silver', 'bronze', 'source']);
    expect(edges.map(({ fromTable, fromColumn }) => `${fromTable}.${fromColumn}`)).toContain(
      'ecds_attendances.total_time_mins',
    );
  });

  it('takes a column of any layer, and a table', async () => {
    expect((await lineage('fact_spell.trust_code')).map(({ fromTable }) => fromTable)).toEqual([
      'silver_sus_episodes',
      'bronze_sus_episodes',
      'sus_episodes',
    ]);
    expect((await lineage('fact_spell')).map(({ fromTable }) => fromTable)).toContain('silver_patients');
  });

  it('has nothing upstream of a delivered column, whose name alone is shown', async () => {
    expect(await lineage('patients.nhs_number')).toEqual([]);
  });

  it.each(['auditor', 'admin'] as const)('is the same for %s', async (role) => {
    expect(await lineage('BedOccupancy.occupancyPct', caller(role))).toEqual(
      await lineage('BedOccupancy.occupancyPct'),
    );
  });

  it.each(['bi-reader', 'analyst', 'finance', 'operations', 'clinician'] as const)(
    'does not exist for %s: the answer is that to any misspelt field',
    async (role) => {
      const who = callerOf(
        () => server,
        role,
        role === 'operations' || role === 'clinician' ? () => ['RXX'] : undefined,
      );
      const real = await who.refusal('{ lineage(field: "EdWaits.attendances") { depth } }');
      const misspelt = await who.refusal('{ linaege(field: "EdWaits.attendances") { depth } }');
      expect([real.status, real.code]).toEqual([misspelt.status, misspelt.code]);
      expect(real.message.replaceAll('lineage', '')).toBe(misspelt.message.replaceAll('linaege', ''));
    },
  );

  it('tells nothing apart that it does not know', async () => {
    const answers = await Promise.all(
      [
        'EdWaits.nothing',
        'Nothing.attendances',
        'patient.nhs_number',
        'identified.patient',
        'patient_key.patient_id',
        'run',
        '',
        "'; drop table lineage_edge",
      ].map((field) => refused(field)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });
});

describe('the lineage of a release', () => {
  it('is the same after a correction of it', async () => {
    const read = async () => {
      const release = await openRelease(config);
      try {
        return await release.rows('select * from lineage_edge order by edge_no');
      } finally {
        release.close();
      }
    };
    const before = await read();
    expect(before.length).toBeGreaterThan(1_000);
    await loadAt(config, await synthAt(later, { patients: 50, seed: 8 }));
    expect(await read()).toEqual(before);
  }, 120_000);
});
