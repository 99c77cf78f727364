import { rank } from './version.js';

/**
 * Reserved words by the version that introduces them. The names of slots and categories are among them, and the words that
 * the standard keeps for the future. `THE` is not: it is ignored before anybody asks.
 */
const introduced: readonly (readonly [since: number, words: string])[] = [
  [
    100,
    `abs action after ago alert all and any arccos arcsin arctan are argument as at author average avg be before boolean
     call citation citations conclude cos cosine count data date day days decrease delay destination do duration else
     elseif end endif eq equal event eventtime every evoke excluding exist exists exp expired explanation false filename
     first following for from ge greater gt hour hours if in increase institution int intersect interval is it keywords
     knowledge last le less let library links list log log10 logic lt maintenance max maximum median message min minimum
     minute minutes mlm mlm_self month months ne nearest no not now null number occur occurred occurs of or past pattern
     percent preceding present priority production purpose read refute research return same second seconds select sin
     sine slope specialist sqrt starting stddev string sum support surrounding tan tangent testing than then they time
     title to true type union unique until urgency validation variance version was week weeks were where with within
     write year years`,
  ],
  [
    200,
    `arden ceiling characters earliest enddo extract floor formatted index interface latest matches merge mlmname reverse
     round seqto sort triggertime truncate while`,
  ],
  [201, 'currenttime data_driven find left length lowercase right substring trim uppercase'],
  [205, 'attribute clone include names new object'],
  [206, `by default friday language localized monday resources saturday sunday thursday tuesday wednesday`],
  [
    208,
    `add aretrue breakloop case elements endswitch istrue least most remove replace sublist switch using`,
  ],
  [209, 'aggregate applicability crisp defuzzified fuzzified fuzzy linguistic reaches truth'],
];

/** The version from which on a word is reserved, as `rank` orders them, by the word in lower case. */
export const reservedSince: ReadonlyMap<string, number> = new Map(
  introduced.flatMap(([since, words]) => words.split(/\s+/).map((word) => [word, since] as const)),
);

/** Words of fuzzy logic, which is not supported: each is refused by name. */
export const fuzzyWords: ReadonlySet<string> = new Set(
  introduced.filter(([since]) => since === rank([2, 9])).flatMap(([, words]) => words.split(' ')),
);
