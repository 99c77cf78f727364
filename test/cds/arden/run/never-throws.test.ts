import fc from 'fast-check';
import type { Host, Row } from '../../../../src/cds/arden/host.js';
import { blockers } from '../../../../src/cds/arden/run/blockers.js';
import { factsHost } from '../../../../src/cds/arden/run/facts-host.js';
import { formatValue } from '../../../../src/cds/arden/run/format.js';
import { printLiteral } from '../../../../src/cds/arden/run/literal.js';
import { apply, operations } from '../../../../src/cds/arden/run/operators/table.js';
import { run } from '../../../../src/cds/arden/run/run.js';
import { defaultLimits, RunEnded, Session } from '../../../../src/cds/arden/run/session.js';
import { timeOfInstant } from '../../../../src/cds/arden/run/time.js';
import { list, nothing } from '../../../../src/cds/arden/run/values.js';
import type { Expression, Operator, Statement } from '../../../../src/cds/arden/syntax.js';
import type { Datum, Item, Value } from '../../../../src/cds/arden/value.js';
import { mlmTree } from '../generate-tree.js';
import { mlmOf, now, runCode } from './text.js';

const span = { start: 0, end: 0 };

const anyTime = fc
  .integer({ min: Date.UTC(2022, 0, 1), max: Date.UTC(2023, 5, 30) })
  .map((instant) => timeOfInstant(instant));

const anyDatum: fc.Arbitrary<Datum> = fc.oneof(
  fc.constant<Datum>({ type: 'null' }),
  fc.boolean().map((value): Datum => ({ type: 'boolean', value })),
  fc
    .oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((value): Datum => ({ type: 'number', value })),
  fc.string({ maxLength: 8 }).map((value): Datum => ({ type: 'string', value })),
  fc
    .constantFrom('%.2f', '%5s%d', '%*d', '%t', '%_a\\', '2023-01-01')
    .map((value): Datum => ({ type: 'string', value })),
  anyTime.map((value): Datum => ({ type: 'time', value })),
  fc.nat(86_399_999).map((value): Datum => ({ type: 'time of day', value })),
  fc.integer({ min: 1, max: 7 }).map((value): Datum => ({ type: 'day of week', value })),
  fc
    .tuple(
      fc.constantFrom('months' as const, 'seconds' as const),
      fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
    )
    .map(([unit, amount]): Datum => ({ type: 'duration', value: { unit, amount } })),
  fc.constant<Datum>({
    type: 'object',
    value: { type: 'bed', attributes: new Map<string, Value>([['weight', nothing]]) },
  }),
);

const anyItem: fc.Arbitrary<Item> = fc
  .tuple(anyDatum, fc.option(anyTime))
  .map(([datum, primaryTime]): Item => ({ ...datum, primaryTime }));

const anyValue: fc.Arbitrary<Value> = fc.oneof(anyItem, fc.array(anyItem, { maxLength: 5 }).map(list));

const anyRow: fc.Arbitrary<Row> = fc.record({
  time: fc.option(anyTime),
  values: fc.array(anyDatum, { maxLength: 3 }),
  key: fc.string(),
});

const anyHost: fc.Arbitrary<Host> = fc
  .tuple(fc.array(anyRow, { maxLength: 6 }), fc.boolean())
  .map(([rows, bound]) => ({
    ...factsHost({ now, event: 'alpha' }),
    rows: () => (bound ? rows : undefined),
  }));

const isOperator = (name: string): name is Operator => name in operations;

const session = () => new Session(defaultLimits, false, undefined);

/** Numbers in a value, none of which may be infinite or none at all. */
const numbersOf = (value: Value): number[] =>
  (value.type === 'list' ? value.items : [value]).flatMap((item) => {
    if (item.type === 'number') return [item.value];
    if (item.type === 'duration') return [item.value.amount];
    return item.type === 'time' ? [item.value.wall, item.value.instant] : [];
  });

