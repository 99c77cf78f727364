import { parseDocument } from 'yaml';
import { hasForm } from './form.js';
import type { Gem } from './gem.js';
import { gemForm } from './gem-form.js';

/** Reads a provenance file, or says what is wrong with it, a line each. Never throws. */
export function readGem(text: string): Gem | { readonly problems: readonly string[] } {
  const document = parseDocument(text, { stringKeys: true });
  const unreadable = document.errors.map(({ message }) => message.split('\n')[0] ?? 'not readable as YAML');
  if (unreadable.length > 0) return { problems: unreadable };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    return { problems: ['aliases have no place in a provenance file'] };
  }
  return hasForm(gemForm, value) ? value : { problems: gemForm.problems(value, '') };
}

export const isGem = (read: ReturnType<typeof readGem>): read is Gem => 'guideline' in read;
