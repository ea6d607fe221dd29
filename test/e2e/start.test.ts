import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stopSandbox } from '../../sandbox/sandbox.ts';
import { projectRoot } from '../../system/project-root.ts';
import { openBrowser } from '../support/browser.ts';
import { acceptInvitation, logIn } from '../support/login-pages.ts';
import { startVisitor } from '../support/outside.ts';

/** The README's first command, as a stranger types it. */
let invitation = '';
const home = mkdtempSync(join(tmpdir(), 'haven-start-'));
const env = {
  ...process.env,
  HAVEN_SANDBOX_CLOUD: join(home, 'cloud'),
  XDG_CONFIG_HOME: join(home, 'config'),
  NO_COLOR: '1',
};

function type(command: string, args: string[]): { code: number | null; text: string } {
  const done = spawnSync(command, args, {
    cwd: projectRoot,
    env,
    timeout: 400_000,
    maxBuffer: 64 * 1024 ** 2,
  });
  return { code: done.status, text: `${done.stdout}${done.stderr}` };
}
const start = () => type('npm', ['start', '--silent']);
/** In a terminal, where a question would be asked and waited for (script(1) makes one). */
const startInTerminal = () => type('script', ['-qec', 'stty cols 120 && npm start --silent', '/dev/null']);
const haven = (...args: string[]) => type('npm', ['run', '--silent', 'haven', '--', ...args]);

before(() => stopSandbox());
after(() => rmSync(home, { recursive: true, force: true }));

test('npm start builds a cloud, and says where it is, what to do next and what it cannot show', () => {
  const { code, text } = startInTerminal();
  assert.equal(code, 0, text);
  assert.match(text, /Your cloud stands, on this machine\./);
  assert.match(text, /https:\/\/www\.mycloud\.test\/ answers 200 .*; certificate of Pebble/);
  assert.match(text, /What this sandbox cannot show/);
  assert.match(text, /vaultwarden.* stub|stub.*vaultwarden/i, 'what is no Vaultwarden is not called one');
  invitation = /https:\/\/\S+action-token[^\s"]+/.exec(text)?.[0] ?? '';
  assert.ok(invitation, 'there is a link for its first user');
});

test('a real browser opens the website with a valid certificate, and plain HTTP leads to HTTPS', async () => {
  await startVisitor();
  const host = 'www.mycloud.test';
  const browser = await openBrowser([host]);
  try {
    const page = await browser.newPage();
    const answer = await page.goto(`https://${host}/`);
    assert.equal(answer?.status(), 200);
    assert.match((await answer?.securityDetails())?.issuer ?? '', /Pebble/);
    assert.equal(await page.textContent('h1'), 'It works');
    assert.equal((await page.goto(`http://${host}/`))?.url(), `https://${host}/`);
  } finally {
    await browser.close();
  }
});

test('its first user chooses a password, and that one login opens all of it', async () => {
  const names = ['git', 'login', 'me', 'vault'].map((each) => `${each}.mycloud.test`);
  const browser = await openBrowser(names);
  try {
    const page = await browser.newPage();
    await acceptInvitation(page, invitation, 'Correct-horse-battery-7');
    await page.goto('https://me.mycloud.test/');
    await logIn(page, 'you', 'Correct-horse-battery-7');
    await page.waitForURL('https://me.mycloud.test/');
    const links = await page
      .locator('ul.cards')
      .first()
      .locator('a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.deepEqual(links, [
      'https://git.mycloud.test/',
      'https://vault.mycloud.test/',
      'https://www.mycloud.test/',
    ]);
    await page.goto('https://git.mycloud.test/user/oauth2/haven');
    await page.waitForURL('https://git.mycloud.test/');
    await page.goto('https://vault.mycloud.test/');
    await page.click('a:has-text("Log in")');
    await page.waitForURL('https://vault.mycloud.test/vault');
    await page.goto('https://me.mycloud.test/status');
    const status = await page.innerText('main');
    for (const name of ['Vaultwarden', 'Gitea', 'LDAP', 'Reverse proxy', 'Login', 'Website'])
      assert.match(status, new RegExp(`${name}\\s+runs`), 'and who built the cloud administers it');
  } finally {
    await browser.close();
  }
});

test('a second npm start changes nothing and says so; commands find this cloud from anywhere', () => {
  const again = start();
  assert.equal(again.code, 0, again.text);
  assert.match(again.text, /No change: everything is as haven\.yaml says/);
  const plan = haven('plan');
  assert.equal(plan.code, 0, plan.text);
  assert.match(plan.text, /this is the sandbox cloud in/);
  const logs = haven('logs', 'website', '--lines', '5');
  assert.equal(logs.code, 0, logs.text);
  const ssh = haven('ssh', 'cat', '/etc/debian_version');
  assert.match(ssh.text, /^13\./m);
});

test('switched off and on again it is the same cloud', () => {
  const off = haven('sandbox', 'stop');
  assert.equal(off.code, 0, off.text);
  const links = spawnSync('ip', ['link', 'show', 'haven-sandbox']);
  assert.notEqual(links.status, 0, 'its network is gone');
  assert.match(haven('plan').text, /the sandbox is not running|there is no haven\.yaml here/);
  const on = start();
  assert.equal(on.code, 0, on.text);
  assert.match(on.text, /No change: everything is as haven\.yaml says/);
  assert.match(on.text, /https:\/\/www\.mycloud\.test\/ answers 200/);
});
