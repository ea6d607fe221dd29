import assert from 'node:assert/strict';
import { network } from '../../../sandbox/machine/network.ts';
import { whatAccepts } from '../../support/neighbours.ts';
import { fromOutside } from '../../support/outside.ts';
import { plannedPorts } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** Who sees whom: open ports, visitors' addresses, bridges, neighbours. */
export default (async (cloud, { step }) => {
  await step('of all 65,535 ports exactly the planned ones answer, over IPv4 and IPv6', async () => {
    assert.deepEqual(await cloud.openPorts(), [plannedPorts, plannedPorts]);
  });

  await step("a visitor's true address reaches the service, over IPv4 and IPv6", async () => {
    const host = cloud.hosts.ledger;
    for (const [address, own] of [
      [cloud.ipv4, network.visitorIpv4],
      [`[${cloud.ipv6}]`, network.visitorIpv6],
    ] as const) {
      const resolve = ['--cacert', '/roots.pem', '--resolve', `${host}:443:${address}`];
      const seen = await fromOutside(['curl', '-sS', ...resolve, `https://${host}/seen-from`]);
      assert.equal(seen.stdout, own);
    }
  });

  await step(
    'every published port leads through the bridge of its own service, which is what a trial closes',
    async () => {
      const published = await cloud.onServer('iptables -t nat -S DOCKER');
      const targets = [...published.matchAll(/--to-destination ([\d.]+):(\d+)/g)];
      assert.ok(targets.length >= 8, published);
      for (const [, address] of targets)
        assert.match(await cloud.onServer(`ip route get ${address}`), / dev hv-[0-9a-f]{10} /);
    },
  );

  await step('a container reaches what its service depends on, and no neighbour', async () => {
    // A program that was broken into can try whatever listens on this server.
    const open = ['server 22', 'server 80', 'server 443', 'server 2222'];
    assert.deepEqual(await whatAccepts(cloud, 'haven-calendar-radicale-1'), [
      'haven-ldap-slapd-1 636',
      ...open.sort(),
    ]);
    assert.deepEqual(await whatAccepts(cloud, 'haven-ledger-app-1'), [
      'haven-ledger-db-1 5432',
      ...open.sort(),
    ]);
  });
}) satisfies Journey;
