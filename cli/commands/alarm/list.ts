import { styleText } from 'node:util';
import { z } from 'zod';
import type { AlarmList } from '../../../agent/alarms/alarm-commands.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.strictObject({
  /** When the server last looked; null if it never did. */
  checkedAt: z.string().nullable(),
  alarms: z.array(
    z.strictObject({
      kind: z.string(),
      subject: z.string(),
      what: z.string(),
      fix: z.string(),
      since: z.string(),
      /** What the program that failed wrote last. */
      detail: z.string().optional(),
    }),
  ),
  receivers: z.array(
    z.strictObject({
      way: z.string(),
      /** Where alarms can't be delivered. */
      failing: z.strictObject({ since: z.string(), why: z.string(), fix: z.string() }).optional(),
    }),
  ),
});

export default class ListAlarms extends HavenCommand {
  static override summary = 'List what is wrong on the server, since when, and what to do.';
  static override description =
    'The server looks each minute. These are the alarms that it sends as haven.yaml says. They are listed even if it says nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<AlarmList> {
    await this.parse(ListAlarms);
    const agent = await agentOf(await Project.open());
    const list = await agent.call<AlarmList>(['alarm-list']);
    if (list.checkedAt === null) this.log('  The server has not looked yet. Try again in 2 minutes.');
    else if (list.alarms.length === 0) this.log(`  No alarms. The server last looked at ${list.checkedAt}.`);
    for (const { what, fix, since, detail } of list.alarms) {
      this.log(`  ${styleText('red', '✖')} ${what} Since ${since}.\n    ${fix}`);
      if (detail) this.log(detail.replaceAll(/^/gm, '      '));
    }
    for (const { way, failing } of list.receivers)
      if (failing)
        this.log(
          `  ${styleText('yellow', '!')} Alarms can't be delivered by ${way} since ${failing.since}: ${failing.why}. ${failing.fix}`,
        );
    return list;
  }
}
