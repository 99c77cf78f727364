import { type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql';
import type { DisclosureRule } from '../access/disclosure.js';
import type { Grant } from '../access/grant.js';
import { BedForecast, BedForecastDay, forecastFigures, forecastShown } from '../schema/bed-forecast.js';
import { datasets } from '../schema/datasets.js';
import { classIn } from '../schema/declare/classed.js';
import type { Dataset } from '../schema/declare/dataset.js';
import type { Sensitivity } from '../schema/declare/metadata.js';
import { asItIs, fieldAccess, profileMeanings, rowScope } from '../schema/field-access.js';

export interface Explanation {
  readonly text: string;
  readonly sensitivity: Sensitivity | null;
  readonly shown: string | null;
  readonly rowScope: string | null;
}

/** One answer to every name that the role does not have, whether there is such a thing or not. */
const unknown: Explanation = {
  text: 'Your schema has no such field. Ask for one that it has, such as `Me.role`; `datasets` lists the columns.',
  sensitivity: null,
  shown: null,
  rowScope: null,
};

const classNames: Readonly<Record<Sensitivity, string>> = {
  D: 'It identifies directly.',
  Q: 'Together with others it could tell who somebody is.',
  S: 'It is sensitive.',
  W: 'It is about staff.',
  O: 'It is open to all who have it.',
};

/**
 * Why a field shows a role what it shows. Only the role's own schema is looked at, so that what is hidden from it and
 * what nobody has get the same answer.
 */
export function explain(
  schema: GraphQLSchema,
  asked: string,
  grant: Grant,
  rule: DisclosureRule,
): Explanation {
  const found = placeIn(schema, asked);
  if (!found) return unknown;
  const { type, name } = found;
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (!field) return unknown;

  const of = getNamedType(field.type);
  const dataset = datasetOf(isLeafType(of) ? type.name : of.name);
  const isForecast = (isLeafType(of) ? type.name : of.name).startsWith(BedForecast.name);
  const figures = dataset?.kind === 'measure' || isForecast;
  const scope = dataset ? rowScope(dataset, grant.role, grant.trusts !== null) : null;
  const profile = figures ? profileMeanings[grant.profile] : null;
  if (!isLeafType(of))
    return answer({ sensitivity: null, shown: null, rowScope: scope }, [`It leads to ${of.name}.`, profile]);
  const access = dataset && fieldAccess(dataset, name, grant.role, rule);
  const sensitivity = access?.sensitivity ?? classIn(field.extensions) ?? null;
  const shown =
    access?.shown ??
    (type.name === BedForecastDay.name && Object.hasOwn(forecastFigures, name)
      ? forecastShown(grant.role, rule)
      : asItIs);
  return answer({ sensitivity, shown, rowScope: scope }, [
    sensitivity && classNames[sensitivity],
    shown,
    profile,
  ]);
}

const answer = (parts: Omit<Explanation, 'text'>, sentences: readonly (string | null)[]): Explanation => ({
  text: [...sentences, parts.rowScope].filter((sentence) => sentence !== null).join(' '),
  ...parts,
});

/** `Type.field`, `dataset.column` or `rootField`, looked for in the schema alone. */
function placeIn(schema: GraphQLSchema, asked: string) {
  const query = schema.getQueryType();
  const [first = '', second, ...more] = asked.split('.');
  if (more.length > 0 || first.startsWith('__') || !query) return undefined;
  if (second === undefined) return { type: query, name: first };
  const type = schema.getType(rowTypes.get(first) ?? first);
  return type ? { type, name: second } : undefined;
}

const rowTypes: ReadonlyMap<string, string> = new Map(datasets.map(({ key, type }) => [key, type.name]));

/** The dataset whose rows, or the list of them, a type is. */
const datasetOf = (type: string): Dataset | undefined =>
  datasets.find(({ type: { name } }) => type === name || type === `${name}Connection`);
