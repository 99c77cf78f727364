import {
  BreakingChangeType,
  buildSchema,
  DangerousChangeType,
  findBreakingChanges,
  findDangerousChanges,
} from 'graphql';

/** A change that can break an operation which worked before. */
export interface BreakingChange {
  readonly role: string;
  /** What changed, as the GraphQL specification writes it: `EdWaits.over12Hours`, `Query.edWaits(first:)`, `Grain.DAY`. */
  readonly coordinate: string;
  readonly description: string;
}

/** Schemas as text by role. */
export type RoleSchemas = ReadonlyMap<string, string>;

/**
 * What breaks between the schemas of a release and those of now, role by role: whatever graphql's comparison calls
 * breaking, an argument with another default (the same document would mean something else), and a role that is gone. A
 * new role breaks nothing.
 */
export function breakingChanges(before: RoleSchemas, after: RoleSchemas): BreakingChange[] {
  return [...before].flatMap(([role, text]): BreakingChange[] => {
    const now = after.get(role);
    if (now === undefined)
      return [{ role, coordinate: role, description: `The role ${role} has no schema any more.` }];
    const [old, made] = [buildSchema(text), buildSchema(now)];
    const changes = [
      ...findBreakingChanges(old, made),
      ...findDangerousChanges(old, made).filter(
        ({ type }) => type === DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
      ),
    ];
    return changes
      .filter(({ description }) => !description.startsWith('Standard scalar '))
      .map(({ type, description }) => ({ role, coordinate: coordinateOf(type, description), description }));
  });
}

/** graphql says what has changed in a sentence only; each kind of change has its own. */
function coordinateOf(type: BreakingChangeType | DangerousChangeType, description: string): string {
  const part = (pattern: RegExp, made: (names: string[]) => string): string => {
    const found = pattern.exec(description);
    return found ? made(found.slice(1)) : description;
  };
  switch (type) {
    case BreakingChangeType.VALUE_REMOVED_FROM_ENUM:
      return part(/^(\w+) was removed from enum type (\w+)/, ([value, name]) => `${name}.${value}`);
    case BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED:
      return part(/field (\w+) on input type (\w+)/, ([field, name]) => `${name}.${field}`);
    case BreakingChangeType.REQUIRED_ARG_ADDED:
      return part(/arg (\w+) on ([\w.]+) /, ([argument, field]) => `${field}(${argument}:)`);
    case BreakingChangeType.ARG_REMOVED:
    case BreakingChangeType.ARG_CHANGED_KIND:
    case DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE:
      return part(/^([\w.]+) arg (\w+) /, ([field, argument]) => `${field}(${argument}:)`);
    default:
      return part(/^([\w.]+)/, ([name]) => name ?? description);
  }
}

/** The entries under "Breaking" of what is not released yet, as one text; empty where there are none. */
export function breakingEntries(changelog: string): string {
  const unreleased = /^## \[Unreleased\]\s*$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog)?.[1] ?? '';
  return /^### Breaking\s*$([\s\S]*?)(?=^### |$(?![\s\S]))/m.exec(unreleased)?.[1] ?? '';
}

/** Changes that no entry names by their coordinate in backticks. */
export const unannounced = (changes: readonly BreakingChange[], changelog: string): BreakingChange[] => {
  const entries = breakingEntries(changelog);
  return changes.filter(({ coordinate }) => !entries.includes(`\`${coordinate}\``));
};
