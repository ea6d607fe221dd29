import { Command } from '@oclif/core';
import { ProblemsError, renderProblem } from '../core/problem.ts';

/** What all commands share: how they say that something is wrong. */
export abstract class HavenCommand extends Command {
  static override enableJsonFlag = true;

  protected override async catch(error: Error & { exitCode?: number }): Promise<unknown> {
    if (error instanceof ProblemsError) {
      if (this.jsonEnabled()) this.logJson({ problems: error.problems });
      else process.stderr.write(`${error.problems.map((each) => `  ${renderProblem(each)}`).join('\n')}\n`);
      process.exitCode = 1;
      return undefined;
    }
    if (/currently locked by/.test(error.message)) {
      const by = /created by (.*)$/m.exec(error.message)?.[1] ?? 'somebody';
      process.stderr.write(
        `  haven: another command is changing this cloud (${by}). Wait for its end, then type the same again.\n`,
      );
      process.exitCode = 1;
      return undefined;
    }
    if (error.name === 'ExitPromptError') {
      process.stderr.write('\nNothing was changed.\n');
      process.exitCode = 1;
      return undefined;
    }
    return super.catch(error);
  }
}
