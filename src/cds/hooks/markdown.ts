/**
 * A text as GitHub-flavoured Markdown that shows just that text: no emphasis, link, image, table, quote, code, HTML or
 * address that turns into a link. Line breaks become blanks, so that nothing in it begins a line.
 */
export const asMarkdown = (text: string): string =>
  text
    .replace(/\p{Cc}+|[\u2028\u2029]+/gu, ' ')
    .replace(/[\\`*_{}[\]<>|~&#@!]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`)
    .replace(/\b(mailto|xmpp):/gi, '$1\\:')
    .trim()
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2');
