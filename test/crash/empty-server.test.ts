import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chosenServices } from '../../core/config/dependencies.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { resetSandbox } from '../../sandbox/sandbox.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import { openBrowser } from '../support/browser.ts';
import { EmptyServers, imagesBuiltOn, type PublishedImages, publishImages } from '../support/empty-server.ts';
import { acceptInvitation, logIn } from '../support/login-pages.ts';
import { PackedOwner } from '../support/packed-owner.ts';

/**
 * A whole first cloud with its login on a server without any image, as outside a sandbox: it pulls Debian's and upstream's
 * images by digest, and builds all of ours, Keycloak's too, within the limit of memory that a build has. Nothing is killed
 * here; it takes minutes, most of them Keycloak's build. Prints how many. The journey empty-server has the rest, with a
 * website alone.
 */
const domain = 'bought.test';
const password = 'Correct-horse-battery-7';
let services: string[];
let images: PublishedImages;
let servers: EmptyServers;
let owner: PackedOwner;

before(async () => {
  const catalogue = await loadCatalogue();
  services = chosenServices({ services: { website: {}, miniflux: {} } }, catalogue);
  await resetSandbox(catalogue, { services });
  Object.assign(process.env, sandboxEnvironment());
  owner = await PackedOwner.install(domain);
  images = await publishImages(services);
  servers = await EmptyServers.begin();
});
after(() => owner?.forget());

test('an empty server builds every image of a cloud with its login, and serves', async (t) => {
  await owner.init({ services: ['website', 'miniflux'] });
  const { bases } = JSON.parse(owner.read('haven.lock')) as { bases: Record<string, string> };
  assert.deepEqual(Object.entries(bases).sort(), images.digests, 'init has pinned what is pulled');
  const began = Date.now();
  const up = await owner.must(['up', '--yes', '--no-backups']);
  t.diagnostic(`up: ${Math.round((Date.now() - began) / 1000)} s`);
  const { length } = images.built;
  const said = `${length} images: \\d+ MB to download, ${length} built on the server\\.`;
  assert.match(up.stdout, new RegExp(said));
  assert.deepEqual(await imagesBuiltOn((await servers.machine())!), images.built);
  assert.equal((await lookAtWeb(`www.${domain}`)).status, 200);
});

test('its first user comes in by an invitation: the portal, then Miniflux', async () => {
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

test('every service is well, a second plan shows no change, and nothing is left after destroy', async () => {
  const status = await owner.json<{ service: string }[]>(['status']);
  for (const id of services)
    assert.ok(
      status.some(({ service }) => service === id),
      id,
    );
  assert.equal((await owner.plan()).code, 0);
  await owner.must(['destroy', '--with-data', '--confirm', domain]);
  assert.equal(await servers.machine(), undefined);
});
