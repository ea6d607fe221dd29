import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { ServiceStatus } from '../../cli/health/look-at-services.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { network } from '../../sandbox/machine/network.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { openBrowser } from '../support/browser.ts';
import { firstServer } from '../support/first-server.ts';
import { GitClient } from '../support/git.ts';
import { acceptInvitation, enterKey, logIn, makeRepository } from '../support/login-pages.ts';
import { fromOutside, openPorts, startVisitor } from '../support/outside.ts';
import { Owner } from '../support/owner.ts';

/** A service with users, used as they use it: a browser, git over HTTPS and over SSH. */
const domain = 'makers.test';
const host = `git.${domain}`;
const password = 'Correct-horse-battery-7';

let owner: Owner;
let git: GitClient;
let machine = '';
let ipv4 = '';
let ipv6 = '';

before(async () => {
  owner = await Owner.begin(domain);
  await owner.init({ services: ['gitea', 'website'] });
  // So that the login stays when Gitea goes.
  owner.edit('website: {}', 'website:\n    access: users');
  await owner.must(['up', '--yes']);
  ({ machine, ipv4, ipv6 } = await firstServer());
  git = new GitClient(host, ipv4);
  await startVisitor();
});
after(() => {
  git?.forget();
  owner?.forget();
});

let token = '';
const https = () => `https://ada:${token}@${host}/ada/notes.git`;
const ssh = `ssh://git@${host}:2222/ada/notes.git`;
const giteaLog = async () => (await owner.must(['logs', 'gitea', '--lines', '2000'])).stdout;

/** How a service is, by what the server keeps for its pages. */
async function shownByPages(service: string): Promise<string | undefined> {
  const kept = await onMachine(machine, ['cat', '/srv/haven/status/status.json']);
  const { services } = JSON.parse(kept.stdout) as { services: { id: string; state: string }[] };
  return services.find(({ id }) => id === service)?.state;
}

test('haven exec reaches its own administration tool, with exit code, input and output', async () => {
  const user = ['--username', 'bot', '--password', password, '--email', 'bot@example.org'];
  const command = ['gitea', 'admin', 'user', 'create', ...user, '--must-change-password=false'];
  await owner.must(['exec', 'gitea', '--', ...command]);
  assert.match((await owner.must(['exec', 'gitea', '--', 'gitea', '--version'])).stdout, /version 1\.25\.5 /);
  const again = await owner.haven(['exec', 'gitea', '--', ...command]);
  assert.equal(again.code, 1, 'the command’s own exit code');
  const piped = await owner.haven(
    ['exec', 'gitea', '--container', 'db', '--', 'psql', '-U', 'postgres', '-tA', 'gitea'],
    {
      input: 'select count(*) from "user" where lower_name = \'bot\';\n',
    },
  );
  assert.equal(piped.stdout.trim(), '1');
  const none = await owner.haven(['exec', 'gitae', '--', 'ls']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /there is no service "gitae" here.*reverse-proxy, .*gitea/);
});

