import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { damagedState, setStateAside } from '../../project/damaged-state.ts';
import { lockServer } from '../../project/locked-state.ts';
import { Project } from '../../project/project.ts';
import { openSession } from '../../project/session.ts';
import { StateCopy } from '../../project/state-copy.ts';

export const output = z.strictObject({
  /** The copy on the server that this folder continues now. */
  basedOn: z.string().nullable(),
});

export default class StateUse extends HavenCommand {
  static override summary = "Choose between this folder's state and the server's newest copy of it.";
  static override description =
    'For when "haven up" says that the state was changed in two places, or that a run was interrupted elsewhere and its folder is lost. The state that is not chosen is kept in a file. What only that one lists still exists at its provider, but haven forgets it: see "haven state show".';
  static override examples = [
    '<%= config.bin %> <%= command.id %> server',
    '<%= config.bin %> <%= command.id %> folder',
  ];
  static override args = {
    which: Args.string({
      required: true,
      options: ['server', 'folder'],
      description: "The server's newest copy, or the state in this folder.",
    }),
  };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(StateUse);
    const command = `haven state use ${args.which}`;
    const what =
      args.which === 'server'
        ? "This replaces the state in this folder by the server's newest copy."
        : "This replaces the server's newest copy of the state by the state in this folder.";
    const project = await Project.open();
    await mustAgree({ command, what, mayAsk: this.mayAsk }, flags.yes);
    const damaged = args.which === 'server' ? damagedState(project) : undefined;
    const aside = damaged === undefined ? undefined : setStateAside(damaged, project.stateFolder);
    let isDone = false;
    try {
      const basedOn = await this.#use(project, args.which, aside !== undefined);
      isDone = true;
      if (aside) this.log(`  The damaged state was kept in ${aside.kept}`);
      this.log(`  This folder continues copy ${basedOn ?? 'none'}. To see what differs now, run: haven plan`);
      return { basedOn };
    } finally {
      if (!isDone) aside?.putBack();
    }
  }

  /** Answers with the copy that this folder continues then. A damaged state needs one in its place. */
  async #use(project: Project, which: string, isDamaged: boolean): Promise<string | null> {
    const log = (text: string): void => this.log(text);
    const session = await openSession(project);
    try {
      const server = await lockServer(project, session);
      if (!server)
        throw refused(
          which,
          'this cloud has no server that can be reached.',
          'To see what is missing, run: haven status',
        );
      const copy = new StateCopy(project, session.engine);
      const { agent, states } = server;
      const run = session.run.name;
      if (which === 'folder') await copy.overrule(states, agent, run, log);
      else {
        if (states.newest === null && isDamaged)
          throw refused(
            which,
            'the server has no copy of the state.',
            'Restore the folder .haven from a copy.',
          );
        await agent.call(['state-forget-unsent', run]);
        if (states.newest !== null) await copy.take(states.newest, agent, log);
      }
      return copy.lastBase.basedOn;
    } finally {
      await session.close();
    }
  }
}

const refused = (which: string, what: string, remedy: string): ProblemsError =>
  new ProblemsError([{ where: `haven state use ${which}`, what: `${what} Nothing was changed.`, remedy }]);
