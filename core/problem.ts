/** Something wrong with what an owner wrote or typed: where, what, and how to fix it. */
export interface Problem {
  /** `haven.yaml:14:5`, or the name of a flag. */
  where: string;
  what: string;
  /** What to do now, with the command to run. */
  remedy: string;
}

/** All problems at once; nothing was changed. Shown without a stack trace, because they are not our bug. */
export class ProblemsError extends Error {
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems.map(renderProblem).join('\n'));
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

export const renderProblem = ({ where, what, remedy }: Problem): string =>
  `${where}: ${what} ${remedy}`.trim();

/** The known name nearest to a mistyped one (Levenshtein, at most a third of its letters off). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((each) => ({ each, distance: distance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.each.length / 3)) ? best.each : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
