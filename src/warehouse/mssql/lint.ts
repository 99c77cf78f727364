/**
 * What T-SQL text of the product must not hold, whatever made it: the second fence, for raw fragments that the
 * compiler passes on unread. Each pattern is matched against the text without comments, literals and names.
 */
const forbidden: Readonly<Record<string, RegExp>> = {
  limit: /\blimit\b/,
  offset: /\boffset\b/,
  'fetch next': /\bfetch\s+(next|first)\b/,
  'top modifier': /\btop\s*\([^)]*\)\s*(percent|with\s+ties)\b/,
  'top parameter': /\btop\s*\(?\s*@/,
  'nulls first or last': /\bnulls\s+(first|last)\b/,
  '::': /(?<!\b(?:schema|object))::/,
  '||': /\|\|/,
  '//': /\/\//,
  'filter (': /\bfilter\s*\(/,
  qualify: /\bqualify\b/,
  'using (': /\busing\s*\(/,
  ilike: /\bilike\b/,
  recursive: /\brecursive\b/,
  'literal boolean': /\b(true|false)\b/,
  'is distinct from': /\bis\s+(not\s+)?distinct\s+from\b/,
  'for json or xml': /\bfor\s+(json|xml)\b/,
  'openxml or openrowset': /\b(openxml|openrowset)\b/,
  pivot: /\b(un)?pivot\b/,
  'grouping sets': /\b(rollup|cube|grouping|grouping_id)\b/,
  merge: /\bmerge\b/,
  output: /\boutput\b/,
  'several rows of values': /\bvalues\s*\((?:[^()]|\([^()]*\))*\)\s*,\s*\(/,
  'values as a table': /(?:\bfrom|\bapply|\bjoin|,)\s*\(\s*values\b/,
  lateral: /\blateral\b/,
  translate: /\btranslate\b/,
  string_escape: /\bstring_escape\b/,
  choose: /\bchoose\b/,
  'parse(': /\b(try_)?parse\s*\(/,
  'format(': /\bformat\s*\(/,
  'like with a parameter': /\blike\s+(?:\w+\s*\()*\s*@/,
  'length in a measure': /\b(len|datalength)\s*\(/,
  checksum: /\b(binary_)?checksum\b/,
  'date functions of 2022': /\b(datetrunc|date_trunc|date_bucket)\b/,
  'greatest or least': /\b(greatest|least)\b/,
  generate_series: /\bgenerate_series\b/,
  percentile_: /\bpercentile_/,
  approx_: /\bapprox_/,
  'count without _big': /\bcount\s*\(/,
  'avg without a cast': /\bavg\s*\((?!\s*cast\s*\()/,
  session_context: /\bsession_context\b/,
  'temporary table': /(^|[^\w@])#\w/,
  'declare @': /\bdeclare\s+@/,
  sp_getapplock: /\bsp_getapplock\b/,
  identity: /(\bidentity\b|@@identity|\bscope_identity\b)/,
  getdate: /\bgetdate\b/,
  waitfor: /\bwaitfor\b/,
  use: /(^|;)\s*use\s/,
  set: /(^|;)\s*set\s/,
  'three-part name': /(?:\w+|\[\])\.(?:\w+|\[\])\.(?:\w+|\[\])/,
  'week by settings': /\b(datediff(_big)?|datepart|dateadd)\s*\(\s*(week|wk|ww|weekday|dw)\b/,
};

/** HASHBYTES makes the key of a rule result, over BINARY values only; nothing else may hash in SQL. */
const keyOfResult = /\bcast\s*\(\s*hashbytes\s*\(\s*''\s*,[^()]*\)\s+as\s+binary\s*\(\s*16\s*\)\s*\)/g;

/** The names of the rules that the text breaks; empty for text that keeps to the portable subset. */
export function lintTsql(text: string): string[] {
  const bare = stripped(text).toLowerCase();
  const broken = Object.keys(forbidden).filter((name) => forbidden[name]?.test(bare));
  if (/\bhashbytes\b/.test(bare.replace(keyOfResult, ''))) broken.push('hashbytes');
  if (convertsWithStyle(bare)) broken.push('convert with a style');
  return broken;
}

/** The text without comments, the insides of literals, and the insides of quoted names. */
export function stripped(text: string): string {
  return text.replace(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]/g,
    (found) => {
      if (found.startsWith("'")) return "''";
      return found.startsWith('-') || found.startsWith('/') ? ' ' : '[]';
    },
  );
}

/** Of the styles only 2 is allowed, which reads a BINARY(16) from hexadecimal text. */
function convertsWithStyle(bare: string): boolean {
  for (const call of bare.matchAll(/\b(?:try_)?convert\s*\(/g)) {
    const args = argumentsFrom(bare, call.index + call[0].length);
    const keyFromHex = args[0] === 'binary(16)' && args[2] === '2';
    if (args.length > 2 && !keyFromHex) return true;
  }
  return false;
}

/** The arguments of a call whose parenthesis opens before `start`, without blanks. */
function argumentsFrom(text: string, start: number): string[] {
  const found = [''];
  let depth = 0;
  for (const char of text.slice(start)) {
    if (char === ')' && depth === 0) break;
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (char === ',' && depth === 0) found.push('');
    else if (!/\s/.test(char)) found.push(`${found.pop() ?? ''}${char}`);
  }
  return found;
}
