import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { exitCodes } from '../../../cli/output/exit-codes.ts';
import { network } from '../../../sandbox/machine/network.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { logIn } from '../../support/login-pages.ts';
import { openGitea } from '../../support/member.ts';
import { fromOutside } from '../../support/outside.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';

/** Gitea as its users use it: a browser, git over HTTPS and over SSH, files that are large. */
export default (async (cloud, { step, after }) => {
  const { ada, owner } = cloud;
  const host = cloud.hosts.git;

  await step('haven exec reaches its own tools, with exit code, input and output', async () => {
    const version = await owner.must(['exec', 'gitea', '--', 'gitea', '--version']);
    assert.match(version.stdout, /version \d+\.\d+\.\d+ /);
    assert.equal((await owner.haven(['exec', 'gitea', '--', 'sh', '-c', 'exit 7'])).code, 7);
    const piped = await owner.must(
      ['exec', 'gitea', '--container', 'db', '--', 'psql', '-U', 'postgres', '-tA', 'gitea'],
      { input: 'select count(*) from "user" where lower_name = \'ada\';\n' },
    );
    assert.equal(piped.stdout.trim(), '1');
    const none = await owner.haven(['exec', 'gitae', '--', 'ls']);
    assert.equal(none.code, exitCodes.usage);
    assert.match(none.stderr, /gitae/);
  });

  await step('its pages ask for no password of their own, and nobody can sign up', async () => {
    const browser = await cloud.browser();
    after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`https://${host}/user/sign_up`);
    assert.equal(await page.$('#password'), null);
    await page.goto(`https://${host}/user/login`);
    assert.equal(await page.$('#password'), null);
    await page.click('a[href*="/user/oauth2/"]');
    await logIn(page, 'ada', password);
    await page.waitForURL(`https://${host}/`);
    const styled = await page.evaluate(() => getComputedStyle(document.querySelector('#navbar')!).display);
    assert.equal(styled, 'flex', 'its own style sheet is there');
  });

  await step('a user who is in "admins" administers it, and no longer after leaving', async () => {
    const level = async () => {
      const browser = await cloud.browser();
      try {
        const page = await browser.newPage();
        await openGitea(page, cloud, 'ada');
        return (await page.goto(`https://${host}/-/admin`))?.status();
      } finally {
        await browser.close();
      }
    };
    assert.equal(await level(), 403);
    await owner.must(['user', 'groups', 'ada', '--join', 'admins', '--yes']);
    assert.equal(await level(), 200);
    await owner.must(['user', 'groups', 'ada', '--leave', 'admins']);
    assert.equal(await level(), 403);
  });

  await step('what is pushed over HTTPS is cloned over SSH, and back', async () => {
    await ada.git.commit('notes', 'over-https.md', 'two\n');
    await ada.git.must(['push', '-q', ada.https, 'main'], { folder: 'notes' });
    await ada.git.must(['clone', '-q', ada.ssh, 'by-ssh']);
    const pushed = await ada.git.commit('by-ssh', 'over-ssh.md', 'three\n');
    await ada.git.must(['push', '-q', 'origin', 'main'], { folder: 'by-ssh', ssh: cloud.ipv6 });
    await ada.git.must(['pull', '-q', ada.https, 'main'], { folder: 'notes' });
    assert.equal((await ada.git.must(['rev-parse', 'HEAD'], { folder: 'notes' })).trim(), pushed);
  });

  await step('attachments and large files are on the volume', async () => {
    const text = 'a large file, had it been one\n';
    const oid = createHash('sha256').update(text).digest('hex');
    const type = 'application/vnd.git-lfs+json';
    const batch = await cloud.pageAt(`https://${host}/ada/${ada.repository}.git/info/lfs/objects/batch`, [
      ...['-u', `ada:${ada.token}`, '-H', `Content-Type: ${type}`, '-H', `Accept: ${type}`, '-d'],
      JSON.stringify({ operation: 'upload', transfers: ['basic'], objects: [{ oid, size: text.length }] }),
    ]);
    const { objects } = JSON.parse(batch) as {
      objects: { actions: { upload: { href: string; header: { Authorization: string } } } }[];
    };
    const { href, header } = objects[0]!.actions.upload;
    const headers = [
      '-H',
      `Authorization: ${header.Authorization}`,
      '-H',
      'Content-Type: application/octet-stream',
    ];
    assert.equal(await cloud.answerTo(href, ['-X', 'PUT', ...headers, '--data-binary', text]), '200');
    await ada.ask('POST', `/repos/ada/${ada.repository}/issues`, { title: 'a' });
    const assets = `https://${host}/api/v1/repos/ada/${ada.repository}/issues/1/assets?name=b.txt`;
    const form = ['-u', `ada:${ada.token}`, '-F', 'attachment=@/etc/debian_version'];
    assert.equal(await cloud.answerTo(assets, form), '201');
    const kept = await cloud.onServer(
      'cd /srv/haven/services/gitea/data/files && find git/lfs data/attachments -type f | wc -l',
    );
    assert.equal(kept, '2');
  });

  await step("the client's true address is in its log, over HTTPS and SSH, IPv4 and IPv6", async () => {
    for (const [path, address] of [
      ['by-v4', cloud.ipv4],
      ['by-v6', `[${cloud.ipv6}]`],
    ] as const) {
      const resolve = ['--resolve', `${host}:443:${address}`];
      await fromOutside(['curl', '-s', '--cacert', '/roots.pem', ...resolve, `https://${host}/${path}`]);
    }
    // A name that nobody has is refused, and who tried is written down.
    const options = '-o StrictHostKeyChecking=no -o BatchMode=yes -i /tmp/k -p 2222';
    await fromOutside(['sh', '-c', 'test -f /tmp/k || ssh-keygen -q -t ed25519 -N "" -f /tmp/k']);
    for (const address of [cloud.ipv4, cloud.ipv6])
      await fromOutside(['sh', '-c', `ssh ${options} git@${address} true`]);
    const v4 = network.visitorIpv4.replaceAll('.', '\\.');
    const v6 = network.visitorIpv6;
    const expected = [
      new RegExp(`\\| \\S+ ${v4} - - .*"GET /by-v4`),
      new RegExp(`\\| \\S+ ${v6} - - .*"GET /by-v6`),
      new RegExp(`Failed authentication attempt from ${v4}:`),
      new RegExp(`Failed authentication attempt from \\[${v6}\\]:`),
    ];
    await waitUntil('all four to be in the log', async () => {
      const log = (await owner.must(['logs', 'gitea', '--lines', '2000'])).stdout;
      return expected.every((line) => line.test(log));
    });
  });
}) satisfies Journey;
