import assert from 'node:assert/strict';
import { sandboxState, setInternetFaults, setNewServers } from '../../../sandbox/control.ts';
import { publishUpstream } from '../../../sandbox/images/publish-upstream.ts';
import { debianName, publishDebian } from '../../../sandbox/images/published-debian.ts';
import { containerName } from '../../../sandbox/machine/container-name.ts';
import { docker } from '../../../sandbox/machine/docker.ts';
import { loadCatalogue } from '../../../services/catalogue.ts';
import { imageNeeds } from '../../../services/image-need.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import { Owner } from '../../support/owner.ts';
import type { Journey } from '../journey.ts';

/**
 * A second cloud beside the first, on a server as a data centre delivers it: without any image. It pulls Debian's and
 * upstream's by digest from the registries of the sandbox's internet, and builds ours on them.
 */
export default (async (_cloud, { step, after }) => {
  const domain = 'bought.test';
  const owner = await Owner.beside(domain, [], { bringsImages: false });
  after(() => owner.forget());
  await setNewServers({ areEmpty: true });
  after(() => setNewServers({ areEmpty: false }));
  const before = await sandboxState();
  const newServer = async () => {
    const { servers } = (await sandboxState()).hetzner;
    return servers.find(({ id }) => before.hetzner.servers.every((each) => each.id !== id));
  };

  const published = new Map([[debianName, await publishDebian()]]);
  const services = ['reverse-proxy', 'website'];
  for (const { build, reference } of imageNeeds(await loadCatalogue(), services, {})) {
    const upstream = await publishUpstream(build!, reference);
    if (upstream) published.set(upstream.name, upstream.digest);
  }

  await step('while a registry is away, nothing is bought', async () => {
    await owner.init();
    await setInternetFaults({ 'docker.io': 'unavailable' });
    after(() => setInternetFaults({ 'docker.io': null }));
    const problems = await owner.problems(['up', '--yes']);
    assert.ok(problems.length > 0);
    for (const { what } of problems) assert.match(what, /Docker Hub/);
    assert.equal(await newServer(), undefined);
    await setInternetFaults({ 'docker.io': null });
  });

  await step('its server pulls by digest and builds, and the cloud serves', async () => {
    const up = await owner.must(['up', '--yes']);
    assert.match(up.stdout, /2 images: \d+ MB to download, 2 built on the server\./);
    assert.equal((await lookAtWeb(`www.${domain}`)).status, 200);
    const { bases } = JSON.parse(owner.read('haven.lock')) as { bases: Record<string, string> };
    assert.deepEqual(Object.entries(bases).sort(), [...published].sort());
    const server = containerName(`server-${(await newServer())!.id}`);
    const format = '{{.Repository}}:{{.Tag}}';
    const { stdout } = await docker(['exec', server, 'docker', 'image', 'ls', '--format', format]);
    const there = stdout
      .trim()
      .split('\n')
      .filter((each) => each.startsWith('openhaven/'));
    assert.deepEqual(there.map((each) => each.replace(/:.*/, '')).sort(), [
      'openhaven/caddy',
      'openhaven/haproxy',
    ]);
    assert.equal((await owner.plan()).code, 0);
  });

  await step('destroyed with its data, it leaves nothing at the data centre', async () => {
    await owner.must(['destroy', '--with-data', '--confirm', domain]);
    assert.equal(await newServer(), undefined);
  });
}) satisfies Journey;
