import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { MaplewoodError } from '../../../src/errors.js';
import { type Log, makeLog } from '../../../src/server/observe/log.js';
import type { LogEntry, LogKind } from '../../../src/server/observe/log-entries.js';
import type { WithheldShape } from '../../../src/server/observe/search-line.js';
import { secrets, secretsIn } from './hostile.js';

const requestId = '5f0c2d6e-8a4b-4d7e-9c1f-0123456789ab';
const time = '2026-03-02T06:00:00.000Z';

function logged(use: (log: Log) => void, strict = false): { lines: string[]; withheld: WithheldShape[] } {
  const lines: string[] = [];
  const withheld: WithheldShape[] = [];
  use(
    makeLog(
      { write: (line) => void lines.push(line) },
      { strict, onWithheld: (shape) => withheld.push(shape) },
      { now: () => new Date(time) },
    ),
  );
  return { lines, withheld };
}
const only = (use: (log: Log) => void, strict = true): unknown => {
  const { lines } = logged(use, strict);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]!);
};

describe('the log', () => {
  it('tells of a request what is declared', () => {
    const entry = {
      requestId,
      role: 'analyst',
      outcome: 'partly',
      code: 'FORBIDDEN',
      status: 200,
      ms: 12.3456,
      rows: 40,
      release: 7,
      cached: false,
      statements: 2,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    } as const;
    expect(only((log) => log.request(entry))).toEqual({
      level: 'info',
      time,
      event: 'request',
      ...entry,
      ms: 12.3,
    });
  });

  it('leaves out what is not known', () => {
    expect(
      only((log) =>
        log.request({ requestId, role: 'none', outcome: 'refused', status: 401, ms: 0, code: undefined }),
      ),
    ).toEqual({
      level: 'info',
      time,
      event: 'request',
      requestId,
      role: 'none',
      outcome: 'refused',
      status: 401,
      ms: 0,
    });
  });

  it('writes no field that is not declared', () => {
    const entry = { requestId, code: 'UNAUTHENTICATED', reason: 'signature', token: 'x', msg: 'y' } as const;
    expect(only((log) => log.refused(entry))).toEqual({
      level: 'info',
      time,
      event: 'refused',
      requestId,
      code: 'UNAUTHENTICATED',
      reason: 'signature',
    });
  });

  it('takes no value that a field cannot hold', () => {
    const entry = { requestId: 'Leeds', role: 'root', outcome: {}, status: -1, ms: Number.NaN, rows: '12' };
    expect(only((log) => log.request(entry as never), false)).toEqual({
      level: 'info',
      time,
      event: 'request',
      requestId: 'other',
      role: 'other',
      outcome: 'other',
      status: 'other',
      ms: 'other',
      rows: 'other',
    });
    expect(() => logged((log) => log.request(entry as never), true)).toThrow(
      'request.requestId has a value that it cannot hold',
    );
  });

  it('tells the rest in lines of their own', () => {
    const { lines } = logged((log) => {
      log.withheld({ requestId, shape: 'postcode', refused: 3 });
      log.release({ release: 8 });
      log.releaseRefused({ release: 9, error: new MaplewoodError('LAKE_DAMAGED') });
      log.audit({ state: 'unavailable', waiting: 4 });
      log.server({ state: 'listening' });
    }, true);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'error', time, event: 'withheld', requestId, shape: 'postcode', refused: 3 },
      { level: 'info', time, event: 'release', release: 8 },
      {
        level: 'error',
        time,
        event: 'releaseRefused',
        release: 9,
        error: {
          name: 'MaplewoodError',
          code: 'LAKE_DAMAGED',
          fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
        },
      },
      { level: 'warn', time, event: 'audit', state: 'unavailable', waiting: 4 },
      { level: 'info', time, event: 'server', state: 'listening' },
    ]);
  });
});

