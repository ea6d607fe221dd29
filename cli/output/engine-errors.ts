import { type Problem, ProblemsError } from '../../core/problem.ts';
import { remedyFor } from '../../core/remedies.ts';
import type { EngineResult } from '../../stacks/engine-events.ts';

/** Throws what the engine or a provider said was wrong, each once, and what else there is to be done. */
export function assertNoErrors({ errors }: EngineResult, others: Problem[] = []): void {
  const problems = [...errors.map((what) => ({ where: 'haven', what, remedy: remedyFor(what) })), ...others];
  if (problems.length > 0) throw new ProblemsError(problems);
}
