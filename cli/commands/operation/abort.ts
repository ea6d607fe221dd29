import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import type { Aborted } from '../../../agent/operations/abort.ts';
import { describeAbort } from '../../../core/operations/describe-abort.ts';
import type { Entry } from '../../../core/operations/entries.ts';
import { unfinished } from '../../../core/operations/transaction.ts';
import { thisUser } from '../../../system/this-user.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { knownService } from '../../project/known-service.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.strictObject({
  service: z.string(),
  /** The operation that was ended; null when none was open. */
  operation: z.string().nullable(),
  /** `committed`: the new version stays, because the change was complete. */
  outcome: z.enum(['committed', 'undone']).nullable(),
  /** What does not work now. */
  unwell: z.string().nullable(),
});

export default class OperationAbort extends HavenCommand {
  static override summary = 'End a change of a service that is running or stuck on the server.';
  static override description =
    'The change is undone: the previous version is back, with the data from before. If that version can\'t be started, it is left as it is, and visitors are let in again. A change that is already complete stays; only what is left to do after it is given up. To replace a stuck change with what haven.yaml says, run "haven up" instead.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> gitea --yes',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(OperationAbort);
    const project = await Project.open();
    const service = knownService(project, args.service, 'operation abort');
    const agent = await agentOf(project);
    const open = unfinished(await agent.call<Entry[]>(['history', service]));
    if (open.length === 0) {
      this.log(`  No change of ${service} is open. Nothing was changed.`);
      return { service, operation: null, outcome: null, unwell: null };
    }
    const command = `haven operation abort ${service}`;
    await mustAgree({ command, what: describeAbort(open), mayAsk: this.mayAsk }, flags.yes);
    const aborted = await agent.call<Aborted>(['abort', service, thisUser()]);
    this.log(`  ${said(aborted)}`);
    return aborted;
  }
}

function said({ service, outcome, unwell }: Aborted): string {
  if (outcome === null) return `The change of ${service} has ended meanwhile. Nothing was changed.`;
  const done =
    outcome === 'undone'
      ? `The change of ${service} is undone.`
      : `The change of ${service} is complete, and the new version stays.`;
  return unwell === null
    ? done
    : `${done} It does not work: ${unwell}\n  To see why, run: haven logs ${service}   To apply haven.yaml, run: haven up`;
}
