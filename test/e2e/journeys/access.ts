import assert from 'node:assert/strict';
import { waitUntil } from '../../../system/wait-until.ts';
import { askLogin } from '../../support/login-admin.ts';
import { logIn } from '../../support/login-pages.ts';
import type { Typed } from '../../support/type-command.ts';
import { password, plannedPorts } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** Who may open a protected page, and where a login leads back to. */
export default (async (cloud, { step, after }) => {
  const { git, login, me, www } = cloud.hosts;
  const browser = await cloud.browser();
  after(() => browser.close());
  const page = await browser.newPage();

  await step('a stranger is led to the login, whatever they say of themselves', async () => {
    const claims = ['-H', 'X-Auth-Request-User: ada', '-H', 'X-Auth-Request-Groups: admins'];
    const seen = await cloud.answerTo(`https://${www}/page?a=b`, claims, '%{http_code} %{redirect_url}');
    assert.ok(seen.startsWith(`302 https://${www}/oauth2/start?rd=/page`), seen);
  });

  await step('a user who logs in sees the page, and is led nowhere else', async () => {
    await page.goto(`https://${www}/`);
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${www}/`);
    assert.equal(await page.textContent('h1'), 'It works');
    await page.goto(`https://${www}/oauth2/start?rd=https://evil.example/`);
    assert.doesNotMatch(new URL(page.url()).host, /evil/);
  });

  const protecting = 'ledger: { access: users, options: { behaviour: hang } }';
  let failing: Promise<Typed>;
  const clientsOf = async (...services: string[]): Promise<string[]> => {
    const clients = (await askLogin(cloud.machine, 'GET', 'clients?max=1000')) as { clientId: string }[];
    return services.filter((service) => clients.some(({ clientId }) => clientId === service));
  };

  await step('a user logs out at the portal', async () => {
    await page.goto(`https://${me}/`);
    await page.click('a[href*="sign_out"]');
    await page.click('#kc-logout');
    await page.waitForURL(`https://${me}/logged-out`);
  });

  await step('a change that would protect a service opens no port in its trial', async () => {
    // A release that hangs stays in trial until its time is over, or until it ends.
    cloud.owner.edit('ledger: {}', protecting);
    failing = cloud.owner.haven(['up', '--yes']);
    const operation = await cloud.begunOperation('ledger');
    const inTrial = async () => {
      const journal = await cloud.onServer('haven-agent history ledger');
      const entries = JSON.parse(journal) as { entry: string; op?: string; step?: string }[];
      return entries.some((each) => each.op === operation && each.entry === 'do' && each.step === 'start');
    };
    await waitUntil('the trial', inTrial, { everyMs: 500 });
    assert.deepEqual(await cloud.openPorts(), [plannedPorts, plannedPorts]);
    assert.equal(await cloud.openOperation('ledger'), operation, 'the trial lasted as long as the scan');
  });

  await step('when it fails, it is undone, and leaves no client at the login', async () => {
    await cloud.onServer('docker kill haven-ledger-app-1');
    assert.equal((await failing).code, 1);
    cloud.owner.edit(protecting, 'ledger: {}');
    assert.deepEqual(await clientsOf('ledger', 'portal'), ['portal']);
    // Secrets stay on the server until a service is removed with its data.
    await cloud.onServer('cd /srv/haven/secrets/ledger && rm oidc-secret* cookie-secret*');
  });

  await step('the session at the website ended, too, and no copy of the page is left', async () => {
    const isAsked = async () => {
      await page.goto(`https://${www}/`);
      return page.isVisible('#username');
    };
    // The session is renewed at the login every 15 seconds.
    await waitUntil('the login at the website', isAsked, { timeoutMs: 20_000, everyMs: 1000 });
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${www}/`);
  });

  await step('a page for administrators alone refuses other users', async () => {
    cloud.owner.edit('access: users', 'access: admins');
    await cloud.owner.must(['up', '--yes']);
    assert.equal((await page.goto(`https://${www}/`))?.status(), 403);
  });

  await step(
    'a website that becomes public has no client at the login, until it is protected again',
    async () => {
      const authProxies = () => cloud.onServer("docker ps --format '{{.Names}}' | grep auth-proxy | sort");
      assert.deepEqual(await clientsOf('portal', 'website'), ['portal', 'website']);
      cloud.owner.edit('access: admins', 'access: public');
      await cloud.owner.must(['up', '--yes']);
      assert.equal(await cloud.answerTo(`https://${www}/`), '200');
      assert.deepEqual(await clientsOf('portal', 'website'), ['portal']);
      assert.equal(await authProxies(), 'haven-portal-auth-proxy-1');
      cloud.owner.edit('access: public', 'access: users');
      await cloud.owner.must(['up', '--yes']);
      assert.equal(await cloud.answerTo(`https://${www}/`), '302');
      assert.deepEqual(await clientsOf('portal', 'website'), ['portal', 'website']);
      assert.equal((await page.goto(`https://${www}/`))?.status(), 200);
      assert.equal(await page.textContent('h1'), 'It works', 'users are let in again');
    },
  );

  await step('a login leads back to addresses of this cloud alone', async () => {
    const ask = (back: string) =>
      `https://${login}/realms/haven/protocol/openid-connect/auth?client_id=gitea&response_type=code&scope=openid&redirect_uri=${encodeURIComponent(back)}`;
    assert.equal(await cloud.answerTo(ask(`https://${git}/user/oauth2/haven/callback`)), '200');
    for (const back of [
      'https://evil.example/user/oauth2/haven/callback',
      `https://${git}.evil.example/user/oauth2/haven/callback`,
      `https://${git}/user/oauth2/haven/callback/../../../anything`,
      `http://${git}/user/oauth2/haven/callback`,
    ])
      assert.equal(await cloud.answerTo(ask(back)), '400', back);
  });
}) satisfies Journey;
