import assert from 'node:assert/strict';
import { onMachine } from '../../../sandbox/machine/machine.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { openPorts } from '../../support/outside.ts';
import type { Journey } from '../journey.ts';

/** What a deploy shows to the outside, and what happens when its link breaks. */
export default (async (cloud, { step }) => {
  const { owner } = cloud;
  const planned = [22, 80, 443, 2222];
  const scan = () => Promise.all([openPorts(cloud.ipv4), openPorts(cloud.ipv6)]);
  const begun = () =>
    waitUntil('the operation to be open', () => cloud.openOperation('ledger'), {
      timeoutMs: 60_000,
      everyMs: 500,
    });

  await step('of all 65,535 ports exactly the planned ones answer, over IPv4 and IPv6', async () => {
    assert.deepEqual(await scan(), [planned, planned]);
  });

  await step('in trial, too', async () => {
    // A release that hangs stays in trial until its time is over, or until it ends.
    owner.edit('ledger: {}', 'ledger: { options: { behaviour: hang } }');
    const deploy = owner.haven(['up', '--yes']);
    const operation = await begun();
    const inTrial = async () => {
      const journal = await cloud.onServer('haven-agent history ledger');
      const entries = JSON.parse(journal) as { entry: string; op?: string; step?: string }[];
      return entries.some((each) => each.op === operation && each.entry === 'do' && each.step === 'start');
    };
    await waitUntil('the trial', inTrial, { everyMs: 500 });
    assert.deepEqual(await scan(), [planned, planned]);
    assert.equal(await cloud.openOperation('ledger'), operation, 'the trial lasted as long as the scan');
    await cloud.onServer('docker kill haven-ledger-app-1');
    assert.equal((await deploy).code, 1, 'it is undone');
    owner.edit('ledger: { options: { behaviour: hang } }', 'ledger: {}');
  });

  await step('a link that breaks is joined again, and up ends as it should', async () => {
    owner.edit('ledger: {}', 'ledger: { options: { version: "2" } }');
    const deploy = owner.haven(['up', '--yes', '--json']);
    await begun();
    await onMachine(cloud.machine, ['pkill', '-KILL', '-f', 'sshd(-session)?: haven@']);
    const done = await deploy;
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal((JSON.parse(done.stdout) as { changed: number }).changed, 1);
    owner.edit('ledger: { options: { version: "2" } }', 'ledger: {}');
    await owner.must(['up', '--yes']);
  });
}) satisfies Journey;
