/** A generated file of the repository. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A page with its title, the note that it is generated, and its paragraphs and tables. */
export function page(path: string, title: string, source: string, parts: readonly string[]): Page {
  const note = `<!-- Generated from ${source} by scripts/generate-docs.ts. Do not edit: run \`npm run docs\`. -->`;
  return { path, text: `${[`# ${title}`, note, ...parts].join('\n\n')}\n` };
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');

/** A Markdown table; no table at all without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;
export const codes = (texts: readonly string[]): string => texts.map(code).join(', ');
