import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loopbackPort } from '../../core/release/render-release.ts';
import { webRootsFile } from '../../sandbox/host/paths.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import gitea from '../../services/gitea/service.ts';
import { openPages } from '../support/everyday-load.ts';
import { firstServer } from '../support/first-server.ts';
import { makeGitUser } from '../support/git-user.ts';
import { setPasswords } from '../support/ldap.ts';
import { loadLogins } from '../support/login-load.ts';
import { Owner } from '../support/owner.ts';
import { PushLoad } from '../support/push-load.ts';

/** An hour as it is for a club of a hundred: logins, pages, pushes all the while. Prints the memory of each program. */
const domain = 'everyday.test';
const password = 'Correct-horse-battery-7';
const minutes = Number(process.env.HAVEN_MINUTES ?? 60);
const users = Array.from({ length: 100 }, (_, n) => `user${n}`);

let owner: Owner;
let machine = '';
let pushes: PushLoad;

before(async () => {
  owner = await Owner.begin(domain);
  await owner.init({ services: ['website', 'gitea', 'vaultwarden'] });
  await owner.must(['up', '--yes']);
  ({ machine } = await firstServer());
  const table = users.map((name) => `${name},Per,Son`).join('\n');
  writeFileSync(join(owner.directory, 'users.csv'), `name,givenName,surname\n${table}\n`);
  await owner.must(['user', 'add', '--csv', join(owner.directory, 'users.csv'), '--yes']);
  await setPasswords(machine, users, password);
  const token = await makeGitUser(owner, 'load', password);
  const port = loopbackPort(gitea, 'http');
  await onMachine(machine, [
    ...['curl', '-fsS', '-H', `Authorization: token ${token}`, '-H', 'Content-Type: application/json'],
    ...['-d', '{"name":"load"}', `http://127.0.0.1:${port}/api/v1/user/repos`],
  ]);
  pushes = new PushLoad(machine, `http://load:${token}@127.0.0.1:${port}/load/load.git`, { pauseMs: 5_000 });
});
after(async () => {
  await pushes?.forget();
  owner?.forget();
});

async function memory(): Promise<Map<string, number>> {
  const format = '{{.Name}}\t{{.MemUsage}}';
  const { stdout } = await onMachine(machine, ['docker', 'stats', '--no-stream', '--format', format]);
  const parsed = stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [, name, amount, unit] = /^(\S+)\t([\d.]+)([KMG])iB/.exec(line)!;
      return [name!, Number(amount) * { K: 1 / 1024, M: 1, G: 1024 }[unit as 'K' | 'M' | 'G']] as const;
    });
  return new Map(parsed.toSorted(([a], [b]) => a.localeCompare(b)));
}

test(`${minutes} minutes of ordinary load: nobody is refused, and memory stays where it is`, async () => {
  const roots = readFileSync(webRootsFile, 'utf8');
  const rows = [await memory()];
  pushes.start();
  const tenth = Math.max(1, Math.round((minutes * 60) / 10));
  for (let round = 1; round <= 10; round++) {
    const [logins, pages] = await Promise.all([
      loadLogins(machine, {
        loginHost: `login.${domain}`,
        reach: { port: 443, roots },
        users,
        password,
        perSecond: 1,
        seconds: tenth,
      }),
      openPages(machine, {
        pages: [`https://www.${domain}/`, `https://git.${domain}/user/login`],
        perSecond: 2,
        seconds: tenth,
      }),
    ]);
    rows.push(await memory());
    console.log(
      `${((round * tenth) / 60).toFixed(0)} min: logins ${logins.done} of ${logins.asked} (p95 ${logins.p95Ms} ms), pages ${JSON.stringify(pages)}, pushes ${pushes.acknowledged.size}`,
    );
    assert.deepEqual(logins.failed, []);
    for (const page of pages) assert.equal(page.refused, 0);
  }
  await pushes.stop();
  assert.deepEqual(await pushes.lost(), []);
  console.log(`MB at rest, then after each ${(tenth / 60).toFixed(1)} minutes:`);
  for (const name of rows[0]!.keys())
    console.log(`${name}: ${rows.map((row) => row.get(name)?.toFixed(0) ?? 'gone').join(' ')}`);
  // What grows without end grows in the second half as well; a program may fill its caches in the first.
  for (const [name, end] of rows.at(-1)!) {
    const half = rows[5]!.get(name) ?? 0;
    assert.ok(end < half * 1.25 + 16, `${name} grew from ${half} to ${end} MB in the second half`);
  }
});
