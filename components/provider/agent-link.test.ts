import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { generateSshKey } from '../../core/ssh-key.ts';
import { StubAgent, silence, Text } from '../../test/support/stub-agent.ts';
import { AgentLink, AgentRefusal, agentLimits, Unreachable } from './agent-link.ts';

const args = ['aa', '--volume', '/dev/v', '--volume-gb', '10'];

/** A link to a stub of a server whose program for taking an agent answers so. */
async function linkTo(answer: () => unknown) {
  const key = generateSshKey('haven');
  const stub = await StubAgent.listen(key.public, { 'haven-put-agent': answer });
  const link = new AgentLink('127.0.0.1', stub.hostKey.public, key.private, { port: stub.port });
  after(async () => {
    link.close();
    await stub.close();
  });
  return { stub, link };
}

test('an agent is brought by the program that the first boot left', async () => {
  const { stub, link } = await linkTo(() => ({ changed: [] }));
  await link.bring('packed', args);
  assert.deepEqual(stub.asked, [{ command: 'haven-put-agent', args, input: 'packed' }]);
});

test('a server that refuses an agent says why in its own words', async () => {
  const { link } = await linkTo(() => {
    throw new Error('ben@desk is changing this server.');
  });
  await assert.rejects(link.bring('packed', args), new AgentRefusal('ben@desk is changing this server.'));
});

test('a set-up that never ends is not waited for without limit', async (t) => {
  const { link } = await linkTo(() => new Text(silence));
  const { bringMs } = agentLimits;
  t.after(() => Object.assign(agentLimits, { bringMs }));
  agentLimits.bringMs = 200;
  await assert.rejects(link.bring('packed', args), (error) => error instanceof Unreachable);
});
