import sql from 'mssql';
import { MaplewoodError } from '../../../src/errors.js';
import { type Connection, labelled, type ReadRequest, read } from '../../../src/warehouse/mssql/read.js';
import { TypedValue } from '../../../src/warehouse/value.js';
import type { OutputColumn } from '../../../src/warehouse/warehouse.js';

const output: readonly OutputColumn[] = [
  { name: 'name', type: { kind: 'text', length: 10 } },
  { name: 'n', type: { kind: 'int64' } },
];
const rows = [
  ['a', '1'],
  ['b', null],
];
const plain = { sql: 'select name, n from t', parameters: [] };
const withParameter = {
  sql: 'select name, n from t where name = @1',
  parameters: [new TypedValue({ kind: 'text', length: 10 }, 'x')],
};

type Answer = unknown[][] | Error | 'hangs';

/** A server that gives these answers in turn; one that hangs ends when it is cancelled, as the client reports it. */
function server(answers: Answer[], settings: Partial<Connection> = {}) {
  const log: string[] = [];
  const overrides: unknown[] = [];
  const answer = (kind: string, text: string, cancelled: Promise<void>) => {
    log.push(`${kind}: ${text}`);
    const next = answers.shift();
    if (next === 'hangs')
      return cancelled.then(() => Promise.reject(new sql.RequestError('stopped', 'ECANCEL')));
    return next instanceof Error ? Promise.reject(next) : Promise.resolve({ recordset: next });
  };
  const request = (given?: unknown): ReadRequest => {
    overrides.push(given);
    let stop: () => void = () => undefined;
    const cancelled = new Promise<void>((resolve) => {
      stop = resolve;
    });
    return {
      input: (name, type, value) =>
        log.push(`@${name} = ${JSON.stringify(value)} (${(type as { length: number }).length})`),
      batch: (text) => answer('batch', text, cancelled),
      query: (text) => answer('query', text, cancelled),
      cancel: () => {
        log.push('cancel');
        stop();
      },
    };
  };
  const connection: Connection = {
    sql,
    pool: { request },
    engine: 'sqlserver',
    label: 'request',
    cancelTimeout: 1000,
    retryDelay: 1,
    ...settings,
  };
  return { connection, log, overrides };
}

describe('a read', () => {
  it('returns typed columns', async () => {
    const { connection } = server([rows]);
    expect(await read(connection, plain, output)).toEqual({
      columns: [
        ['a', 'b'],
        [1, null],
      ],
      rowCount: 2,
    });
  });

  it('returns empty columns for no rows', async () => {
    const { connection } = server([[]]);
    expect(await read(connection, plain, output)).toEqual({ columns: [[], []], rowCount: 0 });
  });

  it('sends a statement without parameters as a batch, and any other with its typed values', async () => {
    const { connection, log } = server([rows, rows]);
    await read(connection, plain, output);
    await read(connection, withParameter, output);
    expect(log).toEqual([`batch: ${plain.sql}`, '@1 = "x" (10)', `query: ${withParameter.sql}`]);
  });

  it('refuses an answer of another width', async () => {
    const { connection } = server([[['a']]]);
    await expect(read(connection, plain, output)).rejects.toThrow('2 declared columns');
  });

  it('tries once more when the connection failed', async () => {
    const { connection, log } = server([new sql.RequestError('gone', 'EREQUEST'), rows]);
    expect((await read(connection, plain, output)).rowCount).toBe(2);
    expect(log).toHaveLength(2);
  });

  it('tries no third time', async () => {
    const gone = () => new sql.ConnectionError('gone', 'ESOCKET');
    const { connection, log } = server([gone(), gone(), rows]);
    await expect(read(connection, plain, output)).rejects.toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' });
    expect(log).toHaveLength(2);
  });

  it.each([
    ['ETIMEOUT', 'DEADLINE_EXCEEDED'],
    ['ECANCEL', 'REQUEST_CANCELLED'],
  ] as const)('does not repeat a statement that ended with %s', async (given, code) => {
    const { connection, log } = server([new sql.RequestError('late', given), rows]);
    await expect(read(connection, plain, output)).rejects.toMatchObject({ code });
    expect(log).toHaveLength(1);
  });

  it('does not blame the caller for a login that is refused meanwhile, and does not repeat it', async () => {
    const { connection, log } = server([new sql.ConnectionError('login', 'ELOGIN'), rows]);
    await expect(read(connection, plain, output)).rejects.toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' });
    expect(log).toHaveLength(1);
  });

  it('does not begin a second attempt that would end after the deadline', async () => {
    const { connection, log } = server([new sql.ConnectionError('gone', 'ESOCKET'), rows], {
      retryDelay: 500,
    });
    const call = { deadline: Date.now() + 100 };
    await expect(read(connection, plain, output, call)).rejects.toMatchObject({
      code: 'WAREHOUSE_UNAVAILABLE',
    });
    expect(log).toHaveLength(1);
  });

  it('keeps time back from the deadline for the cancel', async () => {
    const { connection, overrides } = server([rows, rows]);
    await read(connection, plain, output, { deadline: Date.now() + 5000 });
    await read(connection, plain, output);
    const { requestTimeout } = overrides[0] as { requestTimeout: number };
    expect(requestTimeout).toBeGreaterThan(3000);
    expect(requestTimeout).toBeLessThanOrEqual(4000);
    expect(overrides[1]).toEqual({});
  });
});

