import assert from 'node:assert/strict';
import { network } from '../../../sandbox/machine/network.ts';
import { fromOutside } from '../../support/outside.ts';
import type { Journey } from '../journey.ts';

/** Who sees whom: visitors' addresses, bridges, neighbours. */
export default (async (cloud, { step }) => {
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

  await step('a neighbour cannot tell the portal that it is a user', async () => {
    const asks = `curl -s -m 5 -o /dev/null -w '%{http_code}' -H 'X-Auth-Request-Preferred-Username: ada'`;
    const asked = `docker exec haven-keycloak-keycloak-1 ${asks} http://portal:8080/app-passwords`;
    assert.equal(await cloud.onServer(asked), '403');
  });
}) satisfies Journey;
