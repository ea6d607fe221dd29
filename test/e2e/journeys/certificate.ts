import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { protocol } from '../../../core/operations/protocol.ts';
import { onMachine, tryOnMachine } from '../../../sandbox/machine/machine.ts';
import { lookUp } from '../../../system/look-up.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import type { Journey } from '../journey.ts';

/** A new key for the website, in a directory that has lost its state; and who may change a server while it is changed. */
export default (async (cloud, { step }) => {
  const host = cloud.hosts.www;
  const shown = async () => (await lookUp(`_443._tcp.${host}`, 'TLSA')).sort();
  const before = await shown();
  const first = (await lookAtWeb(host)).spkiSha256;

  await step('the DNS shows the key in use and the one after it', async () => {
    assert.equal(before.length, 2);
    assert.ok(before.includes(`3 1 1 ${first}`));
  });

  await step(
    'a directory that lost its state has it from the server, and plans a rolled key as one certificate and one record',
    async () => {
      await cloud.owner.must(['certificate', 'renew-key', host]);
      for (const name of ['state', 'state-copy.json'])
        rmSync(join(cloud.owner.directory, '.haven', name), { recursive: true });
      const plan = await cloud.owner.plan();
      assert.deepEqual(plan.lines.map((each) => `${each.kind} ${each.what} ${each.name}`).sort(), [
        `update Certificate ${host}`,
        `update DNS _443._tcp.${host} TLSA`,
      ]);
    },
  );

  await step('one deploy at a time, and none by a haven that is too old', async () => {
    const take = (speaks: number) => {
      const claim = { run: 'another-run', holder: 'ben@desk', speaks, state: null, agent: null };
      return ['haven-agent', 'deploy-lock-take', JSON.stringify(claim)];
    };
    assert.notEqual((await tryOnMachine(cloud.machine, take(protocol - 1))).code, 0);
    await onMachine(cloud.machine, take(protocol));
    const [problem] = await cloud.owner.problems(['up', '--yes']);
    assert.match(problem!.what, /ben@desk/, 'it says who is at it');
    await onMachine(cloud.machine, ['haven-agent', 'deploy-lock-release', 'another-run']);
    assert.equal((await lookAtWeb(host)).spkiSha256, first, 'nothing was changed');
  });

  await step('the key that is used next was in the DNS before', async () => {
    await cloud.owner.must(['up', '--yes']);
    const second = (await lookAtWeb(host)).spkiSha256;
    assert.notEqual(second, first);
    assert.ok(before.includes(`3 1 1 ${second}`));
    await waitUntil('the DNS to show the key after it', async () => {
      const now = await shown();
      return now.length === 2 && now.includes(`3 1 1 ${second}`) && !now.includes(`3 1 1 ${first}`);
    });
  });
}) satisfies Journey;
