import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { ServerState } from '../../agent/server/server-look.ts';
import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import { protocol } from '../../core/operations/protocol.ts';
import type { Bundle } from '../../core/release/release.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { devicePath } from '../../sandbox/machine/volumes.ts';
import { LabServer, openLab } from '../support/lab.ts';

/**
 * What a plan sees of a server where something else has changed it, on a real machine with two services, of which one
 * depends on the other. Each change is made behind the agent's back, named by `look`, and put right.
 */
let server: LabServer;
let calendar: Bundle;

before(async () => {
  server = await LabServer.create(await openLab(['ldap', 'calendar']), 'layer-look', 29);
  for (const service of ['ldap', 'calendar']) {
    const { outcome, entries } = await server.apply(server.bundle(service));
    assert.equal(outcome, 'committed', JSON.stringify(entries));
  }
  calendar = server.bundle('calendar');
  await putServerRight();
});
after(() => server?.remove());

const onServer = async (script: string): Promise<string> =>
  (await onMachine(server.id, ['sh', '-ec', script])).stdout.trim();

interface Look {
  services: ServiceState[];
  server: ServerState;
}

/** What differs on the server, beside the timer that this test keeps stopped. */
async function serverDiffers(): Promise<string[]> {
  const { server: seen } = (await server.agent(['look'])) as Look;
  assert.ok('differs' in seen, JSON.stringify(seen));
  assert.ok(seen.differs.includes(stopped), JSON.stringify(seen));
  return seen.differs.filter((each) => each !== stopped);
}
const stopped = 'haven-recover.timer (inactive)';

async function putServerRight(): Promise<void> {
  const claim: LockClaim = { run: 'lab', holder: 'lab', speaks: protocol, state: null, agent: null };
  const volume = ['--volume', devicePath(server.id), '--volume-gb', '8'];
  const done = await server.agent(['put-server-right', JSON.stringify(claim), ...volume]);
  assert.deepEqual(done, { differs: [] });
  // It loads the firewall each minute, which could be between a change and the look at it.
  await onServer('systemctl stop haven-recover.timer haven-recover.service');
}

/** A change of the server itself: how it is made, what `look` says of it, and what holds once it is put right. */
const changes: { what: string; make: string; said: string[]; right: string }[] = [
  {
    what: 'a file that was edited',
    make: "echo '# mine' >> /etc/sysctl.d/60-haven.conf",
    said: ['/etc/sysctl.d/60-haven.conf (content)'],
    right: '! grep mine /etc/sysctl.d/60-haven.conf',
  },
  {
    what: 'a file that everyone may write to',
    make: 'chmod 666 /etc/ssh/sshd_config.d/10-haven.conf',
    said: ['/etc/ssh/sshd_config.d/10-haven.conf (rights)'],
    right: 'test $(stat -c %a /etc/ssh/sshd_config.d/10-haven.conf) = 644',
  },
  {
    what: 'a file that was deleted',
    make: 'rm /etc/apt/apt.conf.d/52haven-upgrades',
    said: ['/etc/apt/apt.conf.d/52haven-upgrades (missing)'],
    right: 'test -s /etc/apt/apt.conf.d/52haven-upgrades',
  },
  {
    what: 'a unit whose file was deleted',
    make: 'rm /etc/systemd/system/haven-users.timer; systemctl daemon-reload',
    said: ['/etc/systemd/system/haven-users.timer (missing)'],
    right: 'systemctl is-active haven-users.timer; systemctl is-enabled haven-users.timer',
  },
  {
    what: 'the unit that mounts the volume, which names another device',
    make: `sed -i 's/ mount-volume [^ ]*/ mount-volume \\/dev\\/null/' /etc/systemd/system/haven-volume.service`,
    said: ['/etc/systemd/system/haven-volume.service (content)'],
    right: 'grep "mount-volume /dev/disk/by-id/" /etc/systemd/system/haven-volume.service',
  },
  {
    what: 'a setting of the kernel',
    make: 'sysctl --write net.ipv4.tcp_migrate_req=0',
    said: ['kernel setting net.ipv4.tcp_migrate_req (0)'],
    right: 'test $(cat /proc/sys/net/ipv4/tcp_migrate_req) = 1',
  },
  {
    what: 'a timer that was disabled',
    make: 'systemctl disable --now haven-users.timer',
    said: ['haven-users.timer (disabled, inactive)'],
    right: 'systemctl is-active haven-users.timer; systemctl is-enabled haven-users.timer',
  },
  {
    what: 'the user of the health checks, deleted',
    make: 'userdel haven-check',
    said: ['user haven-check (missing)'],
    right: 'test $(id -u haven-check) = 990',
  },
  {
    what: 'a firewall table that was flushed',
    make: 'nft flush table inet haven_metadata',
    said: ['firewall table haven_metadata'],
    right: 'nft list table inet haven_metadata | grep 169.254.0.0/16',
  },
  {
    what: 'a firewall table that was deleted',
    make: 'nft delete table inet haven_trial',
    said: ['firewall table haven_trial (missing)'],
    right: 'nft list table inet haven_trial',
  },
  {
    what: 'one rule of a firewall table, deleted',
    make: `handle=$(nft -a list chain inet haven_trial input | sed -n 's/.* ct direction original drop # handle //p')
      nft delete rule inet haven_trial input handle $handle`,
    said: ['firewall table haven_trial'],
    right: 'nft list chain inet haven_trial input | grep "ct direction original drop"',
  },
  {
    what: 'a service that the firewall closes although nothing is changing it',
    make: `nft add element inet haven_trial bridges '{ "elsewhere" }'`,
    said: ['firewall table haven_trial'],
    right: '! nft list set inet haven_trial bridges | grep elsewhere',
  },
];

