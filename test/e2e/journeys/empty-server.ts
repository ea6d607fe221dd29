import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../../cli/output/exit-codes.ts';
import { chosenServices } from '../../../core/config/dependencies.ts';
import { sandboxState, setInternetFaults, setNewServers } from '../../../sandbox/control.ts';
import { publishUpstream } from '../../../sandbox/images/publish-upstream.ts';
import { debianName, publishDebian } from '../../../sandbox/images/published-debian.ts';
import { containerName } from '../../../sandbox/machine/container-name.ts';
import { docker } from '../../../sandbox/machine/docker.ts';
import { loadCatalogue } from '../../../services/catalogue.ts';
import { imageNeeds } from '../../../services/image-need.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import { openBrowser } from '../../support/browser.ts';
import { acceptInvitation, logIn } from '../../support/login-pages.ts';
import { PackedOwner } from '../../support/packed-owner.ts';
import { publishedPlugins } from '../../support/publish-releases.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** What its owner chooses; the login and what that needs come along. */
const chosen = { website: {}, miniflux: {} };

/**
 * A second cloud beside the first, from nothing, as outside a sandbox: its owner installs the package as an ordinary user
 * with nothing but Node, and downloads engine and plugins. Its server is as a data centre delivers it, without any image: it
 * pulls Debian's and upstream's by digest from the registries of the sandbox's internet, and builds ours on them, those of
 * the login too. Its first user comes in by an invitation.
 */
export default (async (_cloud, { step, after }) => {
  const domain = 'bought.test';
  const owner = await PackedOwner.install(domain);
  after(() => owner.forget());
  await setNewServers({ areEmpty: true });
  after(() => setNewServers({ areEmpty: false }));
  const before = await sandboxState();
  const newServer = async () => {
    const { servers } = (await sandboxState()).hetzner;
    return servers.find(({ id }) => before.hetzner.servers.every((each) => each.id !== id));
  };

  const published = new Map([[debianName, await publishDebian()]]);
  const catalogue = await loadCatalogue();
  const services = chosenServices({ services: chosen }, catalogue);
  const needs = imageNeeds(catalogue, services, {});
  for (const { build, reference } of needs) {
    const upstream = await publishUpstream(build!, reference);
    if (upstream) published.set(upstream.name, upstream.digest);
  }

  /** How the engine and its plugins are, as doctor says. */
  const engineParts = async () => {
    const findings = await owner.json<{ name: string; state: string }[]>(['doctor']);
    return findings.filter(({ name }) => name.startsWith('Pulumi')).map(({ state }) => state);
  };

  const basesInLock = () => {
    const { bases } = JSON.parse(owner.read('haven.lock')) as { bases: Record<string, string> };
    return Object.entries(bases).sort();
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
    assert.equal(await newServer(), undefined);
    assert.deepEqual(await engineParts(), ['later', 'later', 'later', 'later']);
    await setInternetFaults({ 'docker.io': null });
  });

  await step(
    'a service is added, and haven.lock has the digest of each image that servers pull',
    async () => {
      await owner.must(['service', 'add', 'miniflux']);
      assert.deepEqual(basesInLock(), [...published].sort());
    },
  );

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
    assert.equal(await newServer(), undefined);
  });

  const downloads = owner.releases.asked.length;
  await step('its server pulls by digest and builds, and the cloud serves', async () => {
    const up = await owner.must(['up', '--yes', '--no-backups']);
    const { length } = needs;
    assert.match(
      up.stdout,
      new RegExp(`${length} images: \\d+ MB to download, ${length} built on the server\\.`),
    );
    assert.equal((await lookAtWeb(`www.${domain}`)).status, 200);
    assert.deepEqual(basesInLock(), [...published].sort());
    const server = containerName(`server-${(await newServer())!.id}`);
    const format = '{{.Repository}}:{{.Tag}}';
    const { stdout } = await docker(['exec', server, 'docker', 'image', 'ls', '--format', format]);
    const there = stdout
      .trim()
      .split('\n')
      .filter((each) => each.startsWith('openhaven/'));
    assert.deepEqual(there.sort(), needs.map(({ reference }) => reference).sort());
  });

  await step('its first user comes in by an invitation: the portal, then Miniflux', async () => {
    const name = ['noor', '--given-name', 'Noor', '--surname', 'Test'];
    const { invitation } = await owner.json<{ invitation: { link: string } }>(['user', 'add', ...name]);
    const [me, news] = [`me.${domain}`, `news.${domain}`];
    const browser = await openBrowser([me, news, `login.${domain}`]);
    try {
      const page = await browser.newPage();
      await acceptInvitation(page, invitation.link, password);
      await page.goto(`https://${me}/`);
      await logIn(page, 'noor', password);
      await page.waitForURL(`https://${me}/`);
      await page.locator(`ul.cards a[href="https://${news}/"]`).waitFor();
      await page.goto(`https://${news}/oauth2/oidc/redirect`);
      await page.waitForURL(`https://${news}/unread`);
    } finally {
      await browser.close();
    }
  });

  await step(
    'its status is good, a second plan shows no change, and nothing is downloaded twice',
    async () => {
      const status = await owner.json<{ service: string; good: boolean }[]>(['status']);
      for (const id of services)
        assert.ok(
          status.some(({ service }) => service === id),
          id,
        );
      assert.equal((await owner.plan()).code, 0);
      assert.equal(owner.releases.asked.length, downloads);
    },
  );

  await step('destroyed with its data, it leaves nothing at the data centre', async () => {
    await owner.must(['destroy', '--with-data', '--confirm', domain]);
    assert.equal(await newServer(), undefined);
  });
}) satisfies Journey;