describe('a run never throws', () => {
  it('on any tree and any rows, with and without a trace, and comes to the same each time', () => {
    fc.assert(
      fc.property(mlmTree, anyHost, (mlm, host) => {
        const options = { steps: 300, work: 200_000 };
        const outcome = run(mlm, host, { ...options, trace: true });
        blockers(mlm, outcome);
        const again = run(mlm, host, options);
        expect(again.concluded).toBe(outcome.concluded);
        expect(again.written).toEqual(outcome.written);
        expect(again.returned.map(printLiteral)).toEqual(outcome.returned.map(printLiteral));
      }),
      { numRuns: 1500, seed: 7 },
    );
  });

  it('on any operands of any operator, and makes no number that is none', () => {
    const operators = fc.constantFrom(...Object.keys(operations).filter(isOperator));
    fc.assert(
      fc.property(operators, fc.array(anyValue, { maxLength: 3 }), (operator, operands) => {
        let value: Value;
        try {
          value = apply(operator, operands, session().reckoning);
        } catch (error) {
          expect(error).toBeInstanceOf(RunEnded);
          return;
        }
        expect(numbersOf(value).every(Number.isFinite)).toBe(true);
        expect(formatValue(value).length + printLiteral(value).length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 20_000, seed: 7 },
    );
  });
});

describe('memory and time are bounded, with a diagnostic', () => {
  const endsWith = (logic: string, data = ''): string[] => {
    const outcome = runCode({ data, logic: `${logic} CONCLUDE TRUE;` });
    expect(outcome.concluded).toBeNull();
    return outcome.diagnostics.map(({ code }) => code);
  };

  it.each([
    ['a long SEQTO', 'x := 1 SEQTO 1000000000;'],
    ['a list that doubles', 'x := (1, 2); WHILE TRUE DO x := x, x; ENDDO;'],
    ['a text that doubles', 'x := "abcdefgh"; WHILE TRUE DO x := x || x; ENDDO;'],
    [
      'a text of many texts',
      'x := "abcdefgh"; y := 1 SEQTO 9; WHILE TRUE DO y := y || x; x := STRING (x, x, y, y); ENDDO;',
    ],
    [
      'a pattern that goes back and back',
      'x := "aaaaaaaa"; FOR i IN (1 SEQTO 12) DO x := x || x; ENDDO; y := (x || x) MATCHES PATTERN ("%" || x || "b");',
    ],
    ['a long list in a loop', 'x := 1 SEQTO 50000; FOR i IN x DO y := SUM x; ENDDO;'],
  ])('%s', (_, logic) => {
    const started = performance.now();
    expect(endsWith(logic)).toEqual(['WORK']);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('a tree that is nested too deeply', () => {
    let value: Expression = { kind: 'constant', constant: { type: 'number', value: 1 }, span };
    for (let depth = 0; depth < 100_000; depth += 1) {
      value = { kind: 'operation', operator: 'negate', operands: [value], span };
    }
    let body: Statement = { kind: 'conclude', value, span };
    for (let depth = 0; depth < 20_000; depth += 1) {
      const condition: Expression = { kind: 'constant', constant: { type: 'boolean', value: true }, span };
      body = { kind: 'if', branches: [{ condition, body: [body] }], otherwise: [], span };
    }
    for (const logic of [[{ kind: 'conclude' as const, value, span }], [body]]) {
      const outcome = run({ ...mlmOf({}), logic }, factsHost({ now }), { trace: true });
      expect([outcome.concluded, outcome.diagnostics.map(({ code }) => code)]).toEqual([null, ['DEPTH']]);
    }
  });

  it('but not a condition, list or text as long as the parser takes it', () => {
    const condition = Array.from({ length: 490 }, () => 'n = 1').join(' AND ');
    const facts = factsHost({ now });
    const mlm = mlmOf({ data: 'n := 1;', logic: `CONCLUDE ${condition};` });
    expect(run(mlm, facts, { trace: true })).toMatchObject({ concluded: true, diagnostics: [] });

    const numbers = Array.from({ length: 450 }, (_, index) => index).join(', ');
    const texts = Array.from({ length: 450 }, () => '"ab"').join(' || ');
    const outcome = runCode({ data: `x := ${numbers}; y := ${texts};`, action: 'RETURN COUNT x, LENGTH y;' });
    expect(outcome.returned.map(printLiteral)).toEqual(['450', '900']);
  });

  it('objects that hold themselves are shown and copied', () => {
    const data = 'node := OBJECT [next, weight]; a := NEW node; a.next := a; b := CLONE a;';
    const outcome = runCode({ data, action: 'WRITE a; WRITE b.next = b; WRITE a = b;' });
    expect(outcome.written.map(({ text }) => text)).toEqual([
      'node [next := node, weight := null]',
      'true',
      'false',
    ]);
  });
});
