import { Flags } from '@oclif/core';
import { z } from 'zod';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { askTogether } from '../../components/provider/ask-together.ts';
import { clockGap, describeClockGap } from '../../core/clock.ts';
import { HavenCommand } from '../base-command.ts';
import { checkAlarms } from '../health/check-alarms.ts';
import { checkBackups } from '../health/check-backups.ts';
import { checkBans } from '../health/check-bans.ts';
import { checkSignatures } from '../health/check-signatures.ts';
import { lookAtServices, tryLogins, trySending } from '../health/look-at-services.ts';
import type { ServiceStatus } from '../health/service-status.ts';
import { lookAtDisks, storageLines } from '../health/storage.ts';
import { whileAsking } from '../output/asking.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { mark } from '../output/mark.ts';
import { serviceStatusOutput } from '../output/schemas.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export const output = z.array(serviceStatusOutput);

export default class Status extends HavenCommand {
  static override summary = 'Check every service from outside, like a visitor.';
  static override description =
    'Shows what each answered. Exit code: 0 if all checks pass, 1 if one fails, 3 if the server does not answer.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  static override flags = {
    logins: Flags.boolean({
      summary: 'Also log in to each service: as a user, an administrator and a stranger.',
    }),
  };

  async run(): Promise<ServiceStatus[]> {
    const { flags } = await this.parse(Status);
    const project = await Project.open();
    const agent = await agentOf(project);
    const plan = project.plan();
    const more = [...(plan.alarms ? ['alarm-list'] : []), ...(plan.backups ? ['backup-status'] : [])];
    const asked = Date.now();
    const together = askTogether(agent, ['clock', 'list', 'disks', 'ban-list', ...more]);
    const clock = together.call<{ now: number }>(['clock']);
    const listed = together.call<ServiceState[]>(['list']);
    const looked = await whileAsking('the server', () =>
      Promise.all([
        listed.then((each) => lookAtServices(plan, each)),
        Promise.all([listed, clock]).then(([each, { now }]) => checkSignatures(each, now)),
        lookAtDisks(together),
        trySending(project, agent),
        checkBans(together),
        clock.then(({ now }) => (plan.alarms ? checkAlarms(together, now) : [])),
        clock.then(({ now }) => (plan.backups ? checkBackups(together, now) : [])),
        flags.logins ? tryLogins(agent) : [],
        clock.then(({ now }) => checkClock(asked, now)),
      ]),
    );
    const all = looked.flat();
    const states = await listed;
    for (const each of all) {
      this.log(`  ${mark(each.good)} ${each.service.padEnd(12)} ${each.evidence}`);
    }
    const storage = storageLines(states);
    if (storage.length > 0) this.log('\n  Data on the volume, with its snapshots');
    for (const line of storage) this.log(`    ${line}`);
    if (all.some((each) => !each.good)) process.exitCode = exitCodes.failed;
    return all;
  }
}

/** Says nothing while the server's clock is right. */
function checkClock(asked: number, now: number): ServiceStatus[] {
  const gap = clockGap(asked, now, Date.now());
  return gap === undefined ? [] : [{ service: 'clock', good: false, evidence: describeClockGap(gap) }];
}
