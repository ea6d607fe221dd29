import { engineProblems } from '../../core/engine-error.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import { soldOut } from '../../core/remedies.ts';
import type { EngineResult } from '../../stacks/engine-events.ts';
import { companies } from './companies.ts';

/**
 * Throws what the engine or a provider said was wrong, each cause once, and what else there is to be done. `available` says
 * what is available in the place of what is sold out.
 */
export function assertNoErrors(
  { errors }: Pick<EngineResult, 'errors'>,
  others: Problem[] = [],
  available = '',
): void {
  const found = engineProblems(errors, companies).map((each) =>
    each.remedy === soldOut ? { ...each, remedy: `${available} ${soldOut}`.trim() } : each,
  );
  const problems = [...found, ...others];
  if (problems.length > 0) throw new ProblemsError(problems);
}
