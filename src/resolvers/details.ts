import type { GraphQLResolveInfo } from 'graphql';
import type { ResultReaders, ValueReaders } from '../cds/results/readers.js';
import { MaplewoodError } from '../errors.js';
import type { Row } from '../loaders/rows.js';
import { CdsRule, ruleDetails } from '../schema/cds-rules.js';
import type { RowDataset } from '../schema/declare/dataset.js';
import type { Sensitivity } from '../schema/declare/metadata.js';
import { CdsResult, type DetailField, detailFields } from '../schema/people/cds-results.js';
import { type Args, callsOf } from './calls.js';
import type { RequestContext } from './context.js';
import type { Selection } from './selection.js';

/** Fields that are read by the keys of results; the rule is a row of another dataset. */
type ReadField = Exclude<DetailField, 'rule'>;
const names = (Object.keys(detailFields) as DetailField[]).filter((name) => name !== 'rule');

/** Fields that are made of more than the columns of a row, by the name of its type, and by which columns they are found. */
const details: ReadonlyMap<string, { readonly names: readonly string[]; readonly keys: readonly string[] }> =
  new Map([
    [CdsResult.name, { names: Object.keys(detailFields), keys: ['id', 'ruleSha256'] }],
    [CdsRule.name, { names: Object.keys(ruleDetails), keys: ['name', 'sha256'] }],
  ]);

/** Fields of a row that are made of more than its columns. */
export const detailsOf = ({ type }: Pick<RowDataset, 'type'>): readonly string[] =>
  details.get(type.name)?.names ?? [];

/** Columns by which they are found. */
export const detailKeysOf = ({ type }: Pick<RowDataset, 'type'>): readonly string[] =>
  details.get(type.name)?.keys ?? [];

/** True for such a field, at its schema coordinate; else undefined. */
export const isDetail = (coordinate: string): true | undefined => {
  const [type = '', name = ''] = coordinate.split('.');
  return details.get(type)?.names.includes(name) || undefined;
};

type Context = Pick<RequestContext, 'results' | 'load' | 'inTurn'>;
type Info = Pick<GraphQLResolveInfo, 'schema' | 'variableValues'>;
/** What a field is of some rows, by their keys in hexadecimal. */
type Reader = (keys: readonly Uint8Array[], args: Args) => Promise<ReadonlyMap<string, unknown>>;

/** Error: `POLICY_VIOLATION` for values that the caller does not see. */
function readersOf(
  { acknowledgements, subjects, runs, values }: ResultReaders,
  { load, inTurn }: Context,
): Readonly<Record<ReadField, Reader>> {
  const ofValues = (read: (readers: ValueReaders) => Reader): Reader => {
    if (values) return read(values);
    return () => Promise.reject(new MaplewoodError('POLICY_VIOLATION'));
  };
  // Two fields are made of the same.
  const known = new Map<readonly Uint8Array[], ReturnType<ValueReaders['details']>>();
  const said = (name: 'message' | 'variables'): Reader =>
    ofValues(({ details }) => async (keys) => {
      const reading = known.get(keys) ?? details(keys, load);
      known.set(keys, reading);
      return new Map([...(await reading)].map(([key, detail]) => [key, detail[name]]));
    });
  return {
    message: said('message'),
    variables: said('variables'),
    explanation: ofValues(
      ({ explanations }) =>
        (keys) =>
          explanations(keys, load, inTurn),
    ),
    evidence: ofValues(
      ({ evidence }) =>
        (keys, { first }) =>
          evidence(keys, Number(first), load),
    ),
    runId: (keys) => runs(keys, load),
    subject: (keys) => subjects(keys, load),
    acknowledgement: (keys) => acknowledgements(keys, load),
  };
}

/** Makes those of results that are asked for, whose rows have their `id`: a few statements, whatever the number of rows. */
export async function loadDetails(
  dataset: RowDataset,
  rows: readonly Row[],
  selection: Selection,
  context: Context,
  info: Info,
  keep: (row: Row, name: string, args: Args, value: unknown) => void,
): Promise<void> {
  if (dataset.type !== CdsResult) return;
  const asked = names.filter((name) => selection.has(name));
  const { load, results } = context;
  if (asked.length === 0 || !results) return;
  load.account.addColumns(
    asked.map((name) => ({ name: `${dataset.type.name}.${name}`, class: classOf(name) })),
  );
  const tokens = load.plan.identifiers.of('event');
  const keys = rows.map((row) => tokens.decode(String(row['id'])));
  const known = keys.filter((key) => key !== null);
  const parts = Array.from({ length: Math.ceil(known.length / mostAtOnce) }, (_none, at) =>
    known.slice(at * mostAtOnce, (at + 1) * mostAtOnce),
  );
  const readers = readersOf(results, context);
  const calls = asked.flatMap((name) =>
    callsOf(dataset.type.name, name, selection, info).map(({ args }) => ({ name, args })),
  );
  for (const { name, args } of calls) {
    const found = new Map<string, unknown>();
    for (const part of parts)
      for (const [key, value] of await readers[name](part, args)) found.set(key, value);
    for (const [at, row] of rows.entries()) {
      const key = keys[at];
      keep(row, name, args, (key && found.get(Buffer.from(key).toString('hex'))) ?? null);
    }
  }
}

/** The engines take 2,000 parameters. */
const mostAtOnce = 1_500;

const classes: Readonly<Partial<Record<ReadField, Sensitivity>>> = { subject: 'D', runId: 'O' };
const classOf = (name: ReadField): Sensitivity => classes[name] ?? 'S';