describe('an error in the log', () => {
  const failed = (error: unknown): unknown =>
    (only((log) => log.failed({ requestId, code: 'INTERNAL', error })) as { error: unknown }).error;
  const thrownFor = (value: string): Error => {
    try {
      return JSON.parse(`{"name":"${value}`);
    } catch (error) {
      return error as Error;
    }
  };

  it('is its class, its code and a fingerprint, and nothing of what it says', () => {
    for (const secret of secrets) {
      const error = Object.assign(new RangeError(`no bed for ${secret}\n    at ${secret} (file.ts:1:1)`), {
        code: 'ENOSPC',
        detail: secret,
      });
      const { lines } = logged((log) => log.failed({ requestId, code: 'INTERNAL', error }), true);
      expect(JSON.parse(lines[0]!).error).toEqual({
        name: 'RangeError',
        code: 'ENOSPC',
        fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      });
      expect(secretsIn(lines.join(''))).toEqual([]);
    }
  });

  it('has the same fingerprint whatever its message says, and another at another place', () => {
    const [one, another] = secrets.slice(0, 2).map((secret) => failed(thrownFor(secret)));
    expect(one).toEqual(another);
    const [plain, framed] = ['bed', 'bed\n    at f (x.ts:1:1)'].map((message) =>
      failed(Object.assign(new Error(message), { name: 'Refusal' })),
    );
    expect(framed).toEqual(plain);
    expect(failed(new Error('same'))).not.toEqual(failed(new Error('same')));
  });

  it('is told by its cause', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' });
    expect(
      failed(new MaplewoodError('INTERNAL', undefined, { cause: new Error('outer', { cause }) })),
    ).toMatchObject({
      name: 'TypeError',
      code: 'ECONNREFUSED',
    });
  });

  it('may be anything', () => {
    const odd = Object.assign(new Error('x'), { name: 'PAT_000123 ', code: 'jo@example.org' });
    for (const error of [undefined, null, 'PAT_000123', 9434765919, { message: 'PAT_000123' }, odd])
      expect(failed(error)).toEqual({
        name: 'Error',
        code: 'none',
        fingerprint: expect.stringMatching(/^\w{12}$/),
      });
  });
});

describe('a log line that holds what looks like an identifier', () => {
  const slow = (sql: string) => (log: Log) =>
    log.slow({ requestId, lane: 'query', ms: 1500, sha256: sql, sql });
  // What the last stage sees alone: SQL is searched on its way into the line as well.
  const named = (name: string) => (log: Log) =>
    log.failed({ requestId, code: 'INTERNAL', error: Object.assign(new Error('x'), { name }) });

  it.each([
    ['PAT_000123', 'patient id'],
    ['PSEUDO_0123456789ABCDEF', 'hashed NHS number'],
  ] as const)('is not written; another says so, and the shape: %s', (name, shape) => {
    const { lines, withheld } = logged(named(name));
    expect(lines).toEqual([
      `{"level":"error","time":"${time}","event":"line withheld","shape":"${shape}"}\n`,
    ]);
    expect(withheld).toEqual([shape]);
  });

  it('nor as a number', () => {
    const { lines, withheld } = logged((log) => log.release({ release: 9434765919 }));
    expect(lines.join('')).not.toContain('9434765919');
    expect(withheld).toEqual(['NHS number']);
  });

  it.each(secrets)('has it neither plain nor encoded, alone nor in a text: %s', (secret) => {
    const encoded = (['base64', 'base64url', 'hex'] as const).map((way) => Buffer.from(secret).toString(way));
    for (const form of [secret, ...encoded])
      for (const sql of [form, `select 1 where x = '${form}'`, `-- ${form}\nselect $1`]) {
        const text = logged(slow(sql)).lines.join('');
        expect([sql, JSON.parse(text).sql]).toEqual([sql, 'withheld']);
        expect(text).not.toContain(form);
      }
  });

  it('is none where digests and ids look like much', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ minLength: 1 }), fc.nat(2 ** 31), (id, text, many) => {
        const { withheld } = logged((log) =>
          log.slow({ requestId: id, lane: 'point', ms: many, rows: many, sha256: text, sql: 'select $1' }),
        );
        expect(withheld).toEqual([]);
      }),
    );
  });
});