test('nothing differs on a server that was just set up', async () => {
  assert.deepEqual(await serverDiffers(), []);
});

for (const { what, make, said, right } of changes)
  test(`${what} is named, and put right`, async () => {
    await onServer(make);
    assert.deepEqual(await serverDiffers(), said);
    // Its answer is that of a look. That nothing else is left shows the look of the next test.
    await putServerRight();
    await onServer(right);
  });

test('nothing differs on a server that was put right', async () => {
  assert.deepEqual(await serverDiffers(), []);
});

const differsOf = async (service: string): Promise<string[]> => {
  const { services } = (await server.agent(['look'])) as Look;
  return services.find((each) => each.service === service)?.differs ?? assert.fail(service);
};
const container = 'haven-calendar-radicale-1';
const network = 'haven-calendar-to-ldap';
/** Its containers as they run: one that was started again has another time. */
const running = () => onServer(`docker inspect -f '{{.Id}} {{.State.StartedAt}}' ${container}`);

/** Deploys the release that runs, as `up` does. */
async function deployAgain(): Promise<void> {
  const deployed = await server.setQuotas(calendar, {});
  assert.equal(deployed.code, 0, deployed.stderr);
}

const reference = () => calendar.release.images.IMAGE_RADICALE!;
const ofServices: { what: string; make: () => string; said: () => string; right: () => string }[] = [
  {
    what: 'an image that lost its name while it runs',
    make: () => `docker image rm --force ${reference()}`,
    said: () => `its image ${reference()} (without its name)`,
    right: () =>
      `test $(docker image inspect -f '{{.Id}}' ${reference()}) = $(docker inspect -f '{{.Image}}' ${container})`,
  },
  {
    what: 'a program that was disconnected from what it depends on',
    make: () => `docker network disconnect ${network} ${container}`,
    said: () => 'its network to ldap (not connected: calendar radicale)',
    right: () => `docker exec ${container} getent hosts ldap`,
  },
  {
    what: 'what a program depends on, disconnected from it',
    make: () => `docker network disconnect ${network} haven-ldap-slapd-1`,
    said: () => 'its network to ldap (not connected: ldap slapd)',
    right: () => `docker exec ${container} getent hosts ldap`,
  },
  {
    what: 'a network that was deleted',
    make: () =>
      `for each in ${container} haven-ldap-slapd-1; do docker network disconnect ${network} $each; done; docker network rm ${network}`,
    said: () => 'its network to ldap (missing)',
    right: () => `docker exec ${container} getent hosts ldap`,
  },
  {
    what: 'a network that leads to the internet',
    make: () =>
      `for each in ${container} haven-ldap-slapd-1; do docker network disconnect ${network} $each; done; docker network rm ${network}; docker network create ${network}`,
    said: () => 'its network to ldap (open to the internet)',
    right: () =>
      `test $(docker network inspect -f '{{.Internal}}' ${network}) = true; docker exec ${container} getent hosts ldap`,
  },
];

for (const { what, make, said, right } of ofServices)
  test(`${what} is named, and put right without an operation`, async () => {
    const before = await running();
    const operations = (await server.history('calendar')).length;
    await onServer(make());
    assert.deepEqual(await differsOf('calendar'), [said()]);
    await deployAgain();
    await onServer(right());
    assert.deepEqual(await differsOf('calendar'), []);
    assert.equal(await running(), before, 'its program runs as before');
    assert.equal((await server.history('calendar')).length, operations);
  });

test('an image that is gone is named; without a registry a deploy names it and changes nothing', async () => {
  await onServer(`docker stop ${container} && docker image save -o /root/image.tar ${reference()}`);
  await onServer(
    `docker image rm --force ${reference()} $(docker inspect -f '{{.Image}}' ${container}) || true`,
  );
  const gone = await onServer(
    `docker image inspect ${reference()} >/dev/null 2>&1 && echo here || echo gone`,
  );
  assert.equal(gone, 'gone');
  assert.deepEqual(await differsOf('calendar'), [`its image ${reference()} (missing)`]);
  const refused = await server.setQuotas(calendar, {});
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /The image \S+ is not on this server and can't be pulled/);
  await onServer(`docker image load -i /root/image.tar && docker start ${container}`);
  await deployAgain();
  assert.deepEqual(await differsOf('calendar'), []);
});
