import fc from 'fast-check';
import { ResourceScanner } from '../../../src/etl/fhir/scanner.js';

interface Seen {
  readonly resources: { readonly json: string; readonly fullUrl: string | undefined }[];
  readonly refused: string[];
}

/** Scans a text that arrives in pieces of the given sizes, over and over. */
function scan(text: string | Buffer, sizes: readonly number[] = [1 << 20], largest?: number): Seen {
  const seen: Seen = { resources: [], refused: [] };
  const scanner = new ResourceScanner(
    {
      resource: (json, fullUrl) => seen.resources.push({ json: json.toString(), fullUrl }),
      refused: (_raw, reason) => seen.refused.push(reason),
    },
    largest,
  );
  const bytes = Buffer.from(text);
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    scanner.feed(Buffer.from(bytes.subarray(at, at + size)), false);
    at += size;
  }
  scanner.feed(Buffer.alloc(0), true);
  return seen;
}

const ids = (seen: Seen): unknown[] => seen.resources.map(({ json }) => JSON.parse(json).id);
const patient = (id: string) => ({ resourceType: 'Patient', id });
const entry = (id: string) => ({ fullUrl: `urn:uuid:${id}`, resource: patient(id) });

describe('the resource scanner', () => {
  it('gives a single resource as it was sent', () => {
    const text = '{ "resourceType" : "Patient",\n "id":"a" }';
    expect(scan(text)).toEqual({ resources: [{ json: text, fullUrl: undefined }], refused: [] });
  });

  it.each(['transaction', 'batch', 'searchset', 'collection', 'document', 'history'])(
    'cuts a Bundle of type %s',
    (type) => {
      const seen = scan(JSON.stringify({ resourceType: 'Bundle', type, entry: [entry('a'), entry('b')] }));
      expect(seen.resources).toEqual([
        { json: JSON.stringify(patient('a')), fullUrl: 'urn:uuid:a' },
        { json: JSON.stringify(patient('b')), fullUrl: 'urn:uuid:b' },
      ]);
      expect(seen.refused).toEqual([]);
    },
  );

  it('cuts a Bundle whose resourceType comes last, and takes a fullUrl behind its resource', () => {
    const seen = scan(
      '{"entry":[{"resource":{"id":"a","resourceType":"Coverage"},"fullUrl":"x/Coverage/a"}],"resourceType":"Bundle"}',
    );
    expect(seen).toEqual({
      resources: [{ json: '{"id":"a","resourceType":"Coverage"}', fullUrl: 'x/Coverage/a' }],
      refused: [],
    });
  });

  it('cuts Bundles in Bundles', () => {
    const inner = { resourceType: 'Bundle', type: 'searchset', entry: [entry('b'), entry('c')] };
    const outer = { resourceType: 'Bundle', entry: [entry('a'), { resource: inner }, entry('d')] };
    expect(ids(scan(JSON.stringify(outer)))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('takes a List, which has entries too, for a resource, wherever its type stands', () => {
    const items = [{ item: { reference: 'Patient/a' } }];
    const texts = [
      { resourceType: 'List', id: 'l', entry: items },
      { id: 'l', entry: items, resourceType: 'List' },
    ].map((list) => JSON.stringify(list));
    for (const text of texts)
      expect(scan(text)).toEqual({ resources: [{ json: text, fullUrl: undefined }], refused: [] });
    expect(
      ids(
        scan(
          JSON.stringify({
            resourceType: 'Bundle',
            entry: texts.map((text) => ({ resource: JSON.parse(text) })),
          }),
        ),
      ),
    ).toEqual(['l', 'l']);
  });

  it('does not cut what a text only seems to hold', () => {
    const text = JSON.stringify({
      resourceType: 'Basic',
      id: 'a',
      note: '{"resourceType":"Bundle","entry":[{"resource":{}}]} \\" [[[',
    });
    expect(scan(text).resources).toEqual([{ json: text, fullUrl: undefined }]);
  });

  it('keeps a contained resource in its container', () => {
    expect(
      ids(
        scan(
          JSON.stringify({
            resourceType: 'Bundle',
            entry: [{ resource: { ...patient('a'), contained: [patient('in')] } }],
          }),
        ),
      ),
    ).toEqual(['a']);
  });

  it('takes several objects one after the other', () => {
    expect(
      ids(
        scan(
          `${JSON.stringify(patient('a'))}${JSON.stringify(patient('b'))}\n${JSON.stringify(patient('c'))}`,
        ),
      ),
    ).toEqual(['a', 'b', 'c']);
  });

  it('has nothing to say of an empty Bundle or an empty text', () => {
    for (const text of [
      '{"resourceType":"Bundle","total":0}',
      '{"resourceType":"Bundle","entry":[]}',
      '',
      ' \n',
    ]) {
      expect(scan(text)).toEqual({ resources: [], refused: [] });
    }
  });

  it.each([
    ['a text that is no object', 'log line\n{"resourceType":"Patient","id":"a"}', 'no JSON object', 1],
    ['a list', '[{"resourceType":"Patient"}]', 'a JSON list, not a resource', 0],
    [
      'a cut file',
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a"}},{"reso',
      'the JSON ends before it is complete',
      1,
    ],
    ['an open text', '{"resourceType":"Pat', 'the JSON ends before it is complete', 0],
    [
      'brackets that do not match',
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a"}},{"resource":[}]}',
      'the brackets of the JSON do not match; nothing behind it is read',
      1,
    ],
    [
      'an entry without a resource',
      '{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE"}},{"resource":{"resourceType":"Patient","id":"a"}}]}',
      'an entry of the Bundle holds no resource',
      1,
    ],
    [
      'an entry that is no list',
      '{"resourceType":"Bundle","entry":{"resource":{}}}',
      'the entry of the Bundle is no list',
      0,
    ],
    [
      'entries in what is no Bundle',
      '{"entry":[{"resource":{"resourceType":"Patient","id":"a"}}],"resourceType":"Basket"}',
      'an object with resources in its entry list that is no Bundle',
      1,
    ],
  ])('refuses %s and keeps the rest', (_name, text, reason, kept) => {
    const seen = scan(text);
    expect(seen.refused).toEqual([reason]);
    expect(seen.resources).toHaveLength(kept);
  });

  it('refuses one resource that is too large or too deep, and no other', () => {
    const wide = { resourceType: 'Binary', id: 'w', data: 'x'.repeat(400) };
    const deep = JSON.parse(`{"resourceType":"Basic","id":"d","a":${'['.repeat(50)}${']'.repeat(50)}}`);
    const text = JSON.stringify({
      resourceType: 'Bundle',
      entry: [wide, patient('a'), deep, patient('b')].map((resource) => ({ resource })),
    });
    for (const size of [7, 1 << 20]) {
      const seen = scan(text, [size], 300);
      expect(ids(seen)).toEqual(['a', 'b']);
      expect(seen.refused).toEqual([
        'the resource is larger than 300 bytes',
        'the resource is nested deeper than 50',
      ]);
    }
  });

  it('gives up a file of brackets without end', () => {
    expect(scan('{"a":'.repeat(200_000)).refused).toEqual([
      'the JSON is nested deeper than 5000; nothing behind it is read',
    ]);
  });

  it('gives the same in whatever pieces the text arrives', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom('entry', 'resource', 'resourceType', 'fullUrl', 'x', 'é"\\'),
          tie('node'),
          { maxKeys: 4 },
        ),
      ),
    })).node;
    const resource = fc
      .tuple(fc.constantFrom('Patient', 'Observation'), fc.uuid(), value)
      .map(([resourceType, id, extra]) => ({ id, extra, resourceType }));
    const node = fc.letrec<{ one: object; bundle: object }>((tie) => ({
      one: fc.oneof({ maxDepth: 2, withCrossShrink: true }, resource, tie('bundle')),
      bundle: fc.tuple(fc.array(tie('one'), { maxLength: 4 }), fc.boolean()).map(([list, first]) => {
        const entries = list.map((one) => ({ resource: one }));
        return first
          ? { resourceType: 'Bundle', entry: entries }
          : { entry: entries, resourceType: 'Bundle' };
      }),
    })).one;
    const leaves = (one: unknown): object[] => {
      const { resourceType, entry: entries } = one as {
        resourceType: string;
        entry: { resource: unknown }[];
      };
      return resourceType === 'Bundle'
        ? entries.flatMap(({ resource: inner }) => leaves(inner))
        : [one as object];
    };
    fc.assert(
      fc.property(
        node,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(undefined, 1),
        (one, sizes, indent) => {
          const seen = scan(JSON.stringify(one, null, indent), sizes);
          expect(seen.refused).toEqual([]);
          expect(seen.resources.map(({ json }) => JSON.parse(json))).toEqual(
            leaves(one).map((leafOne) => JSON.parse(JSON.stringify(leafOne))),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc
            .array(fc.constantFrom(...'{}[]",:\\ex\n'), { maxLength: 200 })
            .map((list) => Buffer.from(list.join(''))),
        ),
        fc.integer({ min: 1, max: 9 }),
        (bytes, size) => {
          scan(Buffer.from(bytes), [size]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
