import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WayMemory } from '../../core/mail/choose-way.ts';
import type { MailPlan } from '../../core/plan/plan-mail.ts';
import { lookAtMailWay } from './look-at-services.ts';

const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };
const mail: MailPlan = {
  service: 'mail',
  host: 'mail.example.org',
  domains: ['example.org'],
  sending: { mode: 'auto', relay },
  password: 1,
};
const memory: WayMemory = {
  release: 'r',
  way: 'relay',
  port25: 'blocked',
  port25At: 0,
  relay: { host: relay.host, at: 0, answer: { result: 'good' } },
  notices: [],
};
async function told(answer: WayMemory | null, of: { mail?: MailPlan } = { mail }): Promise<string> {
  const agent = { call: async <T>() => answer as T };
  const seen = await lookAtMailWay(of, agent);
  return seen.map(({ good, evidence }) => `${good} ${evidence}`).join();
}

test('after up an owner with a relay reads how email leaves', async () => {
  assert.equal(await told(memory), 'true goes by the relay smtp.relay.example');
  assert.equal(await told({ ...memory, way: 'direct' }), 'true goes directly to other mail servers');
  const answer = { result: 'refused', said: '535 5.7.8' } as const;
  assert.match(
    await told({ ...memory, relay: { host: relay.host, at: 0, answer } }),
    /^false relay smtp\.relay\.example:587 refuses the login: 535 5\.7\.8\. .*haven secret set mail-relay-password/,
  );
});

test('without a relay, and while mail does not run, there is nothing to read', async () => {
  assert.equal(await told(memory, {}), '');
  assert.equal(await told(null), '');
});
