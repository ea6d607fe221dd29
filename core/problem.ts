/** Something wrong with what an owner wrote or typed: where, what, and how to fix it. */
export interface Problem {
  /** `haven.yaml:14:5`, or the name of a flag. */
  where: string;
  what: string;
  /** What to do now, with the command to run. */
  remedy: string;
}

/**
 * Who has to act: `usage` is about what was typed, `declined` about a yes that was not given, `unreachable` about a server
 * or a provider that does not answer; everything else is `failed`.
 */
export type FailureKind = 'failed' | 'usage' | 'declined' | 'unreachable';

/** All problems at once; nothing was changed. Shown without a stack trace, because they are not our bug. */
export class ProblemsError extends Error {
  readonly problems: Problem[];
  readonly kind: FailureKind;
  constructor(problems: Problem[], kind: FailureKind = 'failed') {
    super(problems.map(renderProblem).join('\n'));
    this.name = 'ProblemsError';
    this.problems = problems;
    this.kind = kind;
  }
}

export const renderProblem = ({ where, what, remedy }: Problem): string =>
  `${where}: ${what} ${remedy}`.trim();

/**
 * The known name that a mistyped one most likely means: at most a third of its characters off, and not more off than are
 * right. Of two that are as near, the one with the same first character.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const typed = name.toLowerCase();
  const ranked = known
    .map((each) => ({ each, distance: distance(typed, each.toLowerCase()) }))
    .sort(
      (a, b) => a.distance - b.distance || Number(b.each[0] === typed[0]) - Number(a.each[0] === typed[0]),
    );
  const best = ranked[0];
  if (!best || best.distance >= Math.max(typed.length, 2)) return undefined;
  return best.distance <= Math.max(2, Math.floor(best.each.length / 3)) ? best.each : undefined;
}

/** The known name that was most likely meant, or all of them. */
export function suggest(typed: string, known: readonly string[]): string {
  const near = nearest(typed, known);
  return near ? `Did you mean "${near}"?` : `There are: ${known.join(', ') || 'none'}.`;
}

/**
 * How many characters are wrong, missing or too many; two neighbours that are swapped count once (optimal string alignment,
 * as Damerau and Levenshtein count).
 */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1]!;
      row[j] = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
