import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type IdentifierShape, identifierShapeIn } from '../../src/access/identifier-shapes.js';
import { roleDeclarations, roles } from '../../src/access/role.js';
import { developmentToken } from '../../src/commands/token.js';
import type { Config } from '../../src/config/environment.js';
import { buildRoleSchemas } from '../../src/resolvers/build-schema.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { columnsOf, fromRelease, openReader, openRelease } from '../support/release.js';
import { serveAt, type TestServer } from '../support/server.js';
import { everyField } from './every-field.js';

/** Of the sample data in the full tests alone. */
const data = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? process.env['MAPLEWOOD_TEST_DATA'] : undefined;
if (data === undefined)
  process.stdout.write(
    'no identifiers in sample data: SKIPPED, since these are no full tests, or MAPLEWOOD_TEST_DATA is not set\n',
  );
const sample = join(data ?? '', 'nhs_seed_original');

interface Loaded {
  readonly name: string;
  /** Ask once more for each value of an argument. */
  readonly everyValue: boolean;
  readonly load: (folder: string) => ReturnType<typeof loadedHome>;
}

const loads: readonly Loaded[] = [
  { name: 'synthetic sources', everyValue: true, load: (folder) => loadedHome(folder, { patients: 1_500 }) },
  ...(data === undefined
    ? []
    : [{ name: 'the sample', everyValue: false, load: (folder: string) => loadedHome(folder, { sample }) }]),
];

describe.each(loads)('what leaves a server of $name', ({ load, everyValue }) => {
  const folder = temporaryFolder();
  let config: Config;
  let server: TestServer;
  let raw: RawIds;
  let trusts: readonly string[];
  let patient: string;

  beforeAll(async () => {
    const loaded = await load(folder);
    ({ config } = loaded);
    raw = await rawIdsOf(loaded.landing);
    trusts = (
      await fromRelease<{ code: string }>(
        config,
        'select trust_code as code from dim_trust order by 1 limit 50',
      )
    ).map(({ code }) => code);
    server = await serveAt(config);
  }, 600_000);
  afterAll(() => server?.close());

  it.each(roles)(
    'to %s holds no identifier, in any field',
    async (role) => {
      const token = developmentToken(
        config,
        [role],
        roleDeclarations[role].needsTrusts ? (trusts as never) : undefined,
      );
      patient ??= await aPatient(server);
      const needed = {
        'patient.id': `"${patient}"`,
        'cdsEvaluate.patientId': `"${patient}"`,
        'lineage.field': '"EdWaits.attendances"',
        'explainAccess.field': '"Me.role"',
      };
      let texts = 0;
      for (const { root, query, mustAnswer } of everyField(buildRoleSchemas().get(role)!, needed)) {
        if (!mustAnswer && !everyValue) continue;
        const answer = await fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query }),
        });
        const text = await answer.text();
        const { data: found, errors } = JSON.parse(text);
        if (mustAnswer) expect([query, answer.status, errors]).toEqual([query, 200, undefined]);
        else expect([query, [200, 400].includes(answer.status)]).toEqual([query, true]);
        if (mustAnswer && root !== 'patient') expect([root, found[root] === null]).toEqual([root, false]);
        const strings = [...stringsIn(JSON.parse(text)), ...[...answer.headers].flat()];
        texts += strings.length;
        expect([query, leaksIn(strings, raw)]).toEqual([query, []]);
        expect(text).not.toMatch(/"[A-Za-z]*(birth|dob)[A-Za-z]*":"\d{4}-\d{2}-\d{2}/i);
      }
      expect(texts).toBeGreaterThan(100);
    },
    300_000,
  );

  it('is made from a release of which no text is one', async () => {
    const release = await openRelease(config);
    let texts = 0;
    try {
      for (const { table, column } of (await columnsOf(release)).filter(({ type }) => type === 'VARCHAR')) {
        const rows = await release.rows<{ v: string }>(
          `select distinct "${column}" as v from "${table}" where "${column}" is not null`,
        );
        texts += rows.length;
        const leaks = leaksIn(
          rows.map(({ v }) => v),
          raw,
        );
        expect([table, column, leaks]).toEqual([table, column, []]);
      }
    } finally {
      release.close();
    }
    expect(texts).toBeGreaterThan(1_000);
  }, 300_000);
});

const aPatient = async (server: TestServer): Promise<string> => {
  const { body } = await server.query('analyst', '{ episodes(first: 1) { nodes { patientId } } }');
  return body.data.episodes.nodes[0].patientId;
};

/** What the sources call their patients, and what anybody can compute of that. */
interface RawIds {
  has(text: string): boolean;
}

async function rawIdsOf(landing: string): Promise<RawIds> {
  const reader = await openReader();
  const file = patientsFile(landing);
  const columns = ['patient_id', 'nhs_number'];
  const read = file.endsWith('.parquet')
    ? `read_parquet('${file}')`
    : `read_csv('${file}', all_varchar = true)`;
  const rows = await reader.rows<Record<string, string | null>>(`select ${columns.join(', ')} from ${read}`);
  reader.close();
  const ids = rows
    .flatMap((row) => columns.flatMap((column) => row[column] ?? []))
    .filter((id) => /\d{4}/.test(id));
  const hashes = ids.flatMap((id) =>
    ['md5', 'sha1', 'sha256'].map((algorithm) => createHash(algorithm).update(id).digest('hex').slice(0, 16)),
  );
  const known = new Set([...ids, ...hashes]);
  if (known.size < 1_000) throw new Error('the sources have no ids to look for');
  return {
    has: (text) =>
      known.has(text) || (/^[0-9a-f]{16,}$/i.test(text) && known.has(text.toLowerCase().slice(0, 16))),
  };
}

function patientsFile(landing: string): string {
  const folder = join(landing, 'patients');
  const names = existsSync(folder)
    ? readdirSync(folder).map((name) => join('patients', name))
    : readdirSync(landing);
  const name = names.find((one) => /patients[^/]*\.(csv|parquet)$|^patients\//.test(one));
  if (!name) throw new Error(`no patients in ${landing}`);
  return join(landing, name);
}

function leaksIn(texts: readonly string[], raw: RawIds): [IdentifierShape | 'id of a source', string][] {
  return [...new Set(texts)].flatMap((text) => {
    const shape = identifierShapeIn(text) ?? (raw.has(text) ? 'id of a source' : undefined);
    return shape ? [[shape, text] as [IdentifierShape, string]] : [];
  });
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...stringsIn(member)]);
}
