import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/;
const decimal = /^-?\d{1,20}(\.\d{1,10})?$/;

/** A calendar day that exists, `YYYY-MM-DD`. */
function asDay(value: string): string | undefined {
  if (!day.test(value)) return undefined;
  const time = Date.parse(`${value}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value ? undefined : value;
}

function asInstant(value: string): string | undefined {
  if (!instant.test(value) || asDay(value.slice(0, 10)) === undefined) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** Values leave as the reader made them: the scalars check what comes in and cost nothing on the way out. */
function textScalar(
  name: string,
  description: string,
  parse: (value: string) => string | undefined,
): GraphQLScalarType {
  const parsed = (value: unknown): string => {
    const found = typeof value === 'string' ? parse(value) : undefined;
    if (found === undefined) throw new GraphQLError(`Not a valid ${name}.`);
    return found;
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => value,
    parseValue: parsed,
    parseLiteral: (node) => parsed(node.kind === Kind.STRING ? node.value : undefined),
  });
}

export const DateScalar = textScalar('Date', 'Calendar day in Europe/London, `YYYY-MM-DD`.', asDay);
export const DateTimeScalar = textScalar('DateTime', 'Instant in UTC, ISO 8601, whole seconds.', asInstant);
export const DecimalScalar = textScalar('Decimal', 'Exact decimal number as text.', (value) =>
  decimal.test(value) ? value : undefined,
);
