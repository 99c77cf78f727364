import { statementsIn } from '../arden/statements-in.js';
import type { Expression, Mlm, Operator, Statement } from '../arden/syntax.js';
import type { FactReference } from '../facts/fact.js';
import type { Registry } from '../facts/registry.js';

/**
 * Whether values of a rule may be told to those who see its results. Datasets show much in less detail than rules read it (an age
 * band for an age, three characters of a diagnosis, the hour of an arrival): what is made of such a column is not told, but
 * for the truth of conditions on it.
 */
export interface Told {
  /** False where the rule asks for a diagnosis that is shown to nobody: each step would tell it. */
  readonly isTold: boolean;
  variable(name: string): boolean;
  tree(tree: Expression | Statement): boolean;
}

/** `listed`: three-character categories of diagnoses that are shown to nobody. */
export function toldOf(
  mlm: Mlm,
  references: ReadonlyMap<string, FactReference>,
  { valueSets }: Pick<Registry, 'valueSets'>,
  listed: ReadonlySet<string>,
): Told {
  const statements = statementsIn([...mlm.data, ...mlm.logic, ...mlm.action]);
  const hasMoments = [...references.values()].some(({ fact }) => fact.time?.stored === 'instant');
  const untold = new Set<string>();
  let hasUntold = false;

  /** Whether the value of an expression is made of what is not told. */
  const restsOn = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(restsOn);
    if (typeof value !== 'object' || value === null) return false;
    const { kind, name, operator } = value as { kind?: unknown; name?: unknown; operator?: Operator };
    if (kind === 'name') return typeof name === 'string' && untold.has(name);
    if (kind === 'it') return hasUntold;
    if (kind === 'operation' && operator !== undefined) {
      if (judging.has(operator)) return false;
      if (hasMoments && timing.has(operator)) return true;
    }
    return Object.values(value).some(restsOn);
  };

  const learn = (statement: Statement): readonly string[] => {
    switch (statement.kind) {
      case 'read':
        return untoldTargets(statement, references.get(statement.braces.text));
      case 'assign':
        return restsOn([statement.value, statement.time]) ? [statement.target.name] : [];
      case 'assign each':
      case 'call':
        return restsOn(statement) ? statement.targets.map(({ name }) => name) : [];
      case 'for':
        return restsOn(statement.list) ? [statement.variable] : [];
      default:
        return [];
    }
  };
  for (let known = -1; known < untold.size; ) {
    known = untold.size;
    for (const name of statements.flatMap(learn)) untold.add(name);
    hasUntold = untold.size > 0;
  }

  return {
    isTold: !namesListed(statements, references, valueSets, listed),
    variable: (name) => !untold.has(name),
    tree(tree) {
      switch (tree.kind) {
        case 'read':
          return !tree.targets.some(({ name }) => untold.has(name));
        case 'assign':
          return !untold.has(tree.target.name);
        default:
          return !restsOn(tree);
      }
    },
  };
}

/** Whose result is a truth value or a number of rows, whatever it looks at. */
const judging: ReadonlySet<Operator> = new Set<Operator>([
  'count',
  'exist',
  'and',
  'or',
  'not',
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'is null',
  'within',
  'within same day',
  'before',
  'after',
  'any',
  'all',
  'no',
]);

/** Whose result tells of primary times. */
const timing: ReadonlySet<Operator> = new Set<Operator>(['time', 'interval', 'slope']);

type Read = Extract<Statement, { kind: 'read' }>;

/** What a READ assigns to that holds what is not told; of text that names no fact all of it. */
function untoldTargets(
  { targets, aggregate, as }: Read,
  reference: FactReference | undefined,
): readonly string[] {
  if (aggregate?.operator === 'count' || aggregate?.operator === 'exist') return [];
  const told = (column: string | undefined): boolean =>
    column !== undefined && reference?.fact.columns[column]?.told === true;
  if (as !== undefined && !(reference?.columns.every(told) ?? false)) return targets.map(({ name }) => name);
  return targets.filter((_target, at) => !told(reference?.columns[at])).map(({ name }) => name);
}

/** Whether a rule names a listed diagnosis: between its braces, in a value set that it uses, or in its text. */
function namesListed(
  statements: readonly Statement[],
  references: ReadonlyMap<string, FactReference>,
  valueSets: Registry['valueSets'],
  listed: ReadonlySet<string>,
): boolean {
  const isListed = (code: string): boolean =>
    /^[A-Z][0-9]/.test(code) && [...listed].some((one) => one.startsWith(code.slice(0, 3)));
  const inBraces = [...references.values()].some(({ fact, where }) =>
    where.some((condition) => {
      if (fact.columns[condition.column]?.system !== 'icd10') return false;
      if (condition.kind === 'value set')
        return valueSets.get(condition.name)?.codes.some(({ code }) => isListed(code)) ?? true;
      return textsIn(condition).some(isListed);
    }),
  );
  const readsDiagnoses = [...references.values()].some(({ fact, columns }) =>
    columns.some((column) => fact.columns[column]?.system === 'icd10'),
  );
  return inBraces || (readsDiagnoses && textsIn(statements).some(isListed));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
