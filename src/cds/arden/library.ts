import type { Diagnostics } from './diagnostics.js';
import type { CutSlot } from './split.js';
import type { Citation, Link } from './syntax.js';

/** What the slots of the library hold, beyond prose. */

export const readKeywords = (slot: CutSlot | undefined): readonly string[] =>
  (slot?.text ?? '')
    .split(';')
    .map((keyword) => keyword.trim())
    .filter((keyword) => keyword !== '');

const numbered = /^(\d{1,4})\s*\.\s*(?:(support|refute)\b\s*)?(.*)$/i;

/** `1. SUPPORT …`, each on lines of its own or after a semicolon. */
export function readCitations(slot: CutSlot | undefined, diagnostics: Diagnostics): readonly Citation[] {
  const citations: { number: number; kind?: 'support' | 'refute'; text: string }[] = [];
  for (const line of (slot?.text ?? '').split(/[\r\n;]/)) {
    const text = line.trim();
    const match = numbered.exec(text);
    const last = citations.at(-1);
    if (match !== null) citations.push(citation(match));
    else if (text !== '' && last !== undefined) last.text = `${last.text} ${text}`.trim();
    else if (text !== '') {
      diagnostics.departure(
        'SLOT',
        slot?.span.start ?? 0,
        'The citations are not numbered',
        'Write 1. SUPPORT …',
      );
      citations.push({ number: 1, text });
    }
  }
  return citations;
}

function citation([, number = '', kind, text = '']: RegExpExecArray): Citation {
  if (kind === undefined) return { number: Number(number), text };
  return { number: Number(number), kind: /^s/i.test(kind) ? 'support' : 'refute', text };
}

const quoted = `(?:"([^"]*)"|'([^']*)')`;
const linkForm = new RegExp(`^(\\w+)\\s*${quoted}\\s*(?:,\\s*${quoted}\\s*)?$`);
const linkKinds: ReadonlySet<string> = new Set(['url_link', 'mesh_link', 'other_link', 'exe_link']);

/** `URL_LINK "name", 'address';`, before version 2.6 with the quotes the other way. */
export function readLinks(
  slot: CutSlot | undefined,
  version: number,
  diagnostics: Diagnostics,
): readonly Link[] {
  if (slot === undefined || slot.text === '') return [];
  return pieces(slot.text).map(({ text, start }) => {
    const match = linkForm.exec(text);
    const kind = match?.[1]?.toLowerCase();
    if (version < 200 || match === null || kind === undefined || !linkKinds.has(kind)) {
      if (version >= 200) misplaced(diagnostics, slot.span.start + start);
      return { kind: '', address: text };
    }
    const [first, second] = [match[2] ?? match[3] ?? '', match[4] ?? match[5]];
    const doubleFirst = match[2] !== undefined;
    const doubleWanted = second === undefined ? version < 206 : version >= 206;
    if (doubleFirst !== doubleWanted || (second !== undefined && doubleFirst === (match[4] !== undefined)))
      misplaced(diagnostics, slot.span.start + start);
    return second === undefined ? { kind, address: first } : { kind, name: first, address: second };
  });
}

const misplaced = (diagnostics: Diagnostics, offset: number): void =>
  diagnostics.departure(
    'SLOT',
    offset,
    'The link is not written as the version does',
    `Write URL_LINK "name", 'address'; before version 2.6 'name', "address"`,
  );

/** What stands between semicolons, those between quotes left alone. */
function pieces(text: string): readonly { text: string; start: number }[] {
  const found: { text: string; start: number }[] = [];
  let start = 0;
  let quote = '';
  for (let place = 0; place <= text.length; place += 1) {
    const character = text.charAt(place);
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    if (place < text.length && (quote !== '' || character !== ';')) continue;
    const piece = text.slice(start, place);
    if (piece.trim() !== '')
      found.push({ text: piece.trim(), start: start + piece.length - piece.trimStart().length });
    start = place + 1;
  }
  return found;
}