describe('a log line with characters that do more than show', () => {
  it('is one line of characters that do not', () => {
    const { lines } = logged((log) =>
      log.slow({
        requestId,
        lane: 'query',
        ms: 1500,
        sha256: 'x',
        sql: 'select 1\r\n{"level":"info"}\u001b[31mred\u009b2J\u2028\u2029\u202etxt\u0000\u007f',
      }),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(lines[0]!).sql).toBe(
      'select 1\r\n{"level":"info"}\u001b[31mred\u009b2J\u2028\u2029\u202etxt\u0000\u007f',
    );
  });
});

describe('the lines on standard error', () => {
  it.each([
    ['exits', 'exit'],
    ['is killed', 'SIGKILL'],
    ['fails', 'throw'],
  ])('are all there when the process %s, though the reader is slow', async (_how, end) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'log-child.ts'), end], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    let text = '';
    for await (const part of child.stderr) {
      text += String(part);
      if (text.length < 2_000_000) await wait(5);
    }
    await ended;
    const numbers = text
      .split('\n')
      .flatMap((line) => (line.startsWith('{"level":') ? [JSON.parse(line).release] : []));
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_none, at) => at));
  });
});

describe('a log that cannot be written', () => {
  const child = (stderr: number | 'pipe') =>
    spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'log-child.ts'), 'end'], {
      stdio: ['ignore', 'pipe', stderr],
    });

  it('does not end the server: a full disk', async () => {
    const full = openSync('/dev/full', 'w');
    const { stdout, exitCode } = await outcome(child(full));
    closeSync(full);
    expect([stdout, exitCode]).toEqual(['goes on\n', 0]);
  });

  it('does not end the server: a reader that has gone', async () => {
    const started = child('pipe');
    started.stderr?.destroy();
    const { stdout, exitCode } = await outcome(started);
    expect([stdout, exitCode]).toEqual(['goes on\n', 0]);
  });
});

async function outcome(child: ChildProcess): Promise<{ stdout: string; exitCode: number | null }> {
  let stdout = '';
  child.stdout?.on('data', (part) => {
    stdout += String(part);
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { stdout, exitCode };
}

describe('whatever is given to the log', () => {
  const value = fc.oneof(
    fc.constantFrom(...secrets),
    fc.constantFrom(...secrets).map((secret) => Buffer.from(secret).toString('base64')),
    fc.tuple(fc.string(), fc.constantFrom(...secrets)).map(([text, secret]) => `${text} ${secret}`),
    fc
      .constantFrom(...secrets)
      .map((secret) => Object.assign(new Error(secret), { name: secret, code: secret })),
    fc.constantFrom(...secrets).map((secret) => ({ [secret]: secret })),
    fc.constant(9434765919),
  );
  const names = [
    'requestId',
    'role',
    'outcome',
    'code',
    'status',
    'ms',
    'rows',
    'release',
    'cached',
    'statements',
    'traceId',
    'reason',
    'error',
    'lane',
    'sha256',
    'sql',
    'shape',
    'refused',
    'state',
    'waiting',
    'msg',
    'event',
    'level',
  ];
  const kinds: readonly LogKind[] = [
    'request',
    'refused',
    'failed',
    'slow',
    'withheld',
    'release',
    'releaseRefused',
    'audit',
    'server',
  ];

  it('comes out without the values, plain and encoded, as one line of JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.tuple(...names.map(() => value)), (kind, values) => {
        const entry = Object.fromEntries(names.map((name, at) => [name, values[at]]));
        const { lines } = logged((log) => log[kind](entry as unknown as LogEntry<never> & never));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/^[^\n]+\n$/);
        expect(JSON.parse(lines[0]!)).toMatchObject({ level: expect.stringMatching(/^(info|warn|error)$/) });
        expect(secretsIn(lines[0]!)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