test('a repository is made in a real browser, and nobody can sign up', async () => {
  const typed = ['user', 'add', 'ada', '--given-name', 'Ada', '--surname', 'Lovelace'];
  const link = /https:\/\/\S+action-token\S+/.exec((await owner.must(typed)).stdout)![0];
  const browser = await openBrowser([host, `login.${domain}`]);
  try {
    const page = await browser.newPage();
    await page.goto(`https://${host}/user/sign_up`);
    assert.match((await page.textContent('body')) as string, /Registration is disabled/);
    await acceptInvitation(page, link, password);
    await page.goto(`https://${host}/user/login`);
    assert.equal(await page.$('#password'), null, 'Gitea asks for no password of its own');
    await page.click('text=Sign in with haven');
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${host}/`);
    const styled = await page.evaluate(() => getComputedStyle(document.querySelector('#navbar')!).display);
    assert.equal(styled, 'flex', 'its own style sheet is there');
    await makeRepository(page, host, 'ada', 'notes');
    await enterKey(page, host, readFileSync(git.publicKeyFile, 'utf8'));
  } finally {
    await browser.close();
  }
  const make = ['gitea', 'admin', 'user', 'generate-access-token', '-u', 'ada', '--scopes', 'all', '--raw'];
  token = (await owner.must(['exec', 'gitea', '--', ...make])).stdout.trim();
});

test('it is cloned and pushed to over HTTPS and over SSH', async () => {
  await git.must(['init', '-q', '-b', 'main', 'notes']);
  await git.must(['remote', 'add', 'origin', https()], { folder: 'notes' });
  await git.commit('notes', 'over-https.md', 'one\n');
  await git.must(['push', '-q', 'origin', 'main'], { folder: 'notes' });
  await git.must(['clone', '-q', ssh, 'by-ssh']);
  const pushed = await git.commit('by-ssh', 'over-ssh.md', 'two\n');
  await git.must(['push', '-q', 'origin', 'main'], { folder: 'by-ssh', ssh: ipv6 });
  await git.must(['pull', '-q', 'origin', 'main'], { folder: 'notes' });
  assert.equal((await git.must(['rev-parse', 'HEAD'], { folder: 'notes' })).trim(), pushed);
});

test("the client's true address is in Gitea's log, over HTTPS and SSH, IPv4 and IPv6", async () => {
  const urls = [`https://${host}/by-v4`, `https://${host}/by-v6`];
  for (const [url, address] of [
    [urls[0]!, ipv4],
    [urls[1]!, `[${ipv6}]`],
  ] as const)
    await fromOutside(['curl', '-s', '--cacert', '/roots.pem', '--resolve', `${host}:443:${address}`, url]);
  // A name that nobody has is refused, and who tried is written down.
  const knock = (address: string) =>
    fromOutside([
      'sh',
      '-c',
      `test -f /tmp/k || ssh-keygen -q -t ed25519 -N "" -f /tmp/k; ssh -o StrictHostKeyChecking=no -o BatchMode=yes -i /tmp/k -p 2222 git@${address} true`,
    ]);
  await knock(ipv4);
  await knock(ipv6);
  const v4 = network.visitorIpv4.replaceAll('.', '\\.');
  const v6 = network.visitorIpv6;
  const expected = [
    new RegExp(`\\| \\S+ ${v4} - - .*"GET /by-v4`),
    new RegExp(`\\| \\S+ ${v6} - - .*"GET /by-v6`),
    new RegExp(`Failed authentication attempt from ${v4}:`),
    new RegExp(`Failed authentication attempt from \\[${v6}\\]:`),
  ];
  const log = await waitUntil('the log to have the last of them', async () => {
    const text = await giteaLog();
    return expected[3]!.test(text) ? text : undefined;
  });
  for (const line of expected) assert.match(log, line);
});

test('nothing is open to the world but what the plan says', async () => {
  assert.deepEqual(await openPorts(ipv4), [22, 80, 443, 2222]);
});

test('attachments and LFS objects lie on the volume', async () => {
  const body = { operation: 'upload', transfers: ['basic'], objects: [{ oid: lfsId, size: lfsText.length }] };
  const batch = await curl('POST', '/ada/notes.git/info/lfs/objects/batch', {
    type: 'application/vnd.git-lfs+json',
    text: JSON.stringify(body),
  });
  const { actions } = (
    JSON.parse(batch) as {
      objects: { actions: { upload: { href: string; header: Record<string, string> } } }[];
    }
  ).objects[0]!;
  const path = new URL(actions.upload.href).pathname;
  await curl('PUT', path, {
    type: 'application/octet-stream',
    text: lfsText,
    authorization: actions.upload.header.Authorization!,
  });
  await curl('POST', '/api/v1/repos/ada/notes/issues', { type: 'application/json', text: '{"title":"a"}' });
  await curl('POST', '/api/v1/repos/ada/notes/issues/1/assets?name=b.txt', {
    form: 'attachment=@/etc/debian_version',
  });
  const { stdout } = await onMachine(machine, [
    'sh',
    '-c',
    'cd /srv/haven/services/gitea/data/files && find git/lfs data/attachments -type f',
  ]);
  assert.equal(stdout.trim().split('\n').length, 2, stdout);
});

test('restart, stop and start do what they say, and off stays off through up', async () => {
  await owner.must(['restart', 'gitea']);
  assert.equal(await shownByPages('gitea'), 'up');
  await owner.must(['stop', 'gitea']);
  assert.equal(await shownByPages('gitea'), 'off', 'at once, not with the next minute');
  const look = await fromOutside([
    'curl',
    '-s',
    '--cacert',
    '/roots.pem',
    '--resolve',
    `${host}:443:${ipv4}`,
    `https://${host}/`,
  ]);
  assert.match(look.stdout, /This service is switched off/);
  assert.match((await git.git(['ls-remote', ssh])).stderr, /Connection refused|closed by remote/i);
  const status = JSON.parse((await owner.must(['status', '--json'])).stdout) as ServiceStatus[];
  assert.match(
    status.find((each) => each.service === 'gitea')!.evidence,
    /is switched off.*haven start gitea/,
  );
  assert.equal((await owner.plan()).lines.length, 0, 'off is no drift');
  owner.edit('gitea: {}', 'gitea:\n    options:\n      title: Workshop');
  await owner.must(['up', '--yes']);
  assert.match(
    (await git.git(['ls-remote', ssh])).stderr,
    /Connection refused|closed by remote/i,
    'still off',
  );
  await owner.must(['start', 'gitea']);
  assert.equal(await shownByPages('gitea'), 'up');
  await git.must(['ls-remote', ssh]);
  const page = await fromOutside([
    'curl',
    '-s',
    '--cacert',
    '/roots.pem',
    '--resolve',
    `${host}:443:${ipv4}`,
    `https://${host}/user/login`,
  ]);
  assert.match(page.stdout, /Workshop/, 'the change was made while it was off');
});

test('taken out and added again it has its data; taken out with its data it is empty', async () => {
  const listed = JSON.parse((await owner.must(['service', 'list', '--json'])).stdout) as {
    id: string;
    chosen: boolean;
  }[];
  assert.equal(listed.find((each) => each.id === 'gitea')?.chosen, true);
  const facts = (await owner.must(['service', 'info', 'gitea'])).stdout;
  assert.match(facts, /port 2222[\s\S]*PostgreSQL[\s\S]*signInToSee/);
  await owner.must(['service', 'remove', 'gitea']);
  await owner.must(['up', '--yes']);
  assert.equal((await git.git(['ls-remote', ssh])).code, 128);
  assert.deepEqual(await openPorts(ipv4), [22, 80, 443], 'its port is closed with it');
  await owner.must(['service', 'add', 'gitea', '--option', 'title=Again']);
  await owner.must(['up', '--yes']);
  assert.match(await git.must(['ls-remote', ssh]), /refs\/heads\/main/);

  const unsure = await owner.haven(['service', 'remove', 'gitea', '--with-data']);
  assert.equal(unsure.code, 1);
  assert.match(unsure.stderr, /Nothing was changed.*--confirm gitea/);
  await owner.must(['service', 'remove', 'gitea', '--with-data', '--confirm', 'gitea']);
  const { stdout } = await onMachine(machine, [
    'sh',
    '-c',
    'ls /srv/haven/services /srv/haven/secrets /srv/haven/journal',
  ]);
  assert.doesNotMatch(stdout, /gitea/);
  const mistyped = await owner.haven(['service', 'add', 'giteaa']);
  assert.match(mistyped.stderr, /Did you mean "gitea"/);
});

const lfsText = 'a large file, had it been one\n';
const lfsId = createHash('sha256').update(lfsText).digest('hex');

/** Asks Gitea as ada, from outside; throws unless the answer is a success. */
async function curl(
  method: string,
  path: string,
  {
    type,
    text,
    form,
    authorization,
  }: { type?: string; text?: string; form?: string; authorization?: string },
): Promise<string> {
  const headers = [
    ...(type ? ['-H', `Content-Type: ${type}`, '-H', `Accept: ${type}`] : []),
    ...(authorization ? ['-H', `Authorization: ${authorization}`] : ['-u', `ada:${token}`]),
  ];
  const body = [...(text === undefined ? [] : ['--data-binary', text]), ...(form ? ['-F', form] : [])];
  const resolve = ['--cacert', '/roots.pem', '--resolve', `${host}:443:${ipv4}`];
  const done = await fromOutside([
    'curl',
    '-sS',
    '--fail-with-body',
    '-X',
    method,
    ...headers,
    ...body,
    ...resolve,
    `https://${host}${path}`,
  ]);
  assert.equal(done.code, 0, `${method} ${path}: ${done.stdout}`);
  return done.stdout;
}
