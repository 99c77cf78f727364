import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cds } from '../../src/commands/cds.js';
import { quiet } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { sourceOf } from './arden/run/text.js';

const folder = temporaryFolder();

const put = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

async function run(...args: string[]): Promise<{ out: string; err: string; exitCode: unknown }> {
  const printed = { out: '', err: '' };
  process.exitCode = undefined;
  try {
    await cds.run(['run', ...args], {
      ...quiet(),
      out: (text) => {
        printed.out += text;
      },
      err: (text) => {
        printed.err += text;
      },
    });
    return { ...printed, exitCode: process.exitCode ?? 0 };
  } finally {
    process.exitCode = undefined;
  }
}

const rule = put(
  'recent.mlm',
  sourceOf({
    name: 'recent',
    data: `arrival := EVENT {ed_attendance}; board := DESTINATION {board}; other := MLM 'other';
    visits := READ {ed_attendance: triage_category} WHERE THEY OCCURRED WITHIN PAST 12 MONTHS;`,
    logic: 'n := COUNT visits; IF n >= 2 THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;',
    action: 'WRITE n || " visits" AT board; CALL other WITH n DELAY 2 DAYS; RETURN n, visits, NULL;',
  }),
);
const visits = (...times: string[]): string =>
  JSON.stringify({
    now: '2023-06-30T23:59:59',
    reads: { 'ed_attendance:  triage_category': times.map((time) => ({ value: 3, time })) },
  });
const two = put('two.json', visits('2023-06-01', '2023-06-02T10:00:00', '2020-01-01'));
const one = put('one.json', visits('2023-06-01'));

describe('maplewood cds run FILE.mlm --facts FACTS.json', () => {
  it('prints one line of JSON an MLM, values as literals', async () => {
    const { out, err, exitCode } = await run(rule, '--facts', two, '--json');
    expect(JSON.parse(out)).toEqual({
      mlm: 'recent',
      concluded: true,
      returned: ['2', '(3,3)', 'NULL'],
      written: [{ text: '2 visits', destination: 'board' }],
      calls: [{ mlm: 'other', delay: '2 days', arguments: ['2'] }],
    });
    expect([err, exitCode]).toEqual(['', 0]);
  });

  it('says in plain words what came of it', async () => {
    expect((await run(rule, '--facts', two)).out).toBe(
      'recent: concluded TRUE\n  written to board: 2 visits\n  returned: 2\n  returned: (3,3)\n  returned: NULL\n  called: other after 2 days\n',
    );
  });

  it('takes another NOW, of a date alone its last second', async () => {
    const { out } = await run(rule, '--facts', two, '--json', '--now', '2021-01-01');
    expect(JSON.parse(out)).toMatchObject({ concluded: false });
    const late = await run(rule, '--facts', two, '--json', '--now', '2023-06-02');
    expect(JSON.parse(late.out)).toMatchObject({ concluded: true });
  });

  it('shows with --trace how it came to it and what kept it from firing', async () => {
    const { out } = await run(rule, '--facts', one, '--json', '--trace');
    const { trace, blockers } = JSON.parse(out);
    expect(blockers).toMatchObject([
      {
        kind: 'FALSE',
        text: 'n >= 2',
        operands: [
          { text: 'n', value: '1' },
          { text: '2', value: '2' },
        ],
      },
    ]);
    expect(trace[3]).toMatchObject({
      span: { file: rule },
      read: { fact: 'ed_attendance: triage_category', found: 1, rows: 1 },
    });
    expect((await run(rule, '--facts', one, '--trace')).out).toContain('not fired: FALSE n >= 2 (line ');
  });

  it('knows the event that evoked the run', async () => {
    const file = put('event.mlm', sourceOf({ data: 'a := EVENT {x y};', action: 'RETURN a;' }));
    const result = async (...more: string[]) =>
      JSON.parse((await run(file, '--facts', one, '--json', ...more)).out);
    expect(await result('--event', 'x y')).toMatchObject({ returned: ['TRUE'] });
    expect(await result()).toMatchObject({ returned: ['FALSE'] });
  });

  it('finds called MLMs in the folder of the file', async () => {
    put('adder.mlm', sourceOf({ name: 'adder', data: 'n := ARGUMENT;', action: 'RETURN n + 1;' }));
    const file = put(
      'caller.mlm',
      sourceOf({ data: "m := MLM 'adder'; x := CALL m WITH 4;", action: 'RETURN x;' }),
    );
    expect(JSON.parse((await run(file, '--facts', one, '--json')).out)).toMatchObject({ returned: ['5'] });
  });

  it('does not run a file with errors, tells where they are, and fails', async () => {
    const file = put('wrong.mlm', sourceOf({ logic: 'x := := 1; CONCLUDE TRUE;' }));
    const { out, err, exitCode } = await run(file, '--facts', one);
    expect([out, exitCode]).toEqual(['', 1]);
    expect(err).toMatch(/wrong\.mlm:\d+:\d+: SYNTAX: /);
  });

  it('tells of what nothing is bound to', async () => {
    const file = put('unbound.mlm', sourceOf({ data: 'x := READ {unknown};' }));
    expect((await run(file, '--facts', one)).err).toContain('UNBOUND: Nothing is bound to {unknown}');
  });

  it.each([
    ['no facts', [rule], '--facts is missing'],
    ['no file', ['--facts', one], 'FILE.mlm is missing'],
    ['a file that is not there', ['/nowhere.mlm', '--facts', one], '/nowhere.mlm cannot be read'],
    ['facts that are not JSON', [rule, '--facts', rule], 'is not JSON'],
    ['a NOW that is no time', [rule, '--facts', one, '--now', 'today'], '--now must be a time'],
  ])('says what is wrong with the command: %s', async (_, args, problem) => {
    await expect(run(...args)).rejects.toThrow(problem);
  });
});

describe('the guide to running a rule', () => {
  it('shows what its example prints', async () => {
    const guide = readFileSync(join(root, 'docs', 'guides', 'run-a-rule.md'), 'utf8');
    const [mlm = '', facts = '', printed] = [...guide.matchAll(/^```(?:json)?\n([\s\S]*?)^```$/gm)].map(
      (found) => found[1] ?? '',
    );
    const { out } = await run(put('guide.mlm', mlm), '--facts', put('guide.json', facts));
    expect(out).toBe(printed);
  });
});
