import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateSshKey } from '../../core/ssh-key.ts';
import { listenHetznerEmulator } from '../../sandbox/emulators/hetzner/listen.ts';
import { projectRoot } from '../../system/project-root.ts';
import { tryRun } from '../../system/run.ts';

test("Hetzner's own client holds a whole conversation with the sandbox API", async () => {
  const hetzner = await listenHetznerEmulator({ delayMs: 60 });
  try {
    const env = {
      ...process.env,
      HCLOUD_ENDPOINT: hetzner.url,
      HCLOUD_TOKEN: hetzner.token,
      PUBLIC_KEY: generateSshKey('test').public,
    };
    const talked = await tryRun('go', ['run', '.'], {
      cwd: join(projectRoot, 'test/layers/hcloud-go'),
      env,
      timeoutMs: 300_000,
    });
    assert.equal(talked.code, 0, talked.stdout + talked.stderr);
    assert.ok(talked.stdout.split('\n').filter((line) => line.startsWith('ok ')).length > 30);
  } finally {
    await hetzner.close();
  }
});
