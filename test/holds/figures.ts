/** One promise, and what was measured of it. */
export interface Finding {
  readonly scene: string;
  readonly promise: string;
  readonly figure: string;
  readonly kept: boolean;
}

const broken = ({ kept }: Finding): boolean => !kept;
export const brokenOnes = (findings: readonly Finding[]): Finding[] => findings.filter(broken);

/** A line a finding. */
export function printFindings(findings: readonly Finding[]): string {
  const cells = findings.map(({ scene, promise, figure, kept }) => [
    kept ? 'ok' : 'BROKEN',
    scene,
    promise,
    figure,
  ]);
  const widths = [0, 1, 2].map((at) => Math.max(0, ...cells.map((row) => row[at]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The value that a share, 0 to 1, of the values does not exceed; nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export interface Trend {
  /** Of y for each unit of x. */
  readonly slope: number;
  /** Half the width of its confidence interval of 95 %. */
  readonly margin: number;
}

/**
 * Least squares. What is measured a moment later is much the same, so the residuals' correlation with their neighbours (lag
 * one) widens the interval by the usual correction of the number of observations, n (1 − r) / (1 + r).
 */
export function trend(points: readonly { readonly x: number; readonly y: number }[]): Trend {
  const n = points.length;
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residuals = points.map(({ x, y }) => y - meanY - slope * (x - meanX));
  const squares = residuals.reduce((sum, one) => sum + one ** 2, 0);
  const neighbours = residuals.slice(1).reduce((sum, one, at) => sum + one * (residuals[at] ?? 0), 0);
  const correlation = squares === 0 ? 0 : Math.min(0.99, Math.max(0, neighbours / squares));
  const independent = Math.max(3, (n * (1 - correlation)) / (1 + correlation));
  const error = Math.sqrt((squares / (n - 2) / spread) * (n / independent));
  return { slope, margin: 1.96 * error };
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const mb = (value: number): string => `${value.toFixed(0)} MB`;
