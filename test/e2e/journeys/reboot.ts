import assert from 'node:assert/strict';
import { exitCodes } from '../../../cli/output/exit-codes.ts';
import type { ShownPlan } from '../../../cli/output/print-plan.ts';
import { containerName } from '../../../sandbox/machine/container-name.ts';
import { docker } from '../../../sandbox/machine/docker.ts';
import { onMachine } from '../../../sandbox/machine/machine.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { powerOn } from '../../support/power.ts';
import type { Journey } from '../journey.ts';

/** A server that is away, and comes back. */
export default (async (cloud, { step }) => {
  await step('a plan of a server that does not answer never says that there is no change', async () => {
    await onMachine(cloud.machine, ['systemctl', 'reboot']).catch(() => undefined);
    const format = ['inspect', '-f', '{{.State.Running}}', containerName(cloud.machine)];
    await waitUntil('the server to go down', async () => (await docker(format)).stdout.trim() === 'false');
    const typed = await cloud.owner.haven(['plan', '--json']);
    assert.equal(typed.code, exitCodes.unreachable);
    const { unverified } = JSON.parse(typed.stdout) as ShownPlan;
    const release = unverified.find((each) => /ledger/.test(each.what));
    assert.match(release?.since ?? '', /^20\d\d-/, 'since when it was not asked');
  });

  await step('after a reboot every service is well again', async () => {
    await powerOn(cloud.machine);
    await cloud.untilWell();
  });

  await step('after a reboot containers still cannot reach the metadata service', async () => {
    const table = await cloud.onServer('nft list table inet haven_metadata');
    assert.match(table, /hook forward[\s\S]*ip daddr 169\.254\.0\.0\/16 drop/);
  });
}) satisfies Journey;
