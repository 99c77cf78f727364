import type { Category } from './syntax.js';

/** A slot that the standard knows, and the versions, as `rank` orders them, that have it and that require it. */
export interface SlotRule {
  readonly category: Category;
  readonly name: string;
  /** Its body is code: braces, strings and comments in it may hold `;;`. */
  readonly code?: boolean;
  readonly since?: number;
  readonly until?: number;
  /** From this version on it must be there; undefined: it is optional. */
  readonly required?: number;
  readonly repeatable?: boolean;
}

/** All slots in the order in which they must stand. */
export const slotRules: readonly SlotRule[] = [
  { category: 'maintenance', name: 'title', required: 100 },
  { category: 'maintenance', name: 'filename', until: 199, required: 100 },
  { category: 'maintenance', name: 'mlmname', since: 200, required: 200 },
  { category: 'maintenance', name: 'arden', since: 200, required: 200 },
  { category: 'maintenance', name: 'version', required: 100 },
  { category: 'maintenance', name: 'institution', required: 100 },
  { category: 'maintenance', name: 'author', required: 100 },
  { category: 'maintenance', name: 'specialist', required: 100 },
  { category: 'maintenance', name: 'date', required: 100 },
  { category: 'maintenance', name: 'validation', required: 100 },
  { category: 'library', name: 'purpose', required: 100 },
  { category: 'library', name: 'explanation', required: 100 },
  { category: 'library', name: 'keywords', required: 100 },
  { category: 'library', name: 'citations' },
  { category: 'library', name: 'links' },
  { category: 'knowledge', name: 'type', required: 100 },
  { category: 'knowledge', name: 'data', code: true, required: 100 },
  { category: 'knowledge', name: 'priority' },
  { category: 'knowledge', name: 'evoke', code: true, required: 100 },
  { category: 'knowledge', name: 'logic', code: true, required: 100 },
  { category: 'knowledge', name: 'action', code: true, required: 100 },
  { category: 'knowledge', name: 'urgency' },
  { category: 'resources', name: 'default', since: 206, required: 209 },
  { category: 'resources', name: 'language', code: true, since: 206, required: 209, repeatable: true },
];

export const categories: ReadonlySet<string> = new Set<Category>([
  'maintenance',
  'library',
  'knowledge',
  'resources',
]);

const rulesByName: ReadonlyMap<string, SlotRule> = new Map(slotRules.map((rule) => [rule.name, rule]));

/** The rule of a slot by its name in lower case. */
export const slotRule = (name: string): SlotRule | undefined => rulesByName.get(name);

/** Whether `name:` begins a slot or a category, or ends an MLM. */
export const isHeading = (name: string): boolean =>
  rulesByName.has(name) || categories.has(name) || name === 'end';

const headingNames = [...rulesByName.keys(), ...categories, 'end'].join('|');

/** The end of a slot with the heading of the next. */
export const slotBorder = new RegExp(`;;\\s*(?:${headingNames})\\s*:`, 'i');

/** A heading at the beginning of a line. */
export const headingLine = new RegExp(`^[ \\t]*(?:${headingNames})[ \\t]*:`, 'im');
