import type { Token } from './token.js';

interface Open {
  readonly start: number;
  /** A statement stands on the line of THEN. */
  readonly inline: boolean;
}

/**
 * IFs without ENDIF, by the offset of the IF. One whose THEN ends its line opens a block and needs its ENDIF; one with a
 * statement on the line of THEN may have taken that statement alone. Where a slot has as many ENDIFs as IFs, each has its
 * own; where it has fewer, a block comes before a single statement. The time is linear in the number of tokens.
 */
export function singleIfs(tokens: readonly Token[]): ReadonlySet<number> {
  const words = tokens.map((token) => (token.kind === 'word' ? token.value : ''));
  const ifs = words.filter((word) => word === 'if').length;
  let endifs = words.filter((word) => word === 'endif').length;
  const single = new Set<number>();
  if (ifs <= endifs) return single;
  const inlineAt = inlines(tokens, words);
  let blocksToCome = 0;
  for (const [place, word] of words.entries())
    if (word === 'if' && inlineAt[place] !== true) blocksToCome += 1;
  const open: Open[] = [];
  let openBlocks = 0;
  for (const [place, word] of words.entries()) {
    const token = tokens[place];
    const last = open.at(-1);
    if (token === undefined) break;
    if (word === 'if') {
      const inline = inlineAt[place] === true;
      open.push({ start: token.start, inline });
      if (!inline) {
        openBlocks += 1;
        blocksToCome -= 1;
      }
    } else if (word === 'endif') {
      if (endifs <= openBlocks + blocksToCome && !(last?.inline === true && !token.newLine))
        while (open.at(-1)?.inline === true) single.add(open.pop()?.start ?? 0);
      endifs -= 1;
      if (open.pop()?.inline === false) openBlocks -= 1;
    }
  }
  for (const { inline, start } of open) if (inline) single.add(start);
  return single;
}

/** For each IF whether a statement stands on the line of its THEN. */
function inlines(tokens: readonly Token[], words: readonly string[]): readonly boolean[] {
  const inline: boolean[] = [];
  let following = false;
  for (let place = words.length - 1; place >= 0; place -= 1) {
    if (words[place] === 'then') following = tokens[place + 1]?.newLine === false;
    inline[place] = following;
  }
  return inline;
}
