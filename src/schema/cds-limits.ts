/** Nodes of a trace, blockers, values below one of them, and variables that are shown of one run of a rule. */
export const shownOfRun = { nodes: 400, blockers: 20, operands: 4, variables: 100 } as const;
/** Rules that are run at once. */
export const mostEvaluations = 40;
/** Results that are explained at once. */
export const mostExplained = 25;
/** Rows of a result that are shown at once, and results whose rows are. */
export const mostEvidence = 100;
export const mostWithEvidence = 100;
