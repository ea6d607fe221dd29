import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { ldap } from '../../../core/users/ldap.ts';
import { tryOnMachine } from '../../../sandbox/machine/machine.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { openBrowser } from '../../support/browser.ts';
import { Hostile } from '../../support/hostile.ts';
import { binds } from '../../support/ldap.ts';
import { loginUser } from '../../support/login-admin.ts';
import { logIn } from '../../support/login-pages.ts';
import { Member } from '../../support/member.ts';
import { containerAddresses, NetworkWatch } from '../../support/network-watch.ts';
import { mustBePlain } from '../../support/plain-output.ts';
import { loginEvents, victimsWithLogs } from '../../support/victim-logs.ts';
import { Victims } from '../../support/victims.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/**
 * Services that were broken into and try everything at once, beside all others of the cloud. What came of it is judged by
 * the victims: their logs, their data, their packets. Each attack is also made where it works, with what no thief has or
 * where everybody may go, so that a victim who saw nothing is known to have looked.
 */
export default (async (cloud, { step, after }) => {
  const { owner, machine, domain } = cloud;
  const { git, ledger, login, me, www } = cloud.hosts;
  const [hostileHost, pageHost] = ['hostile', 'hostile-page'].map((name) => `${name}.${domain}`);
  const hostile = new Hostile(cloud);
  const yaml = owner.read();
  await Member.add(cloud, ['vera'], ldap.admins);
  after(async () => {
    await owner.must(['user', 'remove', 'vera', '--confirm', 'vera']);
  });
  let isRemoved = false;
  const remove = async (): Promise<void> => {
    owner.write('haven.yaml', yaml);
    // All at once, and then their data: each `up` on the way would take as long as this one.
    await owner.must(['up', '--yes']);
    for (const service of Hostile.services)
      await owner.must(['service', 'remove', service, '--with-data', '--confirm', service]);
    isRemoved = true;
  };
  after(() => isRemoved || remove());

  await step('it is added like any service, and logins to it pass their check', async () => {
    await owner.must(['service', 'add', ...Hostile.services]);
    await owner.must(['up', '--yes']);
    const { of } = await cloud.status(['--logins']);
    assert.deepEqual(
      of('hostile').map(({ good }) => good),
      [true, true],
    );
  });

  const attackers = await hostile.addresses();
  const victims = new Victims(cloud, attackers);
  const { id: sub } = await loginUser(machine, 'vera');
  const victim = { name: 'vera', sub };
  const browser = await openBrowser([...Object.values(cloud.hosts), hostileHost!, pageHost!]);
  after(() => browser.close());
  const page = await browser.newPage();

  await step('what it learns of its visitors opens nothing else', async () => {
    await page.goto(`https://${hostileHost}/begin`);
    await logIn(page, 'vera', password);
    await page.waitForURL(`https://${hostileHost}/me`);
    await page.goto(`https://${pageHost}/`);
    // Sessions elsewhere, in the same browser.
    await page.goto(`https://${me}/`);
    await page.goto(`https://${git}/user/oauth2/haven`);
    await page.waitForURL(`https://${git}/`);

    const since = Date.now();
    for (const service of Hostile.services) {
      const { headers, tokens } = await hostile.order<{
        headers: Record<string, string>[];
        tokens: unknown[];
      }>(service, 'loot');
      const names = headers.map((each) => each['x-auth-request-preferred-username']);
      assert.equal(names.includes('vera'), service === 'hostile-page', 'it knows its visitor');
      assert.equal(tokens.length > 0, service === 'hostile', 'it has tokens of its visitor');
      await hostile.order(service, 'replay', { mark: 'mallory-1', victim });
    }
    assert.deepEqual(await victims.acceptedRequests('mallory-1'), []);
    assert.deepEqual(await victims.traces('mallory-1'), []);
    const { users, administrators } = await loginEvents(cloud, since);
    const theirs = [...users, ...administrators].filter(({ ipAddress }) => attackers.includes(ipAddress));
    assert.deepEqual(
      theirs.filter((each) => 'what' in each || !/ERROR$/.test(each.type)),
      [],
    );
  });

  await step('the same requests with sessions that are right leave all of these traces', async () => {
    const since = Date.now();
    const given = { mark: 'stolen-1', victim, tokens: [] };
    await page.goto(`https://${www}/`);
    for (const only of [`${me}/`, `${www}/`, `${git}/user/settings`]) {
      const cookies = await browser.cookies(`https://${only}`);
      assert.ok(cookies.length > 0, only);
      const pairs = cookies.map(({ name, value }) => `${name}=${value}`);
      await hostile.order('hostile-page', 'replay', { ...given, only, cookies: pairs });
    }
    const token = await tokenOf(page, `https://${login}/admin/haven/console/`);
    const only = `/users/${sub}/logout`;
    await hostile.order('hostile-page', 'replay', { ...given, only, cookies: [], tokens: [token] });
    assert.deepEqual(
      await victims.acceptedRequests('stolen-1'),
      victimsWithLogs.map((each) => `${each} vera`).sort(),
    );
    assert.deepEqual(await victims.traces('stolen-1'), ['app password']);
    const { administrators } = await loginEvents(cloud, since);
    assert.ok(
      administrators.some((each) => each.what.startsWith('ACTION') && attackers.includes(each.ipAddress)),
      JSON.stringify(administrators),
    );
  });

  await step(
    'the login check gives it no password, and what a user types into its form shows at the login',
    async () => {
      await hostile.order('hostile', 'turn', { shows: 'its own form' });
      const since = Date.now();
      const { code, of } = await cloud.status(['--logins']);
      const [, check] = of('hostile');
      assert.deepEqual([code, check?.good], [1, false]);
      assert.ok(of('gitea').every(({ good }) => good));
      mustBePlain(check!.evidence);
      await page.goto(`https://${hostileHost}/begin`);
      await logIn(page, 'vera', password);
      await page.waitForURL(`https://${hostileHost}/steal`);
      await hostile.order('hostile', 'useForms', { mark: 'mallory-2' });
      const { users } = await loginEvents(cloud, since);
      const logins = users.filter(({ type }) => /^LOGIN/.test(type));
      // The other services were checked, too, from addresses of the check.
      assert.ok(logins.some(({ clientId, type }) => clientId === 'gitea' && type === 'LOGIN'));
      const ofHostile = logins.filter(
        (each) => each.clientId === 'hostile' || attackers.includes(each.ipAddress),
      );
      assert.ok(ofHostile.length > 0);
      for (const each of ofHostile) {
        assert.deepEqual([each.type, each.userId], ['LOGIN', sub], 'only the password that was typed');
        assert.ok(attackers.includes(each.ipAddress), 'the login knows who it was');
      }
      await hostile.order('hostile', 'turn', { shows: 'a page' });
    },
  );

  await step('an account that may read LDAP changes nothing there', async () => {
    const watch = await NetworkWatch.begin(cloud, attackers);
    after(() => watch.end());
    await hostile.order('hostile-reader', 'bindAndWrite', { mark: 'mallory-3', victim });
    assert.deepEqual(await victims.traces('mallory-3'), []);
    assert.ok(await binds(machine, 'vera', password));
    assert.match(await victims.inLdap(`cn=${ldap.admins},${ldap.groups}`), /uid=vera/);
    const { tried } = (await watch.seen()).get('haven-ldap-slapd-1')!;
    assert.ok(tried.some((each) => each.endsWith(' 636')));
    // The account of the agent may: the same program can write, when it is let.
    const agent = {
      dn: ldap.agent,
      password: await cloud.onServer('cat /srv/haven/secrets/ldap/bind-agent.1'),
    };
    await hostile.order('hostile-reader', 'bindAndWrite', { mark: 'renamed-3', victim, account: agent });
    assert.deepEqual(await victims.traces('renamed-3'), ['user']);
  });

  await step('it reaches what visitors reach, LDAP if it may read there, and no neighbour', async () => {
    const watch = await NetworkWatch.begin(cloud, attackers);
    after(() => watch.end());
    const containers = await containerAddresses(cloud);
    const also = [...containers.keys()].filter((each) => !attackers.includes(each));
    await Promise.all(Hostile.services.map((service) => hostile.order(service, 'scan', { also })));
    assert.equal(await cloud.answerTo(`https://${ledger}/version`), '200');
    const seen = await watch.seen();
    const server = seen.get('server')!;
    const own = (name: string): boolean => /^haven-hostile/.test(name);
    const targets = new Set(server.tried);
    for (const [address, name] of containers)
      if (!own(name)) assert.ok(targets.has(`${address} 5432`), `${name} at ${address} was tried`);
    for (const target of ['169.254.169.254 80', `${cloud.ipv4} 22`, `${cloud.ipv4} 29999`])
      assert.ok(targets.has(target), `${target} was tried`);

    const passedOn = server.forwarded.map((each) => each.split(' ') as [string, string]);
    const reached = passedOn.flatMap(([address, port]) => {
      const name = containers.get(address);
      return name && !own(name) ? [`${name} ${port}`] : [];
    });
    assert.deepEqual(
      reached.filter((each) => !each.startsWith('haven-ldap-slapd-1 ')),
      [],
    );
    assert.ok(!passedOn.some(([address]) => address.startsWith('169.254.')));
    const servers = new Set((await cloud.onServer('hostname --all-ip-addresses')).trim().split(' '));
    const open = server.accepted.map((each) => each.split(' ')).filter(([address]) => servers.has(address!));
    assert.deepEqual([...new Set(open.map(([, port]) => port))].sort(), ['22', '2222', '443', '80']);

    for (const [name, { tried, accepted: openAt }] of seen) {
      if (name === 'server' || own(name)) continue;
      const expected = name === 'haven-ldap-slapd-1' ? ['636'] : [];
      assert.deepEqual([...new Set(openAt.map((each) => each.split(' ')[1]))], expected, name);
      if (name !== 'haven-ldap-slapd-1') assert.deepEqual(tried, [], name);
    }
    assert.ok(seen.get('haven-ledger-app-1')!.others.some((each) => each.endsWith(' 8080')));
  });

  await step('it finds the mailbox of an invitation, and is refused there', async () => {
    // So that the attack finds it in the moment that it is open: it knows where it is, and there are few ports.
    const gateway = await cloud.onServer(
      "docker network inspect --format '{{(index .IPAM.Config 0).Gateway}}' haven-keycloak_default",
    );
    const range = '/proc/sys/net/ipv4/ip_local_port_range';
    const before = await cloud.onServer(`cat ${range}`);
    await cloud.onServer(`echo 50000 50199 > ${range}`);
    after(() => cloud.onServer(`echo ${before.replace(/\s+/, ' ')} > ${range}`));
    const watch = await NetworkWatch.begin(cloud, attackers);
    after(() => watch.end());
    const isFound = async () =>
      (await watch.seen()).get('server')!.accepted.some((each) => / 50[01]\d\d$/.test(each));
    let isLooking = true;
    const looking = (async () => {
      while (isLooking) await hostile.order('hostile', 'scan', { seconds: 8, also: [gateway] });
    })();
    try {
      await waitUntil(
        'the mailbox to be found',
        async () => {
          const { link } = await owner.json<{ link: string }>(['user', 'invite', 'vera']);
          assert.ok(link.startsWith(`https://${login}/realms/haven/login-actions/action-token?`), link);
          return isFound();
        },
        { timeoutMs: 45_000 },
      );
    } finally {
      isLooking = false;
      await looking;
    }
    await cloud.onServer(`echo ${before.replace(/\s+/, ' ')} > ${range}`);
  });

  await step('nothing that it writes steers a terminal, wherever it is shown', async () => {
    await hostile.order('hostile', 'turn', { healthy: false });
    const health = `docker inspect --format '{{.State.Health.Status}}{{range .State.Health.Log}}{{.Output}}{{end}}' ${Hostile.container('hostile')}`;
    await waitUntil('it to be unhealthy', async () => /^unhealthy/.test(await cloud.onServer(health)), {
      timeoutMs: 60_000,
    });
    const raw = await cloud.onServer(`${health}; docker logs --tail 50 ${Hostile.container('hostile')} 2>&1`);
    assert.ok(raw.includes('\u001b[2J'), 'it does write what it should not');
    const restarted = await owner.haven(['restart', 'hostile']);
    assert.notEqual(restarted.code, 0);
    assert.match(restarted.stdout + restarted.stderr, /all is well/, 'its own words are shown');
    await cloud.onServer('systemctl start haven-status.service haven-alarms.service');
    await hostile.order('hostile', 'turn', { healthy: true, shows: 'pages without end' });
    const begun = Date.now();
    const status = await owner.haven(['status', '--logins']);
    assert.equal(status.code, 1);
    assert.match(status.stdout, /hostile .*answers with more than 2 MB/);
    assert.ok(Date.now() - begun < 120_000);
    const disabled = await owner.must(['user', 'disable', 'vera']);
    assert.match(disabled.stdout, /hostile: .*done/, 'what its hook says is shown');
    await owner.must(['user', 'enable', 'vera']);
    for (const { stdout, stderr } of [
      restarted,
      status,
      disabled,
      await owner.must(['logs', 'hostile']),
      await owner.must(['history', 'hostile']),
      await owner.haven(['alarm', 'list']),
    ])
      mustBePlain(stdout + stderr);
    // Timers go on writing; what is half written is gone when its name is asked for.
    const kept = `cat /srv/haven/journal/hostile.jsonl $(find /srv/haven/status /var/lib/haven-alarms -type f ! -name '*.draft-*')`;
    mustBePlain(await cloud.onServer(kept));
    mustBePlain(await cloud.onServer(`journalctl --unit 'haven-*' --all --output cat --since=-30min`));
    await hostile.order('hostile', 'turn', { shows: 'a page' });
  });

  await step('it takes its own space, memory and processes, and nobody else notices', async () => {
    const others = () =>
      cloud.onServer(
        "docker ps --quiet | xargs docker inspect --format '{{.Name}} {{.State.StartedAt}}' | grep -v '^/haven-hostile-app' | sort",
      );
    const before = await others();
    /** Everything that a visitor asks answers in time, with rows that are kept. */
    const mustServe = async (): Promise<void> => {
      for (const address of [
        `https://${ledger}/rows`,
        `https://${me}/help`,
        `https://${login}/realms/haven/.well-known/openid-configuration`,
        `https://${git}/api/healthz`,
      ])
        assert.equal(await cloud.answerTo(address, ['--max-time', '10']), '200', address);
      const row = `https://${ledger}/rows?id=beside-hostile-${Date.now()}`;
      assert.equal(await cloud.pageAt(row, ['-X', 'POST', '--max-time', '10']), 'kept');
    };

    await hostile.order('hostile', 'fill');
    await cloud.onServer('sync -f /srv/haven');
    const { quotas } = JSON.parse(await cloud.onServer('haven-agent read hostile')) as {
      quotas: { usedBytes: number }[];
    };
    const used = quotas[0]!.usedBytes;
    assert.ok(used > 0.9e9 && used < 1.1e9, `${used} bytes are used`);
    await mustServe();

    const restarts = () =>
      cloud.onServer(`docker inspect --format '{{.RestartCount}}' ${Hostile.container('hostile')}`);
    const restartsBefore = Number(await restarts());
    await hostile.order('hostile', 'takeMemory');
    await waitUntil('it to be killed', async () => Number(await restarts()) > restartsBefore, {
      timeoutMs: 60_000,
    });
    await mustServe();

    const isUp = async () =>
      (await tryOnMachine(machine, ['docker', 'exec', Hostile.container('hostile'), 'true'])).code === 0;
    await waitUntil('it to run again', isUp, { timeoutMs: 60_000 });
    await waitUntil('its own commands', () =>
      hostile.order('hostile', 'loot').then(
        () => true,
        () => false,
      ),
    );
    await hostile.order('hostile', 'fork');
    const processes = Number(
      await cloud.onServer(`docker stats --no-stream --format '{{.PIDs}}' ${Hostile.container('hostile')}`),
    );
    assert.ok(processes > 900 && processes <= 1024, `it has ${processes} processes`);
    assert.ok(Number(await cloud.onServer('ps --user 2920 --no-headers | wc -l')) > 900);
    await mustServe();
    assert.equal(await others(), before, 'no other container was started again');
  });

  await step('it is stopped in time, and removed with all that it had', async () => {
    const begun = Date.now();
    await owner.must(['stop', 'hostile', '--yes']);
    assert.ok(Date.now() - begun < 75_000, `it took ${(Date.now() - begun) / 1000} s`);
    assert.equal(await cloud.onServer('ps --user 2920 --no-headers || true'), '');
    await remove();
    const left =
      'cd /srv/haven && ls services secrets journal reverse-proxy/routes certs | grep hostile || true';
    assert.equal(await cloud.onServer(left), '');
    assert.equal(await cloud.onServer('ps --user 2920,2930,2940 --no-headers || true'), '');
  });
}) satisfies Journey;

/** The token with which a page of the login works, which no other page gets. */
async function tokenOf(page: Page, address: string): Promise<string> {
  const asked = page.waitForRequest((request) => /^Bearer /.test(request.headers().authorization ?? ''));
  await page.goto(address);
  return (await asked).headers().authorization!.replace('Bearer ', '');
}
