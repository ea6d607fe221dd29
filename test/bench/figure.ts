/** One line of the bench: something of ours beside something simpler in the same run, so that it means something on any machine. */
export interface Figure {
  what: string;
  ours: string;
  beside: string;
  /** How many times as much ours takes; undefined where only the figure counts. */
  ratio?: number;
  /** What was promised. */
  limit?: { ratio: number } | { text: string; holds: boolean };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;

export function printFigures(figures: Figure[]): void {
  const rows = figures.map(({ what, ours, beside, ratio, limit }) => {
    const kept = limit && ('ratio' in limit ? ratio !== undefined && ratio <= limit.ratio : limit.holds);
    const promised = limit
      ? `${kept ? '✔' : '✖'} ${'ratio' in limit ? `at most ${limit.ratio}` : limit.text}`
      : '';
    return [what, ours, beside, ratio === undefined ? '' : ratio.toFixed(2), promised];
  });
  const all = [['what', 'ours', 'beside', 'ratio', 'promised'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  for (const row of all)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}
