import assert from 'node:assert/strict';
import { onMachine } from '../../../sandbox/machine/machine.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { askLogin } from '../../support/login-admin.ts';
import { openGitea } from '../../support/member.ts';
import type { Journey } from '../journey.ts';

/** What `haven status` finds, and what users keep while the login is down. */
export default (async (cloud, { step, after }) => {
  const { ada, owner } = cloud;
  const { git, vault } = cloud.hosts;

  await step(
    'every service with pages answers through the reverse proxy with a valid certificate',
    async () => {
      const { code, of } = await cloud.status(['--logins']);
      assert.equal(code, 0);
      for (const service of ['calendar', 'gitea', 'keycloak', 'ledger', 'portal', 'vaultwarden', 'website'])
        assert.ok(of(service).every((each) => each.good) && of(service)[0]?.url, service);
      for (const service of ['gitea', 'vaultwarden'])
        assert.equal(of(service).length, 2, `a login to ${service} was tried`);
    },
  );

  await step('a clock that is an hour wrong is red', async () => {
    const hourAhead = 'const real = Date.now; Date.now = () => real() + 3_600_000;';
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hourAhead)}` };
    const seen = await owner.haven(['status'], { env });
    assert.equal(seen.code, 1);
    assert.match(seen.stdout, /clock .*60 min/);
  });

  await step('a login that was broken at its own console is found, and named', async () => {
    const [client] = (await askLogin(cloud.machine, 'GET', 'clients?clientId=gitea')) as { id: string }[];
    await askLogin(cloud.machine, 'PUT', `clients/${client!.id}`, { ...client, enabled: false });
    const broken = await cloud.status(['--logins']);
    await askLogin(cloud.machine, 'PUT', `clients/${client!.id}`, { ...client, enabled: true });
    assert.equal(broken.code, 1);
    assert.ok(broken.of('gitea').some((each) => !each.good));
    assert.ok(broken.of('vaultwarden').every((each) => each.good));
    assert.equal((await cloud.status(['--logins'])).code, 0);
  });

  await step('with the login down, users who are in stay in, and the owner gets to the server', async () => {
    const browser = await cloud.browser();
    after(() => browser.close());
    const page = await browser.newPage();
    await openGitea(page, cloud, 'ada');
    await page.goto(`https://${vault}/log-in`);
    await page.waitForURL(`https://${vault}/vault`);
    await onMachine(cloud.machine, ['docker', 'stop', '-t', '5', 'haven-keycloak-keycloak-1']);
    try {
      assert.equal((await page.goto(`https://${git}/user/settings`))?.status(), 200);
      await page.goto(`https://${vault}/vault`);
      assert.equal(new URL(page.url()).pathname, '/vault');
      assert.ok(await ada.tokenWorks());
      await ada.git.must(['ls-remote', ada.ssh]);
      const red = await cloud.status();
      assert.equal(red.code, 1);
      assert.equal(red.of('keycloak')[0]?.good, false);
      await owner.must(['ssh', 'true']);
    } finally {
      await onMachine(cloud.machine, ['docker', 'start', 'haven-keycloak-keycloak-1']);
    }
    await waitUntil('logins to work again', async () => (await cloud.status(['--logins'])).code === 0, {
      timeoutMs: 90_000,
    });
  });
}) satisfies Journey;
