import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sandboxState } from '../../sandbox/control.ts';
import { randomFrom, seedOfThisRun } from '../support/crashes.ts';
import { killEngine } from '../support/kill-engine.ts';
import { Owner } from '../support/owner.ts';
import { plannedFor } from '../support/planned-records.ts';

/**
 * `up`, cut off after each resource: the whole engine is killed at once, with whatever it had begun. The next `up`
 * must find what was made, make nothing twice, and leave nothing behind.
 */
const random = randomFrom(seedOfThisRun());
const resources = 20;

async function judge(owner: Owner): Promise<void> {
  const { hetzner, cloudflare } = await sandboxState();
  const counts = {
    servers: hetzner.servers.length,
    volumes: hetzner.volumes.length,
    addresses: hetzner.primary_ips.length,
    firewalls: hetzner.firewalls.length,
    keys: hetzner.ssh_keys.length,
  };
  assert.deepEqual(
    counts,
    { servers: 1, volumes: 1, addresses: 2, firewalls: 1, keys: 1 },
    'everything is there once',
  );
  const records = cloudflare.zones[0]!.records.map(
    (each) => `${each.name} ${each.type} ${JSON.stringify(each.data ?? each.content)}`,
  );
  assert.equal(new Set(records).size, records.length, 'no record is there twice');
  assert.equal(records.length, plannedFor(owner.domain).length);
  assert.equal((await owner.plan()).code, 0, 'a plan shows no change');
  assert.equal((await owner.haven(['status'])).code, 0, 'and the website answers');
}

for (let point = 0; point < resources; point++) {
  test(`up is killed after ${point} of ${resources} resources, then typed again`, async () => {
    const owner = await Owner.begin('cut.test');
    try {
      await owner.init();
      const pause = Math.floor(random() * 1500);
      let seen = 0;
      let killed = 0;
      const cut = async (): Promise<void> => {
        await sleep(pause);
        killed = killEngine(owner.directory);
      };
      let cutting: Promise<void> | undefined;
      await owner.haven(['up', '--yes'], {
        onOutput: (text) => {
          seen += text.match(/✔/g)?.length ?? 0;
          if (!cutting && seen >= point && (point > 0 || text.includes('to change'))) cutting = cut();
        },
      });
      await cutting;
      console.log(`cut ${pause} ms after resource ${point}; ${killed} processes killed`);
      const again = await owner.haven(['up', '--yes']);
      assert.equal(again.code, 0, `${again.stdout}\n${again.stderr}`);
      await judge(owner);
    } finally {
      owner.forget();
    }
  });
}
