import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { engineVersion } from '../../engine/engine-root.ts';
import { engineRelease } from '../../engine/release.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { projectRoot } from '../../system/project-root.ts';
import { tryRun } from '../../system/run.ts';
import { ReleaseServer } from '../../test/support/release-server.ts';
import { scratch } from '../../test/support/scratch.ts';
import { openCloud } from '../../test/support/typist.ts';
import { Project } from './project.ts';
import { requiredPlugins } from './provide-engine.ts';

/**
 * Types `haven plan` on a computer without an engine and without Go. In a process of its own: where the engine is kept is
 * read once, and this machine's own must not be found.
 */
async function firstPlan(overrides: string) {
  await openCloud();
  // Registries are asked first, and here nothing is left to ask.
  const project = await Project.open();
  await project.lookUpPins();
  project.keepPins();
  const bare = scratch('path');
  symlinkSync(execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim(), join(bare, 'sh'));
  return tryRun(process.execPath, [join(projectRoot, 'cli/bin.mjs'), 'plan'], {
    env: {
      ...process.env,
      HAVEN_CACHE: scratch('cache'),
      PATH: bare,
      PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: overrides,
    },
  });
}

test('a first plan on a computer that has neither network nor Go says what to do', async () => {
  const { code, stderr } = await firstPlan('.*=http://127.0.0.1:9');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^ {2}Pulumi engine: 127\.0\.0\.1:9 can't be reached \(.*\), and there is no Go to build it with\. Nothing was changed\. Connect this computer to the internet, or install Pulumi 3\.\S+ \(https:.*\) or Go \(https:.*\), then run the command again\.\n$/,
  );
});

test('a first plan shows how far the engine is, and refuses one that is not what was released', async () => {
  const server = await ReleaseServer.listen();
  const { archive, checksums } = engineRelease(engineVersion)!;
  await server.publish(`/sdk/${archive}`, { 'pulumi/pulumi': 'released' }, { list: `/sdk/${checksums}` });
  await server.publish(`/sdk/${archive}`, { 'pulumi/pulumi': 'something else' });
  const { code, stderr } = await firstPlan(server.overrides);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^ {2}Pulumi engine 3\.\S+: downloading 0\.0 MB, once on this computer\n {2}Pulumi engine 3\.\S+: 0\.0 of 0\.0 MB \(100 %\)\n {2}Pulumi engine: http\S+ is not the file that was released: .*Nothing was changed\. Run the command again\. If it says the same,/,
  );
});

test('the plugins are those of haven.yaml and of what is in the state', async () => {
  const catalogue = await loadCatalogue();
  const config = (dns: string) =>
    loadConfig(
      `version: 1\nid: plugins-1234\ndomains:\n  - name: example.org\n    dns: ${dns}\nowner:\n  name: Ada\n  email: ada@example.com\ntimeZone: Europe/Berlin\nserver:\n  type: cx33\n  location: fsn1\n  diskGb: 10\nservices:\n  website: {}\n`,
      catalogue,
      dnsProviderFacts,
      'haven.yaml',
    );
  const folder = scratch('state');
  const required = (dns: string) =>
    requiredPlugins({ config: config(dns) }, pathToFileURL(folder).href).map((each) => each.name);
  assert.deepEqual(required('cloudflare'), ['hcloud', 'command', 'cloudflare']);
  assert.deepEqual(required('manual'), ['hcloud', 'command']);

  const stacks = join(folder, '.pulumi/stacks/openhaven');
  mkdirSync(stacks, { recursive: true });
  const urn = 'urn:pulumi:plugins-1234::openhaven::pulumi:providers:';
  writeFileSync(
    join(stacks, 'plugins-1234.json'),
    JSON.stringify([`${urn}cloudflare::default`, `${urn}haven::default`, `${urn}pulumi::default`]),
  );
  assert.deepEqual(required('manual'), ['hcloud', 'command', 'cloudflare']);
});
