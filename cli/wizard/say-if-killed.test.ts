import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../system/project-root.ts';

/** Another process: a signal ends this one, too. */
const program = `
import { sayIfKilled } from ${JSON.stringify(pathToFileURL(`${projectRoot}/cli/wizard/say-if-killed.ts`).href)};
await sayIfKilled('There may be a firewall.', async () => {
  process.stdout.write('between');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
`;

test('says what an attempt leaves that is killed in between, and still ends by the signal', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: projectRoot });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const signal = await new Promise((resolve) => child.on('close', (_, ended) => resolve(ended)));
  assert.equal(signal, 'SIGTERM');
  assert.match(
    said,
    /Interrupted while a token was tried\. There may be a firewall\. The next attempt deletes it\./,
  );
});
