import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { load } from '../../../src/commands/etl.js';
import type { Config } from '../../../src/config/environment.js';
import { type Acceptance, acceptances } from '../../../src/etl/quality/accept.js';
import { checkLimits, defaultLimits } from '../../../src/etl/quality/limits.js';
import { configAt, loadAt, loadedHome, measuresAlone, quiet } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease, served } from '../../support/release.js';
import { serveAt } from '../../support/server.js';

const check = 'dim_trust.no_formula';
const reason = 'The trust is really called so; asked the supplier on 3 May.';

describe('--accept CHECK --reason TEXT', () => {
  it('pairs checks with reasons in their order, or all with one', () => {
    expect(acceptances([], [])).toEqual([]);
    expect(acceptances(['a.x', 'b.y'], ['first', 'second'])).toEqual([
      { check: 'a.x', reason: 'first' },
      { check: 'b.y', reason: 'second' },
    ]);
    expect(acceptances(['a.x', 'b.y'], [' both '])).toEqual([
      { check: 'a.x', reason: 'both' },
      { check: 'b.y', reason: 'both' },
    ]);
  });

  it.each([
    ['a reason without a check', [], ['because'], /--accept CHECK/],
    ['a check without a reason', ['a.x'], [], /Give a --reason/],
    ['fewer reasons than checks', ['a.x', 'b.y', 'c.z'], ['one', 'two'], /Give a --reason/],
    ['a check twice', ['a.x', 'a.x'], ['because'], /twice/],
    ['an empty reason', ['a.x'], ['  '], /3 to 400 characters/],
    ['a reason that a spreadsheet would run', ['a.x'], ['=1+1 because'], /begins with a letter/],
    ['a reason of two lines', ['a.x'], ['one\ntwo'], /one line/],
    ['a reason with an NHS number', ['a.x'], ['patient 943 476 5919 is wrong'], /identifier/],
    ['a reason with an e-mail address', ['a.x'], ['known, ask jo@example.org'], /identifier/],
  ])('refuses %s', (_name, checks, reasons, message) => {
    expect(() => acceptances(checks, reasons)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
    );
  });
});

describe('limits of the configuration', () => {
  it('are set by the name of a limit or of a check', () => {
    const limits = checkLimits(
      new Map([
        ['volume.factor', 5],
        ['patients.rows_refused', 10],
      ]),
      new Set(['patients.rows_refused']),
    );
    expect(limits).toEqual({
      ...defaultLimits,
      volumeFactor: 5,
      thresholds: new Map([['patients.rows_refused', 10]]),
    });
  });

  it('are refused where no limit or check has the name', () => {
    expect(() => checkLimits(new Map([['volume.facter', 5]]), new Set())).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringMatching(/volume\.facter/) }),
    );
  });
});

