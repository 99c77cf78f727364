/** What came of one fault. */
export interface Outcome {
  readonly group: string;
  readonly fault: string;
  readonly moment: string;
  /** How the disturbed process ended: an exit code, a signal, or words. */
  readonly exit: string;
  /** What a reader saw meanwhile. */
  readonly reader: string;
  readonly rerun: string;
  /** The gold after the rerun is that of an undisturbed run; `–` where the fault leaves none to compare. */
  readonly equal: 'yes' | 'no' | '–';
  /** What is wrong, in sentences; nothing if the outcome is the right one. */
  readonly wrong: readonly string[];
  /** Why the fault could not be tried here. */
  readonly skipped?: string;
}

/** One fault that can be tried. */
export interface Fault {
  readonly name: string;
  try(): Promise<Outcome>;
}

const head = ['fault', 'moment', 'exit', 'reader saw', 'rerun', 'gold equal', 'outcome'] as const;

export const verdict = ({ wrong, skipped }: Outcome): string =>
  skipped !== undefined ? 'skipped' : wrong.length > 0 ? 'WRONG' : 'right';

/** The table, with what is wrong below it and a count for each group. */
export function printOutcomes(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.fault,
    outcome.moment,
    outcome.exit,
    outcome.reader,
    outcome.rerun,
    outcome.equal,
    verdict(outcome),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = outcomes.flatMap(({ fault, moment, wrong, skipped }) => [
    ...wrong.map((what) => `WRONG ${fault}, ${moment}: ${what}`),
    ...(skipped === undefined ? [] : [`skipped ${fault}: ${skipped}`]),
  ]);
  return [line(head), ...rows.map(line), '', ...notes, ...counts(outcomes)].join('\n');
}

function counts(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.map(({ group }) => group))].map((group) => {
    const of = outcomes.filter((outcome) => outcome.group === group).map(verdict);
    const count = (word: string): number => of.filter((one) => one === word).length;
    return `${group}: ${count('right')} right, ${count('WRONG')} wrong, ${count('skipped')} skipped`;
  });
}
