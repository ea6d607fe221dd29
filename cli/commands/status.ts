import { Flags } from '@oclif/core';
import { z } from 'zod';
import type { ServiceState } from '../../agent/operations/service-state.ts';
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
    const asked = Date.now();
    const { now } = await whileAsking('the server', () => agent.ask<{ now: number }>(['clock']));
    const gap = clockGap(asked, now, Date.now());
    const plan = project.plan();
    const listed = agent.call<ServiceState[]>(['list']);
    const looked = await Promise.all([
      listed.then((each) => lookAtServices(plan, each)),
      listed.then((each) => checkSignatures(each, now)),
      lookAtDisks(agent),
      trySending(project, agent),
      checkBans(agent),
      plan.alarms ? checkAlarms(agent, now) : [],
      plan.backups ? checkBackups(agent, now) : [],
      flags.logins ? tryLogins(agent) : [],
    ]);
    const all = looked.flat();
    const states = await listed;
    if (gap !== undefined) all.push({ service: 'clock', good: false, evidence: describeClockGap(gap) });
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
