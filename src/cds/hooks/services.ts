import type { Host } from '../arden/host.js';
import { type Outcome, prepare } from '../arden/run/run.js';
import type { FactReference } from '../facts/fact.js';
import type { Registry } from '../facts/registry.js';
import { columnsOf, type Reads } from '../patient/reads.js';
import { validationOn } from '../provenance/check-gem.js';
import type { Hook } from '../provenance/gem.js';
import type { Rule, Rules } from '../rules/read-rules.js';
import { readReferences } from '../rules/references.js';
import { derivedColumns, fetchedWith, neededBeside, twins } from './fhir/twins.js';

/** A rule, and what it reads. */
export interface HookRule extends Rule, Reads {
  readonly run: (host: Host) => Outcome;
}

/** A service as a client knows it (CDS Hooks 2.0, "Discovery"). */
export interface ServiceDescription {
  readonly hook: Hook;
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly prefetch: Readonly<Record<string, string>>;
  readonly usageRequirements: string;
}

export interface Service extends ServiceDescription {
  /** The rules that it runs, on the day for which it was made. */
  readonly rules: readonly HookRule[];
}

/** The hooks that have a service, and what is said of it. */
const served = {
  'patient-view': {
    title: 'Decision support for the patient in view',
    description: 'Cards of all rules for the patient whose record is opened.',
  },
  'encounter-start': {
    title: 'Decision support at the start of an encounter',
    description: 'Cards of the rules that matter when an encounter begins.',
  },
  'encounter-discharge': {
    title: 'Decision support at discharge',
    description: 'Cards of the rules that matter when somebody is discharged.',
  },
  'order-sign': {
    title: 'Decision support before orders are signed',
    description:
      'Cards of the rules about prescriptions. Draft orders of drugs count as prescriptions; those of other things for nothing.',
  },
} as const satisfies Partial<Record<Hook, { title: string; description: string }>>;
export type ServedHook = keyof typeof served;

const usageRequirements =
  'Send the pseudonym of the patient that this service has given to you as patientId, or the prefetch. Decision support for review; not a medical device, not clinically validated.';

/**
 * The services on a day: one a hook, with all rules that name it, are in production and not past their review, and read
 * nothing that clinicians may not see. A hook without a rule has none.
 */
export function servicesOn(
  day: string,
  { rules, registry }: Rules,
  mayRead: (column: string) => boolean,
): readonly Service[] {
  const shown = rules
    .filter(
      ({ mlm, gem }) =>
        validationOn(mlm, gem, day) === 'production' && gem.delivery.audience.includes('clinician'),
    )
    .map(
      (rule): HookRule => ({
        ...rule,
        references: readReferences(rule.mlm, registry),
        run: prepare(rule.mlm),
      }),
    )
    .filter(({ references }) => [...references.values()].every((one) => restrictedIn(one).every(mayRead)));
  return (Object.keys(served) as ServedHook[]).flatMap((hook) => {
    const ofHook = shown.filter(({ gem }) => gem.delivery.hooks.includes(hook));
    if (ofHook.length === 0) return [];
    const { title, description } = served[hook];
    const prefetch = prefetchOf(ofHook, registry);
    return [
      { hook, id: `maplewood-${hook}`, title, description, prefetch, usageRequirements, rules: ofHook },
    ];
  });
}

/** What a client is told of a service. */
export const describe = ({ rules: _rules, ...description }: Service): ServiceDescription => description;

/** Columns of datasets, `dataset.field`, whose readers alone may see what a reference reads. */
const restrictedIn = (reference: FactReference): readonly string[] =>
  [...columnsOf(reference)].flatMap((name) => reference.fact.columns[name]?.seenAs ?? []);

/** Whether a twin could tell all that a rule reads, and which facts it would need for that. */
function neededFor({ references }: HookRule): readonly string[] | undefined {
  const needed = new Set<string>();
  for (const reference of references.values()) {
    const { name } = reference.fact;
    const twin = twins.get(name);
    if (!twin) return undefined;
    needed.add(fetchedWith[name] ?? name);
    for (const column of columnsOf(reference)) {
      if (!twin.columns.includes(column) && !derivedColumns[name]?.includes(column)) return undefined;
      const beside = neededBeside[column];
      if (beside !== undefined) needed.add(beside);
    }
  }
  return [...needed];
}

/** Searches by key, as the registry has them, of what the rules need that can be run on a prefetch. */
function prefetchOf(rules: readonly HookRule[], { facts }: Registry): Readonly<Record<string, string>> {
  const names = new Set(rules.flatMap((rule) => neededFor(rule) ?? []));
  return Object.fromEntries(
    [...names].sort().flatMap((name) => {
      const search = facts.get(name)?.fhir;
      return search === undefined ? [] : [[name, search]];
    }),
  );
}
