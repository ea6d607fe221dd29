import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { protocol } from '../../core/operations/protocol.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageReferences } from '../../services/context-hash.ts';
import { buildPackage } from '../../setup/build.ts';
import { projectRoot } from '../../system/project-root.ts';

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
    const agent = spawnSync(process.execPath, [join(out, 'agent/agent.cjs'), 'hello']);
    assert.equal((JSON.parse(String(agent.stdout)) as { protocol: number }).protocol, protocol);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
