import { z } from 'zod';
import { resourcesOnlyIn } from '../../../stacks/state-content.ts';
import { HavenCommand } from '../../base-command.ts';
import { look } from '../../project/newest-state.ts';
import { Project } from '../../project/project.ts';
import { openSession } from '../../project/session.ts';
import { StateCopy } from '../../project/state-copy.ts';

export const output = z.strictObject({
  /** The server's copy that this folder last sent or took. */
  basedOn: z.string().nullable(),
  /** Does this folder have changes that the server does not know? */
  isUnsent: z.boolean(),
  /** The server's newest copy; null if it has none, or can't be reached. */
  newest: z.string().nullable(),
  /** Who was interrupted before their state was stored on the server. */
  interrupted: z.string().nullable(),
  /** What exists by the state in this folder only, and by the newest copy only. */
  onlyHere: z.array(z.string()),
  onlyOnServer: z.array(z.string()),
});
type Output = z.infer<typeof output>;

export default class StateShow extends HavenCommand {
  static override summary = "Compare this folder's state with the server's newest copy of it.";
  static override description =
    'The state lists everything that haven created. It is in this folder, and after each change the server stores an encrypted copy, so that several folders can change one cloud. Changes nothing.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<Output> {
    await this.parse(StateShow);
    const project = await Project.open();
    const session = await openSession(project);
    try {
      const copy = new StateCopy(project, session.engine);
      const here = await session.engine.exportState();
      const server = await look(project, session);
      const newest = server?.states.newest ?? null;
      const there = server && newest !== null ? await copy.open(newest, server.agent) : '{}';
      const shown: Output = {
        basedOn: copy.lastBase.basedOn,
        isUnsent: await copy.isUnsent(),
        newest,
        interrupted: server?.states.unsent?.holder ?? null,
        onlyHere: names(resourcesOnlyIn(here, there)),
        onlyOnServer: names(resourcesOnlyIn(there, here)),
      };
      for (const line of describe(shown, server !== undefined)) this.log(`  ${line}`);
      return shown;
    } finally {
      await session.close();
    }
  }
}

const names = (resources: { urn: string }[]): string[] =>
  resources.map(({ urn }) => urn.split('::').at(-1)!).sort();

function describe(shown: Output, isReached: boolean): string[] {
  const unsent = shown.isUnsent ? ', with changes that were not sent' : '';
  const onServer = isReached ? (shown.newest ?? 'no copy yet') : 'not reached';
  const lines = [
    `This folder:  based on copy ${shown.basedOn ?? 'none'}${unsent}`,
    `Server:       ${onServer}`,
    ...(shown.interrupted ? [`Interrupted:  a run of haven by ${shown.interrupted}`] : []),
  ];
  if (!isReached || shown.newest === null) return lines;
  const isSame = shown.onlyHere.length + shown.onlyOnServer.length === 0;
  if (isSame) return [...lines, 'Both list the same resources.'];
  return [
    ...lines,
    `Only in this folder's state:  ${shown.onlyHere.join(', ') || 'nothing'}`,
    `Only in the server's copy:    ${shown.onlyOnServer.join(', ') || 'nothing'}`,
    'haven forgets what is not in the state that you choose. It still exists at its provider, where you can delete it.',
    'To go on with one of them, run: haven state use folder   or: haven state use server',
  ];
}
