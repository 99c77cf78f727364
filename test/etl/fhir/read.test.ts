import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GzipDamaged } from '../../../src/etl/bronze/file-bytes.js';
import { readFhir } from '../../../src/etl/fhir/read.js';
import type { ReceivedResource } from '../../../src/etl/fhir/resource.js';
import { temporaryFolder } from '../../support/landing.js';
import { bundle, ndjson } from './builders.js';

const folder = temporaryFolder();

interface Outcome {
  readonly received: ReceivedResource[];
  readonly refused: { readonly line: number | null; readonly reason: string; readonly raw: string }[];
}

async function read(
  content: string | Buffer,
  lines: boolean,
  gzip = false,
  largest?: number,
): Promise<Outcome> {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  const outcome: Outcome = { received: [], refused: [] };
  await readFhir(
    path,
    { lines, gzip },
    {
      received: (resource) => outcome.received.push(resource),
      refused: (raw, line, reason) => outcome.refused.push({ line, reason, raw: raw.toString() }),
      pause: async () => undefined,
    },
    largest,
  );
  return outcome;
}

const a = { resourceType: 'Patient', id: 'a' };
const b = { resourceType: 'Organization', id: 'b' };
const named = ({ received }: Outcome): string[] => received.map(({ type, id }) => `${type}/${id}`);

describe('an NDJSON file', () => {
  it('has a resource a line, with any line end, blank lines and a byte order mark', async () => {
    const text = `\ufeff${JSON.stringify(a)}\r\n\r\n  \n${JSON.stringify(b)}`;
    expect(named(await read(text, true))).toEqual(['Patient/a', 'Organization/b']);
    expect((await read(gzipSync(text), true, true)).refused).toEqual([]);
  });

  it('may have Bundles as lines', async () => {
    expect(named(await read(ndjson([bundle([a, b]), a]), true))).toEqual([
      'Patient/a',
      'Organization/b',
      'Patient/a',
    ]);
  });

  it('loses a line to a fault and no other, and says which', async () => {
    const good = JSON.stringify(a);
    const bad = [
      '{"resourceType":"Patient","id":"h',
      '12',
      '[1]',
      '{"exportId":"1"}',
      '{"resourceType":"patient"}',
      '{"resourceType":"Patient","id":"a b"}',
      '{"resourceType":"Patient","x":01}',
      '{"resourceType":"Patient","id":5}',
    ];
    const outcome = await read(bad.map((line) => `${line}\n${good}\n`).join(''), true);
    expect(outcome.received).toHaveLength(bad.length);
    expect(outcome.refused.map(({ line }) => line)).toEqual(bad.map((_line, index) => 2 * index + 1));
    expect(outcome.refused.map(({ reason }) => reason)).toEqual([
      'the JSON ends before it is complete',
      'no JSON object',
      'a JSON list, not a resource',
      'the object has no resourceType',
      'the resourceType is not that of a resource',
      'the id is no FHIR id',
      'the text is not JSON',
      'the id is no FHIR id',
    ]);
  });

  it('refuses a line that is too long and one that is not UTF-8', async () => {
    const long = JSON.stringify({ ...a, note: 'x'.repeat(5_000) });
    const latin = Buffer.from(JSON.stringify({ ...a, note: 'é' }), 'latin1');
    const outcome = await read(
      Buffer.concat([Buffer.from(`${long}\n`), latin, Buffer.from(`\n${JSON.stringify(b)}\n`)]),
      true,
      false,
      1_000,
    );
    expect(named(outcome)).toEqual(['Organization/b']);
    expect(outcome.refused.map(({ reason }) => reason)).toEqual([
      'the line is longer than 1000 bytes',
      'the resource is not UTF-8',
    ]);
  });

  it('is nothing without content', async () => {
    for (const text of ['', '\n', '\ufeff', ' '])
      expect(await read(text, true)).toEqual({ received: [], refused: [] });
  });
});

describe('a JSON file', () => {
  it('is a resource or a Bundle, with a byte order mark or not', async () => {
    expect(named(await read(`\ufeff${JSON.stringify(a, null, 2)}`, false))).toEqual(['Patient/a']);
    expect(named(await read(gzipSync(JSON.stringify(bundle([a, b]))), false, true))).toEqual([
      'Patient/a',
      'Organization/b',
    ]);
  });

  it('throws where its gzip is cut or none', async () => {
    const packed = gzipSync(
      JSON.stringify(bundle(Array.from({ length: 500 }, (_, i) => ({ ...a, id: `p${i * 7919}` })))),
    );
    for (const content of [packed.subarray(0, packed.length / 2), Buffer.from('{}')]) {
      await expect(read(content, false, true)).rejects.toBeInstanceOf(GzipDamaged);
    }
  });
});

describe('the id of a resource', () => {
  const one = async (resource: object, fullUrl?: string): Promise<ReceivedResource> =>
    (
      await read(
        JSON.stringify({ resourceType: 'Bundle', entry: [{ ...(fullUrl ? { fullUrl } : {}), resource }] }),
        false,
      )
    ).received[0]!;

  it('is its own', async () => {
    expect((await one({ ...a, id: 'A-1.x' }, 'urn:uuid:1')).id).toBe('A-1.x');
  });

  it('else that of its address', async () => {
    expect((await one({ resourceType: 'Patient' }, 'urn:uuid:0f8a')).id).toBe('0f8a');
    expect((await one({ resourceType: 'Patient' }, 'https://x.org/R4/Patient/77')).id).toBe('77');
  });

  it('else made from the content, the same for the same', async () => {
    const [first, again, other] = [
      await one({ resourceType: 'Coverage', n: 1 }, 'https://x.org/Coverage?subscriber=1'),
      await one({ resourceType: 'Coverage', n: 1 }),
      await one({ resourceType: 'Coverage', n: 2 }),
    ];
    expect(first.id).toMatch(/^~[0-9a-f]{40}$/);
    expect(again.id).toBe(first.id);
    expect(other.id).not.toBe(first.id);
  });

  it('keeps the strictest label of confidentiality', async () => {
    const label = (code: string, system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality') => ({
      system,
      code,
    });
    const of = async (...security: object[]) => (await one({ ...a, meta: { security } })).confidentiality;
    expect(await of(label('N'), label('V'), label('R'))).toBe('V');
    expect(await of(label('R', 'http://other.org'))).toBeNull();
    expect(await of()).toBeNull();
  });
});
