import { Flags } from '@oclif/core';
import ora from 'ora';
import { ProblemsError } from '../../core/problem.ts';
import { HavenCommand } from '../base-command.ts';
import { trySending } from '../health/look-at-services.ts';
import { watch } from '../health/watch.ts';
import {
  type ConflictAnswers,
  clearStaleLock,
  keepZones,
  refuseErrors,
  refuseOpenConflicts,
  settleConflicts,
  shareState,
  showPlan,
} from '../operate.ts';
import { interruptible } from '../output/interrupt.ts';
import { renderPlan } from '../output/print-plan.ts';
import { Progress } from '../output/progress.ts';
import { Project } from '../project/project.ts';
import { provideImages } from '../project/provide-images.ts';
import { findAgent } from '../project/server-link.ts';
import { openSession, type Session } from '../project/session.ts';
import { copyState } from '../project/state-copy.ts';

export default class Up extends HavenCommand {
  static override summary = 'Make everything as haven.yaml says. Shows the plan first, and asks.';
  static override description =
    'A service that does not come up healthy is taken back by itself, with its data. Ctrl-C ends cleanly; the next "up" goes on where this one stopped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For machines.' }),
    'no-backups': Flags.boolean({ summary: 'Say that you know that there are no backups yet.' }),
    adopt: Flags.string({
      multiple: true,
      summary: 'Take over a DNS record that is there already, by name and type: "www.example.org A".',
    }),
    replace: Flags.string({
      multiple: true,
      summary: 'Replace a DNS record that is there already, by name and type.',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Up);
    const project = await Project.open();
    const answers: ConflictAnswers = { adopt: flags.adopt ?? [], replace: flags.replace ?? [] };

    clearStaleLock(project);
    const session = await openSession(project);
    try {
      await shareState(project, session, (text) => this.log(text));
      const recovered = await session.engine.recover();
      for (const urn of recovered.adopted)
        this.log(`  Found again after an interruption: ${urn.split('::').at(-1)}`);
      const shown = await showPlan(project, session);
      this.log(renderPlan(shown));
      if (shown.lines.length === 0 && shown.conflicts.length === 0) return { changed: 0 };
      refuseOpenConflicts(shown.conflicts, answers);
      await this.#ask(project, flags);
      await this.#provideImages(project);

      const { plan, environment } = session;
      await keepZones(project, plan, environment);
      await session.register();
      const adopted = await settleConflicts(plan, shown.conflicts, answers, environment);
      await session.engine.adoptRecords(adopted);
      return await this.#carryOut(project, session);
    } finally {
      await session.close();
    }
  }

  /** What a sandbox makes on the way: shown in a line that is overwritten, or in one line each. */
  async #provideImages(project: Project): Promise<void> {
    const spinner = ora({ stream: process.stderr });
    try {
      await provideImages(project, (progress) => {
        if (spinner.isSpinning) spinner.text = progress;
        else spinner.start(progress);
      });
    } finally {
      spinner.stop();
    }
  }

  async #carryOut(project: Project, session: Session): Promise<unknown> {
    const progress = new Progress(session.plan, session.run);
    try {
      const result = await interruptible((signal) => session.engine.up(progress.onEvent, signal));
      progress.stop();
      const agent = await findAgent(project);
      // After a failure only if the agent is known to answer.
      const copying =
        agent && (result.errors.length === 0 || session.run.leasedHost())
          ? copyState(project, session.engine, agent)
          : undefined;
      const watching = result.errors.length === 0 ? watch(session.plan, agent) : [];
      const [copied, watched] = await Promise.allSettled([copying, watching]);
      refuseErrors(result);
      if (copied.status === 'rejected') throw copied.reason;
      const changed = result.changes.filter((each) => each.kind !== 'keep').length;
      this.log(`\n  Done: ${changed} changed.`);
      if (watched.status === 'rejected') throw watched.reason;
      for (const { url } of watched.value) if (url) this.log(`  ${url}`);
      // Its server is not ours: what it says takes nothing back, but nobody shall be surprised later.
      const sending = agent ? await trySending(project, agent) : [];
      for (const { good, evidence } of sending)
        this.log(`  ${good ? 'Mail:' : 'No mail goes out:'} ${evidence}`);
      return { changed, addresses: result.outputs };
    } finally {
      progress.stop();
    }
  }

  async #ask(project: Project, flags: { yes: boolean; 'no-backups': boolean }): Promise<void> {
    if (!flags.yes) {
      if (!process.stdin.isTTY)
        throw new ProblemsError([
          {
            where: 'haven up',
            what: 'asks before it changes anything, and nobody is there to answer.',
            remedy: 'Type: haven up --yes',
          },
        ]);
      const { confirm } = await import('@inquirer/prompts');
      if (!(await confirm({ message: 'Do it?', default: false })))
        throw new ProblemsError([{ where: 'haven up', what: 'Nothing was changed.', remedy: '' }]);
    }
    if (project.isSandbox || flags['no-backups']) return;
    const warning = 'This version makes no backups yet: a lost volume is lost data.';
    if (flags.yes)
      throw new ProblemsError([
        { where: 'haven up', what: warning, remedy: 'If you accept that, type: haven up --yes --no-backups' },
      ]);
    const { input } = await import('@inquirer/prompts');
    const typed = await input({ message: `${warning} Type "no backups" to go on:` });
    if (typed.trim() !== 'no backups')
      throw new ProblemsError([{ where: 'haven up', what: 'Nothing was changed.', remedy: '' }]);
  }
}
