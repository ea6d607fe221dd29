import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loopbackPort } from '../../core/release/render-release.ts';
import { webRootsFile } from '../../sandbox/host/paths.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import keycloak from '../../services/keycloak/service.ts';
import { firstServer } from '../support/first-server.ts';
import { setPasswords } from '../support/ldap.ts';
import { loadLogins } from '../support/login-load.ts';
import { Owner } from '../support/owner.ts';

/** A cloud with a thousand users: how they come in, how they log in, what it costs. Prints its figures. */
const domain = 'thousand.test';
const loginHost = `login.${domain}`;
const password = 'Correct-horse-battery-7';
const names = Array.from({ length: 1000 }, (_, n) => `user${n}`);

let owner: Owner;
let machine = '';

before(async () => {
  owner = await Owner.begin(domain);
  await owner.init({ services: ['gitea'] });
  await owner.must(['up', '--yes']);
  ({ machine } = await firstServer());
});
after(() => owner?.forget());

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = Date.now();
  await work();
  return (Date.now() - began) / 1000;
}
const memory = async () => {
  const format = '{{.Name}} {{.MemUsage}}';
  return (await onMachine(machine, ['docker', 'stats', '--no-stream', '--format', format])).stdout.trim();
};
const addTable = async (chosen: string[]) => {
  const file = join(owner.directory, 'users.csv');
  writeFileSync(file, `name,givenName,surname\n${chosen.map((each) => `${each},Per,Son`).join('\n')}\n`);
  await owner.must(['user', 'add', '--csv', file, '--yes']);
};

test('a table of a thousand users, and plans that do not know of them', async () => {
  await addTable(names.slice(0, 10));
  const few = await seconds(() => owner.plan());
  const taken = await seconds(() => addTable(names.slice(10)));
  const many = await seconds(() => owner.plan());
  console.log(
    `990 users in ${taken.toFixed(1)} s; a plan: ${few.toFixed(1)} s with 10 users, ${many.toFixed(1)} s with 1,000`,
  );
  const listed = JSON.parse((await owner.must(['user', 'list', '--json'])).stdout) as unknown[];
  assert.equal(listed.length, 1000);
  assert.ok(many < few * 1.5, 'users are no part of a plan');
});

test('logins at 20 a second, through the reverse proxy and past it', async () => {
  await setPasswords(machine, names, password);
  console.log(await memory());
  const load = { loginHost, users: names, password, perSecond: 20, seconds: 30 };
  const throughDoor = { ...load, reach: { port: 443, roots: readFileSync(webRootsFile, 'utf8') } };
  // At the first login of each the login takes them over from LDAP; that costs more, and is told apart.
  const first = await loadLogins(machine, throughDoor);
  console.log('first logins, through the reverse proxy', JSON.stringify(first));
  const door = await loadLogins(machine, throughDoor);
  console.log('through the reverse proxy', JSON.stringify(door));
  const direct = await loadLogins(machine, { ...load, reach: { port: loopbackPort(keycloak, 'http') } });
  console.log("Keycloak's own port", JSON.stringify(direct));
  console.log(
    `rate through the door against its own port: ${(door.perSecond / direct.perSecond).toFixed(2)}`,
  );
  console.log(await memory());
  for (const each of [first, door, direct]) {
    assert.deepEqual(each.failed, []);
    assert.equal(each.done, each.asked);
  }
  assert.ok(door.perSecond >= direct.perSecond * 0.9, 'the reverse proxy takes at most a tenth of the rate');
});

test('five hundred wrong passwords a minute shut nobody else out', async () => {
  const wrong = await loadLogins(machine, {
    loginHost,
    users: ['user0'],
    password: 'wrong',
    perSecond: 500 / 60,
    seconds: 60,
    reach: { port: 443, roots: readFileSync(webRootsFile, 'utf8') },
  });
  assert.equal(wrong.done, 0);
  const others = await loadLogins(machine, {
    loginHost,
    users: names.slice(1, 20),
    password,
    perSecond: 5,
    seconds: 4,
    reach: { port: 443, roots: readFileSync(webRootsFile, 'utf8') },
  });
  assert.equal(others.done, others.asked, 'others log in all the while');
});
