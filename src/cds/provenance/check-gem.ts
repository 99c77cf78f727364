import { statementsIn } from '../arden/statements-in.js';
import type { Mlm, Statement, Validation } from '../arden/syntax.js';
import type { FactReference } from '../facts/fact.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import type { Gem } from './gem.js';

type Read = Extract<Statement, { kind: 'read' }>;

/** The READs of an MLM, those in branches and loops too. */
export const readsOf = (mlm: Mlm): readonly Read[] =>
  statementsIn(mlm.data).filter((statement) => statement.kind === 'read');

/** What a provenance file says otherwise than its MLM, a line each. */
export function checkGem(gem: Gem, mlm: Mlm, registry: Registry): readonly string[] {
  const reads = readsOf(mlm);
  return [
    ...linkOf(mlm),
    ...gem.decision_variables.flatMap((variable) => variableProblems(variable, reads, registry)),
    ...reads
      .filter(
        ({ targets }) =>
          !targets.some(({ name }) => gem.decision_variables.some(({ read_var }) => read_var === name)),
      )
      .map(
        ({ targets }) =>
          `no decision variable names the READ of ${targets.map(({ name }) => name).join(', ')}`,
      ),
    ...identityOf(gem, reads),
  ];
}

function linkOf({ name, links }: Mlm): readonly string[] {
  const file = `${name}.gem.yaml`;
  return links.some(
    (link) => link.kind.toUpperCase() === 'OTHER_LINK' && link.name === 'gem' && link.address === file,
  )
    ? []
    : [`the links of the MLM do not name it: OTHER_LINK "gem", '${file}'`];
}

function variableProblems(
  { name, read_var, fact, valueset }: Gem['decision_variables'][number],
  reads: readonly Read[],
  registry: Registry,
): readonly string[] {
  const read = reads.find(({ targets }) => targets.some((target) => target.name === read_var));
  if (!read) return [`the decision variable "${name}" names ${read_var}, which no READ brings`];
  const reference = parseReference(read.braces.text, registry);
  if (!isReference(reference)) return [`the READ of ${read_var} names no fact`];
  const sets = valueSetsOf(reference);
  return [
    ...(reference.fact.name === fact ? [] : [`${read_var} reads ${reference.fact.name}, not ${fact}`]),
    ...(valueset === undefined || sets.includes(valueset)
      ? []
      : [`${read_var} reads no value set ${valueset}`]),
    ...(valueset === undefined && sets.length > 0
      ? [`${read_var} reads the value set ${sets.join(', ')}, which is not named`]
      : []),
  ];
}

const valueSetsOf = ({ where }: FactReference): readonly string[] =>
  where.flatMap((condition) => (condition.kind === 'value set' ? [condition.name] : []));

/** A result is about a row or about a patient in a window, never both. */
function identityOf({ delivery: { subject, window } }: Gem, reads: readonly Read[]): readonly string[] {
  if ((subject === undefined) === (window === undefined))
    return ['delivery has either a subject or a window'];
  if (subject === undefined) return [];
  const read = reads.find(({ targets }) => targets.some(({ name }) => name === subject));
  const one = read?.aggregate?.operator;
  return one === 'first' || one === 'last' || one === 'earliest' || one === 'latest'
    ? []
    : [`the subject ${subject} is no variable of a READ FIRST or LAST`];
}

/** Validation of a rule on a day: what is past its review counts as expired. */
export const validationOn = (mlm: Mlm, gem: Gem, day: string): Validation =>
  day > gem.review.next ? 'expired' : mlm.validation;
