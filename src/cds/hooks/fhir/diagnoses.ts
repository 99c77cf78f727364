import { normalCode } from '../../facts/codes.js';
import { amount, codeOf, isIcd10, type Json, part, parts, text } from './resource.js';
import type { Prefetched } from './twin.js';

const refuted: readonly string[] = ['entered-in-error', 'refuted'];

interface Listed {
  readonly reference: string;
  readonly rank: number;
}

/** Conditions that an encounter lists, in its order. */
const listedBy = (encounter: Json): readonly Listed[] =>
  parts(encounter, 'diagnosis')
    .flatMap((one): Listed[] => {
      const reference = localReference(text(part(one, 'condition'), 'reference'));
      return reference === null ? [] : [{ reference, rank: amount(one, 'rank') ?? 1_000 }];
    })
    .sort((a, b) => a.rank - b.rank);

/** `Type/id` of a reference, which may be an address or name a version. */
export function localReference(reference: string | null): string | null {
  const [, found] =
    /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference ?? '') ?? [];
  return found ?? reference;
}

/** An encounter lists a condition that was not sent with it: what its diagnoses are is then not known. */
export const refersToUnknown = (encounter: Json, { byReference }: Prefetched): boolean =>
  listedBy(encounter).some(({ reference }) => !byReference.has(reference));

/**
 * ICD-10 codes of an encounter in the form of gold: those of the conditions that it lists, by rank, then of those that name
 * it. A code that occurs twice is taken once; one that is refuted is none.
 */
export function diagnosesOf(encounter: Json, { byReference, conditionsOf }: Prefetched): readonly string[] {
  const listed = listedBy(encounter).flatMap(({ reference }): Json[] => {
    const condition = byReference.get(reference);
    return condition ? [condition] : [];
  });
  const naming = conditionsOf.get(text(encounter, 'id') ?? '') ?? [];
  const codes = [...listed, ...naming].flatMap((condition) => {
    const { coding } = part(condition, 'verificationStatus');
    const status = Array.isArray(coding) ? text(coding[0], 'code') : null;
    if (condition['resourceType'] !== 'Condition' || refuted.includes(status ?? '')) return [];
    const code = codeOf(part(condition, 'code'), isIcd10);
    return (code === null ? null : normalCode('icd10', code)) ?? [];
  });
  return [...new Set(codes)];
}

/** Conditions by the id of the encounter that they name. */
export function conditionsByEncounter(resources: readonly Json[]): ReadonlyMap<string, readonly Json[]> {
  const found = new Map<string, Json[]>();
  for (const one of resources) {
    const reference = localReference(text(part(one, 'encounter'), 'reference'));
    if (one['resourceType'] !== 'Condition' || !reference?.startsWith('Encounter/')) continue;
    const id = reference.slice('Encounter/'.length);
    const known = found.get(id);
    if (known) known.push(one);
    else found.set(id, [one]);
  }
  return found;
}
