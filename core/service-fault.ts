import type { Problem } from './problem.ts';

/**
 * Something is wrong with a service's own code or compose file. For its author, who may be the owner: it names the file, and
 * the line where one is known.
 */
export class ServiceFault extends Error {
  /** The id of the service, the name of its folder. */
  readonly service: string;
  readonly problem: Problem;

  constructor(service: string, problem: Problem, cause?: unknown) {
    super(`${problem.where}: ${problem.what}`, { cause });
    this.service = service;
    this.problem = problem;
  }

  /** By what its code threw, when it was loaded or called. */
  static of(service: string, thrown: unknown): ServiceFault {
    const where = placeOf(service, thrown);
    return new ServiceFault(service, { where, what: describe(thrown), remedy: fixIt }, thrown);
  }
}

const fixIt = 'Fix that file, then run the command again.';

/** `services/wiki/service.ts:3:7`: of the lines in a stack, the first that is the service's own. */
function placeOf(service: string, thrown: unknown): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const line = new RegExp(`/(services/${service}/[^\\s:()]+(?::\\d+){1,2})`).exec(stack)?.[1];
  return line ?? `services/${service}/service.ts`;
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ended(`throws ${JSON.stringify(thrown)}`);
  const { message, name } = thrown;
  const missing = /^Cannot find (?:module|package) '(?:[^']*\/)?([^'/]+)'/.exec(message)?.[1];
  if (missing !== undefined) return `imports ${missing}, which does not exist.`;
  if (name === 'SyntaxError') return ended(`is not valid TypeScript: ${message}`);
  return ended(`stops with an error: ${message}`);
}

/** One line, as a sentence. */
function ended(text: string): string {
  const line = text.split('\n')[0]!.trim();
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
