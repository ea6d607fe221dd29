import { log } from '@pulumi/pulumi';

/**
 * Does the work of a run without what Pulumi's SDK keeps for debugging itself: with each resource it sends some messages
 * to the engine, which sends them back as events, and formats a stack for each promise. Nobody reads either.
 */
export async function withoutDebugging<T>(work: () => Promise<T>): Promise<T> {
  const { debug } = log;
  const { stackTraceLimit } = Error;
  const set = (use: typeof debug, limit: number): void => {
    Object.assign(log, { debug: use });
    Error.stackTraceLimit = limit;
  };
  // The place of an error of our own is still said.
  set(async () => undefined, 1);
  try {
    return await work();
  } finally {
    set(debug, stackTraceLimit);
  }
}