describe('a signal', () => {
  it('cancels the statement, and its reason is the error once that has stopped', async () => {
    const { connection, log } = server(['hangs']);
    const caller = new AbortController();
    const reading = read(connection, plain, output, { signal: caller.signal });
    const reason = new MaplewoodError('DEADLINE_EXCEEDED', 'ten seconds');
    caller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(log).toEqual([`batch: ${plain.sql}`, 'cancel']);
  });

  it('that came before sends nothing', async () => {
    const { connection, log } = server([rows]);
    const reading = read(connection, plain, output, { signal: AbortSignal.abort() });
    await expect(reading).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' });
    expect(log).toEqual([]);
  });

  it('that comes after does not cancel the next statement of the connection', async () => {
    const { connection, log } = server([rows]);
    const caller = new AbortController();
    await read(connection, plain, output, { signal: caller.signal });
    caller.abort();
    expect(log).not.toContain('cancel');
  });
});

describe('the label', () => {
  const synapse = { engine: 'synapse', label: 'request' } as const;

  it('carries the request id on a dedicated pool', () => {
    expect(labelled('select 1', synapse, 'ab-12')).toBe("select 1 OPTION (LABEL = 'mw:ab-12')");
  });

  it('is left out on SQL Server, when switched off, and without an id', () => {
    expect(labelled('select 1', { engine: 'sqlserver', label: 'request' }, 'ab-12')).toBe('select 1');
    expect(labelled('select 1', { engine: 'synapse', label: 'off' }, 'ab-12')).toBe('select 1');
    expect(labelled('select 1', synapse, undefined)).toBe('select 1');
  });

  it('stands beside no other OPTION clause', () => {
    expect(labelled('select 1 option (hash join)', synapse, 'ab')).toBe('select 1 option (hash join)');
    expect(labelled("select 'option ('", synapse, 'ab')).toBe("select 'option (' OPTION (LABEL = 'mw:ab')");
  });

  it.each(["a'b", 'a b', 'ü', '', 'x'.repeat(98)])('takes no id like %j', (id) => {
    expect(labelled('select 1', synapse, id)).toBe('select 1');
  });

  it('reaches the server', async () => {
    const { connection, log } = server([rows], { engine: 'synapse' });
    await read(connection, plain, output, { requestId: 'r1' });
    expect(log).toEqual([`batch: ${plain.sql} OPTION (LABEL = 'mw:r1')`]);
  });
});
