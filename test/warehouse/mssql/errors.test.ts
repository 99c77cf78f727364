import sql from 'mssql';
import { TimeoutError } from 'tarn';
import { type ErrorCode, MaplewoodError } from '../../../src/errors.js';
import { isRetryable, mapError, stoppedBy } from '../../../src/warehouse/mssql/errors.js';

type Code = ConstructorParameters<typeof sql.RequestError>[1];
const request = (code: string, number?: number, text = 'secret text') =>
  Object.assign(new sql.RequestError(text, code as Code), number === undefined ? {} : { number });
const connection = (code: string) => new sql.ConnectionError('secret text', code as Code);

describe('an error of the client', () => {
  it.each<[string, unknown, ErrorCode, boolean]>([
    ['a wrong login', connection('ELOGIN'), 'CONFIGURATION', false],
    ['a refused token', connection('EFEDAUTH'), 'CONFIGURATION', false],
    ['a server that is gone', connection('ESOCKET'), 'WAREHOUSE_UNAVAILABLE', true],
    ['no answer to a connect', connection('ETIMEOUT'), 'WAREHOUSE_UNAVAILABLE', true],
    ['a closed pool', connection('ECONNCLOSED'), 'WAREHOUSE_UNAVAILABLE', true],
    ['a dead connection', request('EINVALIDSTATE'), 'WAREHOUSE_UNAVAILABLE', true],
    ['a connection killed during a query', request('EREQUEST'), 'WAREHOUSE_UNAVAILABLE', true],
    ['a deadlock', request('EREQUEST', 1205), 'WAREHOUSE_UNAVAILABLE', true],
    ['throttling', request('EREQUEST', 40501), 'WAREHOUSE_UNAVAILABLE', true],
    ['a deadline', request('ETIMEOUT'), 'DEADLINE_EXCEEDED', false],
    ['a cancel', request('ECANCEL'), 'REQUEST_CANCELLED', false],
    ['an exhausted pool', new TimeoutError('secret text'), 'OVERLOADED', false],
    ['a table that is not there', request('EREQUEST', 208), 'INTERNAL', false],
    ['a number this server has of its own', request('EREQUEST', 33557097), 'INTERNAL', false],
    ['a defect', new TypeError('secret text'), 'INTERNAL', false],
    ['nothing', undefined, 'INTERNAL', false],
  ])('%s', (_, error, code, retryable) => {
    const mapped = mapError(error);
    expect(mapped).toMatchObject({ code, cause: error });
    expect(mapped.message).not.toContain('secret');
    expect(isRetryable(mapped)).toBe(retryable);
  });

  it('is read by its code before its number, and never by its text', () => {
    expect(mapError(request('ETIMEOUT', 1205)).code).toBe('DEADLINE_EXCEEDED');
    expect(mapError(request('EREQUEST', 50000, 'deadlocked ECANCEL')).code).toBe('INTERNAL');
  });

  it('may be named by the installation', () => {
    expect(mapError(request('EREQUEST', 42108), new Set([42108])).code).toBe('WAREHOUSE_UNAVAILABLE');
    expect(mapError(request('EREQUEST', 1205), new Set([42108])).code).toBe('INTERNAL');
  });

  it('of the catalogue stays as it is', () => {
    const error = new MaplewoodError('OVERLOADED');
    expect(mapError(error)).toBe(error);
  });
});

describe('a stopped statement', () => {
  it('gives the reason of the signal', () => {
    const reason = new MaplewoodError('SHUTTING_DOWN');
    expect(stoppedBy(AbortSignal.abort(reason))).toBe(reason);
    expect(stoppedBy(AbortSignal.abort()).code).toBe('REQUEST_CANCELLED');
    expect(stoppedBy(AbortSignal.abort(new DOMException('', 'TimeoutError'))).code).toBe('DEADLINE_EXCEEDED');
  });
});
