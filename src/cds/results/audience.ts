import type { Role } from '../../access/role.js';
import { columnVisible, datasets } from '../../schema/datasets.js';
import { qualityRules } from '../../schema/sources/rule-results.js';
import type { Statement } from '../arden/syntax.js';
import type { FactReference } from '../facts/fact.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import { wantedColumns } from '../facts/reference/wanted.js';
import type { Registry } from '../facts/registry.js';
import type { Rule } from '../rules/read-rules.js';

/** Who may see the results of a rule. */
export interface Audience {
  readonly roles: readonly Role[];
  /** Clinicians see those of patients in their care alone. */
  readonly needsCare: boolean;
}

/** Columns of which a clinician sees nothing but a result, and only of a patient in care. */
const throughResults: ReadonlySet<string> = new Set([
  'referrals.riskAssessment',
  'referrals.initialHonos',
  'referrals.latestHonos',
  'edAttendances.safeguardingConcern',
  'contacts.safeguardingConcern',
]);

/**
 * Results tell of what the rule has read: those of a rule that reads a column exist for the roles alone that have it. What is
 * not in production runs in the shadow, and rules about the quality of data are for their stewards.
 */
export function audienceOf({ name, mlm }: Pick<Rule, 'name' | 'mlm'>, registry: Registry): Audience {
  const read = new Set(referencesOf([...mlm.data, ...mlm.logic, ...mlm.action], registry).flatMap(columnsOf));
  const lacks = (role: Role): string[] => [...read].filter((column) => !isVisible(column, role));
  const isProduction = mlm.validation === 'production';
  const ofClinician = lacks('clinician');
  return {
    roles: [
      ...(isProduction && lacks('analyst').length === 0 ? (['analyst'] as const) : []),
      ...(isProduction && ofClinician.every((column) => throughResults.has(column))
        ? (['clinician'] as const)
        : []),
      ...(name.startsWith(qualityRules) ? (['data-steward'] as const) : []),
    ],
    needsCare: ofClinician.length > 0,
  };
}

function isVisible(name: string, role: Role): boolean {
  const [key, column = ''] = name.split('.');
  const dataset = datasets.find((one) => one.key === key);
  return dataset !== undefined && columnVisible(dataset, role, column);
}

/** Columns of datasets that a reference reads, in its conditions as well. */
const columnsOf = (reference: FactReference): string[] =>
  [...wantedColumns(reference)].flatMap((name) => reference.fact.columns[name]?.seenAs ?? []);

/** What the READs of a rule name, in branches and loops as well. */
export function referencesOf(statements: readonly Statement[], registry: Registry): FactReference[] {
  const found: FactReference[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    else if (typeof value === 'object' && value !== null) {
      const { kind, braces } = value as {
        readonly kind?: unknown;
        readonly braces?: { readonly text?: unknown };
      };
      if (kind === 'read' && typeof braces?.text === 'string') {
        const reference = parseReference(braces.text, registry);
        if (isReference(reference)) found.push(reference);
      }
      for (const one of Object.values(value)) visit(one);
    }
  };
  visit(statements);
  return found;
}
