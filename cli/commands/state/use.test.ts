import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { stubSessions } from '../../../test/support/stub-session.ts';
import { openCloud, type } from '../../../test/support/typist.ts';

const newest = '1-3fa9c1d2-0b5e77aa';

/** A cloud whose state here is cut short, with a server that has this copy of it. */
async function openDamaged(copy: string | null) {
  const cloud = await openCloud({
    agent: {
      'deploy-lock-take': () => ({ newest: copy, unsent: null }),
      'deploy-lock-release': () => ({}),
      'state-forget-unsent': () => ({}),
      'state-get': () => ({ sealed }),
    },
  });
  const sealed = Buffer.from(await (await cloud.secrets()).seal('{"version":3}')).toString('base64');
  const file = join(cloud.directory, '.haven/state/.pulumi/stacks/openhaven', `${cloud.id}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '{"version": 3, "check');
  return { cloud, file, kept: join(cloud.directory, '.haven/kept-states'), engine: stubSessions() };
}
const use = ['state', 'use', 'server', '--yes'];

test("a damaged state is replaced by the server's copy, and kept", async () => {
  const { file, kept, engine } = await openDamaged(newest);
  const { code, stdout, stderr } = await type(use);
  assert.equal(code, 0, stderr);
  assert.equal(engine.state, '{"version":3}');
  assert.match(
    stdout,
    /The damaged state was kept in .*1-damaged\.json\n.*This folder continues copy 1-3fa9c1d2/,
  );
  assert.ok(!existsSync(file), 'the engine writes a new one');
  assert.equal(readFileSync(join(kept, '1-damaged.json'), 'utf8'), '{"version": 3, "check');
});

test('a damaged state stays where it is if there is no copy', async () => {
  const { file, kept, engine } = await openDamaged(null);
  const { code, stderr } = await type(use);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /the server has no copy of the state\. Nothing was changed\. Restore the folder \.haven/,
  );
  assert.equal(readFileSync(file, 'utf8'), '{"version": 3, "check');
  assert.deepEqual(readdirSync(kept), []);
  assert.equal(engine.state, '{}');
});
