import type { Diagnostics } from './diagnostics.js';
import type { CutSlot } from './split.js';
import type { Language } from './syntax.js';
import type { Token } from './token.js';

/** `language: en 'key': "text"; …` */
export function readLanguage(slot: CutSlot, diagnostics: Diagnostics): Language {
  const tokens = slot.tokens ?? [];
  const first = tokens.findIndex(({ kind }) => kind === 'term' || kind === 'end');
  const language = slot.text.slice(0, Math.max((tokens[first]?.start ?? 0) - slot.span.start, 0)).trim();
  if (!/^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i.test(language))
    diagnostics.departure(
      'SLOT',
      slot.span.start,
      'The slot names no language',
      'Write en and then \'key\': "text";',
    );
  return { language: language.toLowerCase(), texts: Object.fromEntries(entries(tokens, first, diagnostics)) };
}

function* entries(
  tokens: readonly Token[],
  from: number,
  diagnostics: Diagnostics,
): Generator<readonly [string, string]> {
  for (let place = from; place < tokens.length; ) {
    const [key, colon, text, end] = tokens.slice(place, place + 4);
    if (key === undefined || key.kind === 'end') return;
    const complete = end === undefined || end.kind === 'end' || end.value === ';';
    if (key.kind === 'term' && colon?.value === ':' && text?.kind === 'string' && complete) {
      yield [key.value, text.value];
      place += end?.kind === 'end' ? 3 : 4;
      continue;
    }
    diagnostics.error('SLOT', key.start, 'Here should be a text', 'Write \'key\': "text";');
    while (place < tokens.length && tokens[place]?.value !== ';') place += 1;
    place += 1;
  }
}
