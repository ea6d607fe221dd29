import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { protocol } from '../../core/operations/protocol.ts';
import { engineVersion } from '../../engine/engine-root.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import { pluginOf } from '../../engine/ensure-plugins.ts';
import { engineRelease, pluginRelease } from '../../engine/release.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { listenHetznerEmulator } from '../../sandbox/emulators/hetzner/listen.ts';
import { trustFile } from '../../sandbox/host/paths.ts';
import { publishUpstream } from '../../sandbox/images/publish-upstream.ts';
import { publishDebian } from '../../sandbox/images/published-debian.ts';
import { network } from '../../sandbox/machine/network.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageReferences } from '../../services/context-hash.ts';
import { buildPackage } from '../../setup/build.ts';
import { projectRoot } from '../../system/project-root.ts';
import { openInternet } from '../support/internet.ts';
import { openLab } from '../support/lab.ts';
import { OrdinaryUser } from '../support/ordinary-user.ts';
import { ReleaseServer } from '../support/release-server.ts';
import { scratch } from '../support/scratch.ts';

const out = await buildPackage(join(projectRoot, 'dist', 'tested'));
after(() => rmSync(out, { recursive: true, force: true }));

/** The published package: compiled, without a line of TypeScript, it does what the checkout does. */
test('the package starts, knows the same services and images, and writes the same haven.yaml', async () => {
  const home = mkdtempSync(join(tmpdir(), 'haven-package-'));
  try {
    const haven = (bin: string, ...args: string[]) => {
      const env = { ...process.env, XDG_CONFIG_HOME: join(home, bin.length.toString()), NO_COLOR: '1' };
      const done = spawnSync(process.execPath, [join(bin, 'cli/bin.mjs'), ...args], { cwd: home, env });
      return { code: done.status, text: `${done.stdout}${done.stderr}` };
    };
    const files = spawnSync('find', [
      out,
      '-name',
      '*.ts',
      '!',
      '-name',
      '*.d.ts',
      '!',
      '-path',
      '*/images/*',
    ]).stdout.toString();
    assert.equal(files, '');
    assert.equal(haven(out, '--help').text, haven(projectRoot, '--help').text);

    const about = ['--domain', 'club.example.org', '--dns', 'manual', '--owner-name', 'Ada'];
    const init = (bin: string, directory: string) =>
      haven(bin, 'init', '--directory', directory, ...about, '--owner-email', 'ada@example.com');
    const ours = init(out, 'packaged');
    assert.equal(ours.code, 0, ours.text);
    assert.equal(init(projectRoot, 'checkout').code, 0);
    const read = (directory: string) =>
      readFileSync(join(home, directory, 'haven.yaml'), 'utf8').replace(/^id: .*$/m, 'id');
    assert.equal(read('packaged'), read('checkout'));
    const refused = init(out, 'packaged');
    assert.equal(refused.code, 1);
    assert.match(refused.text, /already exists: you have a cloud here\. Nothing was changed/);

    // The release of the same file must be the same, or every change of how haven is installed would touch a server.
    const { imageReferences: packaged } = (await import(join(out, 'services/context-hash.js'))) as {
      imageReferences: typeof imageReferences;
    };
    const { loadCatalogue: load } = (await import(join(out, 'services/catalogue.js'))) as {
      loadCatalogue: typeof loadCatalogue;
    };
    assert.deepEqual(packaged(await load()), imageReferences(await loadCatalogue()));
    const agent = spawnSync(process.execPath, [join(out, 'agent/agent.mjs'), 'hello']);
    assert.equal((JSON.parse(String(agent.stdout)) as { protocol: number }).protocol, protocol);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

/** Pulumi's releases as they are published: this machine's engine, and stubs of the plugins that come with the package. */
async function publishReleases(user: OrdinaryUser): Promise<ReleaseServer> {
  const server = await ReleaseServer.listen();
  const engine = engineRelease(engineVersion)!;
  const program = readFileSync(join(await ensureEngine(), 'bin', 'pulumi-engine'));
  const list = `/sdk/${engine.checksums}`;
  await server.publish(`/sdk/${engine.archive}`, { 'pulumi/pulumi': program }, { list });
  for (const name of ['hcloud', 'command', 'cloudflare']) {
    const { archive, checksums } = pluginRelease(pluginOf(name))!;
    const start = `#!/bin/sh\nexec "$HAVEN_NODE" '${join(user.package, 'sandbox/plugins', `${name}.js`)}' "$@"\n`;
    const algorithm = name === 'command' ? 'sha256' : 'sha1';
    const published = { list: `/plugins/${checksums}`, algorithm } as const;
    await server.publish(
      `/plugins/${archive}`,
      { [`pulumi-resource-${name}`]: start, LICENSE: '' },
      published,
    );
  }
  return server;
}

/**
 * Registries with what the website is built on. Answers with the variables that lead a program of the user to them, and
 * with what ends them.
 */
async function openRegistries(
  user: OrdinaryUser,
): Promise<{ environment: Record<string, string>; close: () => Promise<void> }> {
  const lab = await openLab(['website']);
  const close = await openInternet(lab);
  await publishDebian();
  await publishUpstream('images/caddy', lab.images.website!.web!);
  const trust = join(user.home, 'registries.pem');
  copyFileSync(trustFile, trust);
  chmodSync(trust, 0o644);
  return { environment: { HAVEN_RESOLVER: network.internetIpv4, HAVEN_ACME_TRUST: trust }, close };
}

test('an ordinary user with nothing but Node installs the tarball, and runs init, doctor and plan', async (t) => {
  const folder = scratch('pack');
  const packed = spawnSync('npm', ['pack', out, '--silent'], { cwd: folder, encoding: 'utf8' });
  assert.equal(packed.status, 0, packed.stderr);
  const user = await OrdinaryUser.install(join(folder, packed.stdout.trim()));
  const server = await publishReleases(user);
  const hetzner = await listenHetznerEmulator();
  const cloudflare = await listenCloudflareEmulator({ zones: { 'example.org': [] } });
  const registries = await openRegistries(user);
  t.after(() => Promise.all([hetzner.close(), cloudflare.close(), registries.close()]));
  const environment = {
    ...registries.environment,
    HCLOUD_ENDPOINT: hetzner.url,
    HCLOUD_TOKEN: hetzner.token,
    CLOUDFLARE_BASE_URL: cloudflare.url,
    CLOUDFLARE_API_TOKEN: cloudflare.token,
    PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: server.overrides,
  };
  const haven = async (...args: string[]) => {
    const { code, stdout, stderr } = await user.haven(args, environment);
    return { code, stdout, stderr, text: `${stdout}${stderr}` };
  };

  const about = ['--domain', 'example.org', '--dns', 'cloudflare', '--owner-name', 'Ada'];
  const init = await haven('init', ...about, '--owner-email', 'ada@example.com');
  assert.equal(init.code, 0, init.text);
  assert.deepEqual(server.asked, [], 'nothing is downloaded before it is required');

  const states = async () => {
    const { code, stdout, text } = await haven('doctor', '--json');
    assert.equal(code, 0, text);
    const findings = JSON.parse(stdout) as { name: string; state: string }[];
    return findings.filter(({ name }) => name.startsWith('Pulumi')).map(({ state }) => state);
  };
  assert.deepEqual(await states(), ['later', 'later', 'later', 'later']);

  const plan = await haven('plan');
  assert.equal(plan.code, 2, plan.text);
  assert.match(plan.stderr, /Pulumi engine 3\.\S+: downloading \d+ MB, once on this computer/);
  assert.match(plan.stderr, /Pulumi engine 3\.\S+: (\d+) of \1 MB \(100 %\)/);
  for (const name of ['hcloud', 'command', 'cloudflare'])
    assert.match(plan.stderr, new RegExp(`Pulumi plugin ${name} \\S+: 0\\.0 of 0\\.0 MB \\(100 %\\)`));
  assert.match(plan.stdout, /example\.org/);
  assert.match(plan.stdout, /2 images: \d+ MB to download, 2 built on the server\./);
  assert.deepEqual(await states(), ['found', 'found', 'found', 'found']);

  const asked = server.asked.length;
  const again = await haven('plan', '--json');
  assert.equal(again.code, 2, again.text);
  assert.equal((JSON.parse(again.stdout) as { isSandbox: boolean }).isSandbox, false);
  assert.equal(server.asked.length, asked, 'the second plan downloads nothing');
  assert.doesNotMatch(user.files().join('\n'), /\.part$|\.new$/m);
});
