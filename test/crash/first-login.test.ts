import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '../../core/operations/entries.ts';
import { killMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { randomFrom, seedOfThisRun } from '../support/crashes.ts';
import { firstServer } from '../support/first-server.ts';
import { killEngine } from '../support/kill-engine.ts';
import { Owner } from '../support/owner.ts';
import { powerOn } from '../support/power.ts';

/**
 * A new cloud, whose first `up` ends while the login starts. A service that did not wait for it is there by then, without a
 * client and without users. The next `up` has to bring both, and for webmail, whatever it had come to, the keys with which mail
 * checks its tokens.
 */
const random = randomFrom(seedOfThisRun());
const service = 'miniflux';

async function journalOf(machine: string, of: string): Promise<Entry[]> {
  const { code, stdout } = await tryOnMachine(machine, ['haven-agent', 'history', of]);
  return code === 0 ? (JSON.parse(stdout) as Entry[]) : [];
}

const kills: Record<string, (owner: Owner, machine: string) => Promise<void>> = {
  'haven with its engine': async (owner) => {
    assert.ok(killEngine(owner.directory) > 0);
  },
  "the login's operation": async (_, machine) => {
    await tryOnMachine(machine, ['systemctl', 'kill', '--signal=KILL', 'haven-op-keycloak']);
  },
  'the machine': async (_, machine) => {
    await killMachine(machine);
    await powerOn(machine);
  },
};

for (const [victim, kill] of Object.entries(kills))
  test(`${victim} is killed while the login starts: the next up has users log in to what was there before it`, async () => {
    const owner = await Owner.begin('first-login.test');
    try {
      await owner.init({ services: [service, 'webmail'], disk: 20, type: 'cx33' });
      const first = owner.haven(['up', '--yes']);
      const machine = await waitUntil('the server', async () => (await firstServer()).machine, {
        timeoutMs: 120_000,
      });
      const isBeside = async () => {
        const [own, login] = await Promise.all([journalOf(machine, service), journalOf(machine, 'keycloak')]);
        assert.ok(!login.some((each) => each.entry === 'commit'), 'the login is not there yet');
        return own.some((each) => each.entry === 'finished') && login.some((each) => each.entry === 'do');
      };
      await waitUntil(`${service} to be there before the login`, isBeside, { timeoutMs: 240_000 });
      const pause = Math.floor(random() * 3000);
      await sleep(pause);
      console.log(`${victim} killed ${pause} ms after ${service} was there`);
      await kill(owner, machine);
      await first;
      await owner.must(['up', '--yes']);
      assert.equal((await owner.plan()).code, 0, 'a plan shows no change');
      const logins = await owner.haven(['status', '--logins']);
      assert.equal(logins.code, 0, logins.stdout);
      for (const each of [service, 'webmail'])
        assert.match(logins.stdout, new RegExp(`${each} +users, and nobody else, can log in`));
    } finally {
      owner.forget();
    }
  });
