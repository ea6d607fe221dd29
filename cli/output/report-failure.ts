import { exitCodeOf, type Failure, failureJson, renderFailure } from './failure.ts';
import { terminal } from './terminal.ts';
import { withPagePaths } from './with-page-paths.ts';

/** Says how a command failed, to a person or a program, and with which code it ends. */
export function reportFailure(failure: Failure, json: boolean): void {
  if (json) {
    terminal.write(`${JSON.stringify(failureJson(failure), null, 2)}\n`);
    if (failure.stack) terminal.tell(`${failure.stack}\n`);
  } else terminal.tell(withPagePaths(renderFailure(failure)));
  process.exitCode = exitCodeOf(failure);
}
