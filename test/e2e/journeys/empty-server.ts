import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../../cli/output/exit-codes.ts';
import { setInternetFaults } from '../../../sandbox/control.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import { EmptyServers, imagesBuiltOn, publishImages } from '../../support/empty-server.ts';
import type { Owner } from '../../support/owner.ts';
import { PackedOwner } from '../../support/packed-owner.ts';
import { publishedPlugins } from '../../support/publish-releases.ts';
import type { Journey } from '../journey.ts';

/**
 * A second cloud beside the first, from nothing, as outside a sandbox: its owner installs the package as an ordinary user
 * with nothing but Node, and downloads engine and plugins. Its server is as a data centre delivers it, without any image: it
 * pulls Debian's and upstream's by digest from the registries of the sandbox's internet, and builds ours on them. With the
 * login it takes minutes longer: test/crash/empty-server.test.ts.
 */
export default (async (_cloud, { step, after }) => {
  const domain = 'bought.test';
  const owner = await PackedOwner.install(domain);
  after(() => owner.forget());
  const servers = await EmptyServers.begin();
  after(() => servers.end());
  const images = await publishImages(['reverse-proxy', 'website']);

  /** How the engine and its plugins are, as doctor says. */
  const engineParts = async () => {
    const findings = await owner.json<{ name: string; state: string }[]>(['doctor']);
    return findings.filter(({ name }) => name.startsWith('Pulumi')).map(({ state }) => state);
  };

  await step('while a registry is away, nothing is bought, and no engine is downloaded', async () => {
    await setInternetFaults({ 'docker.io': 'unavailable' });
    after(() => setInternetFaults({ 'docker.io': null }));
    await owner.init();
    assert.ok(!existsSync(join(owner.directory, 'haven.lock')), 'init pins no image, and succeeds');
    assert.deepEqual(owner.releases.asked, []);
    const problems = await owner.problems(['up', '--yes', '--no-backups']);
    assert.ok(problems.length > 0);
    for (const { what } of problems) assert.match(what, /Docker Hub/);
    assert.equal(await servers.machine(), undefined);
    assert.deepEqual(await engineParts(), ['later', 'later', 'later', 'later']);
    await setInternetFaults({ 'docker.io': null });
  });

  await step('a changed service has the digests of its images in haven.lock at once', async () => {
    await owner.must(['service', 'add', 'website', '--option', 'title=Bought']);
    assert.deepEqual(bases(owner), images.digests);
  });

  await step('the first plan downloads the engine and its plugins, and says how far it is', async () => {
    const { code, stdout, stderr } = await owner.haven(['plan', '--json']);
    assert.equal(code, exitCodes.changes, `${stdout}${stderr}`);
    assert.match(stderr, /Pulumi engine 3\.\S+: downloading \d+ MB, once on this computer/);
    assert.match(stderr, /Pulumi engine 3\.\S+: (\d+) of \1 MB \(100 %\)/);
    for (const name of publishedPlugins)
      assert.match(stderr, new RegExp(`Pulumi plugin ${name} \\S+: 0\\.0 of 0\\.0 MB \\(100 %\\)`));
    assert.equal((JSON.parse(stdout) as { isSandbox: boolean }).isSandbox, false);
    assert.deepEqual(await engineParts(), ['found', 'found', 'found', 'found']);
    assert.doesNotMatch(owner.files().join('\n'), /\.part$|\.new$/m);
  });

  await step('without a place for backups, nothing is bought before the owner accepts that', async () => {
    const refused = await owner.haven(['up', '--yes']);
    assert.equal(refused.code, exitCodes.declined, `${refused.stdout}${refused.stderr}`);
    assert.match(refused.stderr, /no backups[\s\S]* Nothing was changed\. .*haven up --yes --no-backups/);
    const [page] = /[\w./-]+\/backups\.md/.exec(refused.stderr) ?? [];
    assert.ok(page && existsSync(join(owner.directory, page)), `${page} is a page of the package`);
    assert.equal(await servers.machine(), undefined);
  });

  const downloads = owner.releases.asked.length;
  await step('its server pulls by digest and builds, and the cloud serves', async () => {
    const up = await owner.must(['up', '--yes', '--no-backups']);
    assert.match(up.stdout, /2 images: \d+ MB to download, 2 built on the server\./);
    assert.equal((await lookAtWeb(`www.${domain}`)).status, 200);
    assert.deepEqual(bases(owner), images.digests);
    assert.deepEqual(await imagesBuiltOn((await servers.machine())!), images.built);
  });

  await step(
    'its status is good, a second plan shows no change, and nothing is downloaded twice',
    async () => {
      const status = await owner.json<{ service: string; good: boolean }[]>(['status']);
      assert.ok(status.some(({ service }) => service === 'website'));
      assert.equal((await owner.plan()).code, 0);
      assert.equal(owner.releases.asked.length, downloads);
    },
  );

  await step('destroyed with its data, it leaves nothing at the data centre', async () => {
    await owner.must(['destroy', '--with-data', '--confirm', domain]);
    assert.equal(await servers.machine(), undefined);
  });
}) satisfies Journey;

/** What haven.lock names of what images are built on. */
const bases = (owner: Owner): [string, string][] =>
  Object.entries((JSON.parse(owner.read('haven.lock')) as { bases: Record<string, string> }).bases).sort();
