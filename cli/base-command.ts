import { Command } from '@oclif/core';
import { failureOf } from './output/failure.ts';
import { reportFailure } from './output/report-failure.ts';
import { asideOf, terminal } from './output/terminal.ts';
import { withPagePaths } from './output/with-page-paths.ts';

/** What all commands share: where they write, and how they say that something is wrong. */
export abstract class HavenCommand extends Command {
  static override enableJsonFlag = true;

  override log(message = ''): void {
    if (!this.jsonEnabled()) terminal.write(`${withPagePaths(message)}\n`);
  }

  protected override logJson(json: unknown): void {
    terminal.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** Is there a person at a terminal, who also sees the question? */
  protected get mayAsk(): boolean {
    return terminal.isInteractive() && !this.jsonEnabled();
  }

  /** Runs another command as a part of this one; where this one answers in JSON, the other's text goes beside it. */
  protected async runHaven(id: string, argv: string[]): Promise<void> {
    const run = () => this.config.runCommand(id, argv);
    await (this.jsonEnabled() ? asideOf(run) : run());
  }

  protected override async catch(error: Error): Promise<unknown> {
    const flags = Object.keys({ ...this.ctor.flags, ...(this.ctor.enableJsonFlag ? { json: true } : {}) });
    const failure = failureOf(error, { name: `haven ${this.id!.replaceAll(':', ' ')}`, flags });
    reportFailure(failure, this.jsonEnabled());
    return undefined;
  }
}
