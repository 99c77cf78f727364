import type { Mlm } from '../syntax.js';
import type { Evaluate } from './frame.js';
import { nothing, text } from './values.js';

/**
 * `LOCALIZED 'key' [BY language]`: the text in the language asked for, else in that of the host, else in the default; NULL
 * where that language lacks the key.
 */
export function localized(
  { languages, defaultLanguage }: Mlm,
  key: string,
  language: Evaluate | undefined,
): Evaluate {
  const textsOf = (name: string | undefined) =>
    languages.find((one) => one.language.toLowerCase() === name?.toLowerCase())?.texts;
  return (frame) => {
    const asked = language?.(frame);
    const texts =
      (asked?.type === 'string' || asked?.type === 'term' ? textsOf(asked.value) : undefined) ??
      textsOf(frame.host.language) ??
      textsOf(defaultLanguage) ??
      languages[0]?.texts;
    const found = texts && Object.hasOwn(texts, key) ? texts[key] : undefined;
    return found === undefined ? nothing : text(found);
  };
}
