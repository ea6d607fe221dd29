import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { apiLimits } from '../../components/api-call.ts';
import { faults, listenFaulty } from '../../test/support/faulty-api.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { openCloud, type } from '../../test/support/typist.ts';
import { asking, listed, whileAsking } from './asking.ts';

const { afterMs } = asking;
after(() => {
  asking.afterMs = afterMs;
});

test('a plan that waits says for whom, and no longer than it waits', async () => {
  const cloud = await openCloud();
  stubSessions();
  Object.assign(apiLimits, { answerMs: 300, callMs: 300 });
  process.env.HCLOUD_ENDPOINT = await listenFaulty(cloud.hetzner.url, () => faults.silence);
  asking.afterMs = 20;
  const { stderr } = await type(['plan']);
  assert.match(
    stderr,
    /^ {2}Asking Hetzner, Cloudflare and the server \.\.\.\n {2}Hetzner: can't be reached/,
  );
});

test('an answer that comes at once needs no word', async () => {
  asking.afterMs = 60_000;
  assert.equal(await whileAsking('Hetzner', async () => 7), 7);
  assert.deepEqual([['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed), ['a', 'a and b', 'a, b and c']);
});
