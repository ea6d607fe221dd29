import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { killMachine, onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { randomFrom, seedOfThisRun } from '../support/crashes.ts';
import { firstServer } from '../support/first-server.ts';
import { OutsideWriter } from '../support/outside.ts';
import { Owner } from '../support/owner.ts';
import { powerOn } from '../support/power.ts';

/** A whole cloud, whose agent, Docker or machine is killed while `up` applies a release. */
const random = randomFrom(seedOfThisRun());
let owner: Owner;
let machine = '';
let ipv4 = '';
let line = '  ledger: {}\n';

before(async () => {
  owner = await Owner.begin('kills.test');
  await owner.init({ services: ['ledger'] });
  await owner.must(['up', '--yes']);
  ({ machine, ipv4 } = await firstServer());
});
after(() => owner?.forget());

async function openOperation(): Promise<string | undefined> {
  const { stdout } = await onMachine(machine, ['haven-agent', 'read', 'ledger']);
  return (JSON.parse(stdout) as { open: string | null }).open ?? undefined;
}

const kills: Record<string, () => Promise<unknown>> = {
  agent: () => onMachine(machine, ['sh', '-c', 'systemctl kill --signal=KILL haven-op-ledger; true']),
  Docker: () => onMachine(machine, ['sh', '-c', 'pkill -KILL -x dockerd; pkill -KILL -x containerd; true']),
  machine: async () => {
    await killMachine(machine);
    await powerOn(machine);
  },
};

for (const [victim, kill] of Object.entries(kills))
  test(`the ${victim} is killed: old or new serves, with all rows, and the next up goes on`, async () => {
    const writer = new OutsideWriter('ledger.kills.test', ipv4);
    await waitUntil('the writer to be served', () => writer.acknowledged.length > 20);
    const changed = `  ledger: { options: { version: "${victim}" } }\n`;
    owner.edit(line, changed);
    line = changed;
    const deploy = owner.haven(['up', '--yes']);
    await waitUntil('the operation to be open', openOperation, { timeoutMs: 60_000 });
    const pause = Math.floor(random() * 4000);
    await sleep(pause);
    console.log(`${victim} killed ${pause} ms into the operation`);
    await kill();
    await deploy;
    const served = writer.acknowledged.length;
    await waitUntil('old or new to serve', () => writer.acknowledged.length > served + 10, {
      timeoutMs: 90_000,
    });
    await owner.must(['up', '--yes']);
    await writer.stop();
    const rows = await writer.rows();
    assert.deepEqual(
      writer.acknowledged.filter((id) => !rows.has(id)),
      [],
    );
    assert.equal(await openOperation(), undefined, 'the operation is finished');
    assert.equal((await owner.plan()).code, 0);
  });
