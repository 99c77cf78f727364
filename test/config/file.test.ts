import { configurationSchema, readSettings } from '../../src/config/file.js';
import { defaultSettings } from '../../src/config/settings.js';
import { MaplewoodError } from '../../src/errors.js';

const captureTable = (table: string) => ({
  cdc: { sources: { pas: { url: 'mssql://host/db', tables: { patients: table } } } },
});
const read = (value: unknown) => readSettings(JSON.stringify(value));

describe('the configuration file', () => {
  it('may be empty', () => {
    expect(read({})).toEqual(defaultSettings);
  });

  it('changes what it names and leaves the rest', () => {
    const settings = read({
      authentication: { clients: ['desktop', 'service'] },
      recipients: { desktop: 'power-bi', service: 'power-bi' },
      trusts: { 'user-1': ['RXX', 'RYY'] },
      limits: { deadlineMs: 2000 },
      disclosure: 'strict',
      releases: { kept: 5 },
      checks: { orphans: 0.02 },
      corsOrigins: ['https://intranet.example'],
    });
    expect(settings.authentication.clients).toEqual(['desktop', 'service']);
    expect(settings.authentication.algorithms).toEqual(['RS256']);
    expect(settings.recipients.get('service')).toBe('power-bi');
    expect(settings.trusts.get('user-1')).toEqual(['RXX', 'RYY']);
    expect(settings.limits).toEqual({ ...defaultSettings.limits, deadlineMs: 2000 });
    expect(settings.disclosure).toEqual({ threshold: 10, base: 10 });
    expect(settings.releases.kept).toBe(5);
    expect(settings.checks.get('orphans')).toBe(0.02);
  });

  it('says how many and how diverse patients are who show the same', () => {
    const { rows } = read({ rows: { anonymity: { k: 12, dominantPct: null } } });
    expect(rows).toEqual({ ...defaultSettings.rows, anonymity: { k: 12, dominantPct: null } });
    expect(read({ rows: { anonymity: { k: 12 } } }).rows.anonymity.dominantPct).toBe(95);
    expect(() => read({ rows: { anonymity: { k: 1 } } })).toThrow(
      'the file.rows.anonymity.k must be a whole number from 2 to 1000',
    );
  });

  it('reads a CDS client and asks for what it lacks', () => {
    const client = {
      issuer: 'https://ehr.example',
      jwksUrl: 'https://ehr.example/keys',
      client: 'ehr',
      trusts: ['RXX'],
    };
    expect(read({ cds: { clients: [client] } }).cds.clients).toEqual([{ ...client, tenant: null }]);
    const { issuer: _, ...without } = client;
    expect(() => read({ cds: { clients: [without] } })).toThrow(
      'the file.cds.clients[0].issuer must be given',
    );
  });

  it('reads sources of change capture, and keeps their addresses secret', () => {
    const url = 'mssql://reader:pa55@pas.example/pas';
    const { cdc } = read({
      cdc: { sources: { pas: { url, tables: { patients: 'dbo.Patients' } } }, keys: { patients: ['id'] } },
    });
    expect(cdc.maxDeleteShare).toBe(0.5);
    expect(cdc.keys.get('patients')).toEqual(['id']);
    const source = cdc.sources.get('pas');
    expect(source?.url.reveal()).toBe(url);
    expect(JSON.stringify([...cdc.sources])).not.toContain('pa55');
    expect(source).toMatchObject({ changeTables: false, tables: new Map([['patients', 'dbo.Patients']]) });
    const wrong = { cdc: { sources: { pas: { url: 'postgres://u:secret@h/d', tables: {} } } } };
    expect(() => read(wrong)).toThrow(/cdc\.sources\.pas\.url must be an address mssql:/);
    expect(() => read(wrong)).not.toThrow(/secret/);
  });

  it.each<[string, unknown, string]>([
    ['an unknown setting', { limit: {} }, '"limit" is not a setting of the file'],
    ['an unknown limit', { limits: { dept: 3 } }, '"dept" is not a setting of the file.limits'],
    ['an inherited name', { constructor: {} }, '"constructor" is not a setting'],
    [
      'a limit that is no number',
      { limits: { depth: '10' } },
      'the file.limits.depth must be a whole number',
    ],
    ['a limit out of range', { limits: { depth: 0 } }, 'from 1 to 50'],
    ['a default page above the largest', { limits: { firstMax: 10 } }, 'limits.firstDefault is above'],
    ['an HMAC algorithm', { authentication: { algorithms: ['HS256'] } }, 'one of RS256, PS256, ES256'],
    ['no algorithm', { authentication: { algorithms: [] } }, 'a list of at least 1'],
    ['a trust code in lower case', { trusts: { u: ['rxx'] } }, 'the file.trusts.u[0] must be a trust code'],
    ['a wildcard', { trusts: { u: ['*'] } }, 'a trust code'],
    ['no trust', { trusts: { u: [] } }, 'a list of at least 1'],
    [
      'a recipient that borrows a domain',
      { recipients: { a: 'b#steward' } },
      'the file.recipients.a must be',
    ],
    ['a wildcard origin', { corsOrigins: ['*'] }, 'an origin'],
    ['a threshold of its own', { disclosure: { threshold: 1, base: 1 } }, 'one of default, strict'],
    ['a share above 1', { cdc: { maxDeleteShare: 50 } }, 'cdc.maxDeleteShare must be a number from 0 to 1'],
    ['a table without schema', captureTable('Patients'), 'a table such as dbo.Patients'],
    ['a table that ends its quotes', captureTable('dbo.[x]'), 'a table such as dbo.Patients'],
    ['the name of the folder source', { cdc: { sources: { files: {} } } }, 'not "files"'],
    ['a negative threshold', { checks: { orphans: -1 } }, 'not negative'],
    ['a list', [], 'the file must be an object'],
    ['null', null, 'the file must be an object'],
  ])('refuses %s', (_, value, message) => {
    expect(() => read(value)).toThrow(message);
    expect(() => read(value)).toThrow(MaplewoodError);
  });

  it('refuses what is no JSON, and __proto__', () => {
    expect(() => readSettings('{')).toThrow('not JSON');
    expect(() => readSettings('{"__proto__": {"kept": 1}}')).toThrow('"__proto__" is not a setting');
    expect(readSettings('{"recipients": {"__proto__": "x"}}').recipients.get('__proto__')).toBe('x');
  });

  it('describes itself as JSON Schema', () => {
    expect(configurationSchema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: [],
      properties: { limits: { properties: { depth: { type: 'integer', minimum: 1, maximum: 50 } } } },
    });
    expect(() => JSON.stringify(configurationSchema)).not.toThrow();
  });
});