describe('a run in which a check fails', () => {
  const folder = temporaryFolder();
  let config: Config;
  const bad = join(folder, 'bad');
  const run = (accept: readonly Acceptance[]) =>
    load(config, quiet(), { landing: bad, full: false, json: false, accept });

  beforeAll(async () => {
    ({ config } = await loadedHome(folder, { patients: 100, faultRate: 0 }, { measuresAlone: true }));
    const [trust] = await fromRelease<{ code: string }>(
      config,
      'select min(trust_code) as code from dim_trust',
    );
    mkdirSync(bad);
    writeFileSync(join(bad, 'trusts.csv'), `trust_code,trust_name\n${trust!.code},=1+1\n`);
  });

  it('stops, says which and why and how to let it pass, and publishes nothing', async () => {
    await expect(run([])).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringMatching(
        /^Nothing was published: dim_trust\.no_formula \(1 of \d+: no text of dim_trust .*--accept dim_trust\.no_formula --reason TEXT/,
      ),
    });
    expect((await served(config)).ids).toEqual([1]);
  });

  it('does not know a check that does not exist, or one that stops nothing', async () => {
    await expect(run([{ check: 'dim_trust.no_formulas', reason }])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(run([{ check: 'trusts.file_volume', reason }])).rejects.toMatchObject({ code: 'USAGE' });
    expect((await served(config)).ids).toEqual([1]);
  });

  it('stops all the same where another check is accepted', async () => {
    await expect(run([{ check: 'dim_practice.no_formula', reason }])).rejects.toMatchObject({
      code: 'CHECK_FAILED',
    });
  });

  it('publishes once it is accepted, and records the reason in the report, in gold and in the API', async () => {
    const report = await run([{ check, reason }]);
    expect(report).toMatchObject({ outcome: 'published', release: 2 });
    expect(report.accepted).toEqual([
      { check, reason, run: report.runId, at: (await served(config)).manifest!.publishedAt },
    ]);
    expect(
      await fromRelease(
        config,
        'select id, status, accepted_reason from quality_result where accepted_reason is not null',
      ),
    ).toEqual([{ id: check, status: 'fail', accepted_reason: reason }]);

    const server = await serveAt(config);
    try {
      const steward = await server.query(
        'data-steward',
        `{ dataQuality(where: { id: { eq: "${check}" } }) { nodes { status violated acceptedReason } } release { checks { name status violations } } }`,
      );
      expect(steward.body.data.dataQuality.nodes).toEqual([
        { status: 'fail', violated: 1, acceptedReason: reason },
      ]);
      expect(steward.body.data.release.checks).toContainEqual({ name: check, status: 'fail', violations: 1 });
      const analyst = await server.query('analyst', '{ release { checks { name status violations } } }');
      expect(analyst.body.data.release.checks).toContainEqual({ name: check, status: 'fail', violations: 1 });
      const items = await server.query(
        'data-steward',
        '{ dataQualityItems(where: { column: { eq: "gender" } }) { nodes { dataset valid other defaulted invalid missing denominator } } }',
      );
      const [gender] = items.body.data.dataQualityItems.nodes;
      expect(gender.dataset).toBe('patients');
      expect(gender.valid + gender.other + gender.defaulted + gender.invalid + gender.missing).toBe(
        gender.denominator,
      );
    } finally {
      await server.close();
    }
  }, 60_000);
});

describe('a delivery of far too few rows', () => {
  const folder = temporaryFolder();
  const config = measuresAlone(configAt(join(folder, 'home')));
  const collapse = 'trusts.file_volume_collapse';

  it('stops its run and later ones, until it is accepted', async () => {
    const deliver = (name: string, trusts: number, more: Readonly<Record<string, string>> = {}): string => {
      const lines = Array.from({ length: trusts }, (_none, index) => `RA${index % 10},Trust ${index % 10}`);
      const files = { [`trusts/${name}.csv`]: ['trust_code,trust_name', ...lines].join('\n'), ...more };
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name, file)), { recursive: true });
        writeFileSync(join(folder, name, file), `${text}\n`);
      }
      return join(folder, name);
    };
    const patients =
      'patient_id,nhs_number,date_of_birth,gender,ethnicity,deprivation_decile\nP1,,1980-01-01,F,A,3';
    const first = deliver('first', 20, { 'patients.csv': patients });
    await loadAt(config, first);
    // Five loads say what is usual.
    for (const name of ['second', 'third', 'fourth', 'fifth']) await loadAt(config, deliver(name, 20));
    const few = deliver('few', 1);
    const failed = {
      code: 'CHECK_FAILED',
      message: expect.stringMatching(/trusts\/few\.csv: 1 rows, usually 20/),
    };
    await expect(loadAt(config, few)).rejects.toMatchObject(failed);
    await expect(loadAt(config, few)).rejects.toMatchObject(failed);
    await expect(loadAt(config, first)).rejects.toMatchObject(failed);
    const accept = [{ check: collapse, reason: 'One trust changed its name.' }];
    const report = await load(config, quiet(), { landing: few, full: false, json: false, accept });
    expect(report).toMatchObject({ outcome: 'published', release: 6, accepted: [{ check: collapse }] });
    expect(await loadAt(config, few)).toMatchObject({ outcome: 'unchanged', release: 6 });

    // A bit of our own files that has flipped is found before they are read.
    const trusts = join(folder, 'home', 'lake', 'bronze', 'trusts');
    const bronze = join(trusts, readdirSync(trusts).find((name) => name.startsWith('00000003-'))!);
    const bytes = readFileSync(bronze);
    bytes[100] = bytes[100]! ^ 1;
    writeFileSync(bronze, bytes);
    await expect(loadAt(config, few, true)).rejects.toMatchObject({
      code: 'LAKE_DAMAGED',
      message: expect.stringMatching(/bronze\/trusts\/00000003-.*is missing or damaged\. Restore it/),
    });
  }, 120_000);
});
