import type { RawBuilder } from 'kysely';
import type { Dialect } from '../../warehouse/dialect.js';
import type { ColumnType } from '../../warehouse/table.js';
import { bind } from '../../warehouse/value.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import { formatValue } from '../arden/run/format.js';
import { timeAt, timeOfInstant } from '../arden/run/time.js';
import type { Datum, Item, Time, Value } from '../arden/value.js';
import { fold } from './fold.js';
import { constantOf, type Meaning, type Scalar } from './meaning.js';
import type { Term } from './term.js';
import type { Rendering } from './values.js';

/** The columns of a result by term, and what comes of them. */
export class Outputs {
  private readonly columns = new Map<Term, string>();

  /** Takes up what a term needs of the engine: itself, or the parts of what is made in TypeScript. */
  need(term: Term | null): void {
    if (term === null || term.kind === 'literal' || term.kind === 'unavailable') return;
    if (term.late && (term.kind === 'late' || term.kind === 'apply'))
      for (const operand of term.operands) this.need(operand);
    else this.columns.set(term, `c${term.id}`);
  }

  needAll(meaning: Meaning): void {
    if (meaning.kind !== 'scalar') return;
    this.need(meaning.value);
    this.need(meaning.time);
  }

  /** Terms that the engine computes. */
  get terms(): readonly Term[] {
    return [...this.columns.keys()];
  }

  get output(): readonly OutputColumn[] {
    return [...this.columns].map(([term, name]) => ({ name, type: outputType(term) }));
  }

  select(rendering: Rendering, dialect: Dialect) {
    return [...this.columns].map(([term, name]) =>
      dialect.output(outputValue(term, rendering.value(term), dialect), outputType(term)).as(name),
    );
  }

  /** The value of a term in a row. */
  datum(term: Term, row: ReadonlyMap<string, unknown>): Datum {
    if (term.kind === 'literal') return term.datum;
    const name = this.columns.get(term);
    if (name !== undefined) return decoded(term, row.get(name) ?? null);
    if (term.kind === 'late') {
      const given = term.operands.map((operand) => untimed(this.datum(operand, row)));
      const value = fold(term.operator, given);
      return value.type === 'list' ? { type: 'null' } : value;
    }
    const [condition, one, other] = term.kind === 'apply' ? term.operands : [];
    if (!condition || !one || !other) return { type: 'null' };
    const holds = this.datum(condition, row);
    return this.datum(holds.type === 'boolean' && holds.value ? one : other, row);
  }

  value(meaning: Meaning, row: ReadonlyMap<string, unknown>): Value {
    const known = constantOf(meaning);
    if (known) return known;
    if (meaning.kind === 'scalar') return this.item(meaning, row);
    throw new Error('a list is no output');
  }

  item({ value, time }: Scalar, row: ReadonlyMap<string, unknown>): Item {
    const primary = time === null || time.kind === 'unavailable' ? undefined : this.datum(time, row);
    const primaryTime = primary?.type === 'time' ? primary.value : null;
    const { type, ...rest } = this.datum(value, row);
    return { type, ...rest, primaryTime } as Item;
  }

  text(meaning: Meaning, row: ReadonlyMap<string, unknown>): string {
    return formatValue(this.value(meaning, row));
  }
}

const untimed = (datum: Datum): Item => {
  const { type, ...rest } = datum;
  return { type, ...rest, primaryTime: null } as Item;
};

function outputType({ type }: Term): ColumnType {
  switch (type) {
    case 'boolean':
      return { kind: 'int32' };
    case 'string':
      return { kind: 'text', length: 4000 };
    case 'day':
      return { kind: 'date' };
    case 'instant':
      return { kind: 'instant' };
    case 'key':
      return { kind: 'key128' };
    default:
      return { kind: 'double' };
  }
}

/** A wall clock leaves the engine as its seconds since 1970, because it may have a fraction. */
function outputValue({ type }: Term, value: RawBuilder<unknown>, dialect: Dialect): RawBuilder<unknown> {
  if (type !== 'wall') return value;
  return dialect.secondsBetween(bind({ kind: 'instant' }, '1970-01-01T00:00:00Z'), value);
}

function decoded({ type }: Term, value: unknown): Datum {
  if (value === null || value === undefined) return { type: 'null' };
  switch (type) {
    case 'boolean':
      return { type: 'boolean', value: Number(value) === 1 };
    case 'number':
      return { type: 'number', value: Number(value) };
    case 'months':
    case 'seconds':
      return { type: 'duration', value: { unit: type, amount: Number(value) } };
    case 'string':
      return { type: 'string', value: String(value) };
    case 'day':
      return timeDatum(timeAt(Date.parse(`${String(value)}T00:00:00Z`)));
    case 'instant':
      return timeDatum(timeOfInstant(Date.parse(String(value))));
    case 'wall':
      return timeDatum(timeAt(Math.round(Number(value) * 1000)));
    case 'key':
      return { type: 'string', value: Buffer.from(value as Uint8Array).toString('hex') };
    default:
      return { type: 'null' };
  }
}

const timeDatum = (value: Time | undefined): Datum => (value ? { type: 'time', value } : { type: 'null' });
