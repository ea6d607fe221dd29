import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from './changes.ts';
import { describeOutgoingMail } from './outgoing-mail.ts';
import type { MailPlan } from './plan-mail.ts';

const created: Change[] = [
  { kind: 'create', type: 'haven:index:MailPreflight', name: 'mail-preflight', properties: [] },
];
const plan = (sending: MailPlan['sending']): MailPlan => ({
  host: 'mail.example.org',
  domains: ['example.org'],
  service: 'mail',
  sending,
  password: 0,
});
const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };

test('before mail goes live at Hetzner, the plan says which ports are blocked and what to do', () => {
  assert.match(
    describeOutgoingMail(plan({ mode: 'auto' }), 'hetzner', created).join(),
    /^Hetzner blocks outgoing ports 25 and 465 of new customers\..* a relay .*docs\/owners\/mail\.md$/,
  );
  assert.match(
    describeOutgoingMail(plan({ mode: 'auto', relay }), 'hetzner', created).join(),
    /can go by smtp\.relay\.example:587/,
  );
});

test('there is nothing to tell without mail, of mail that is as it was, or at another provider', () => {
  assert.deepEqual(describeOutgoingMail(undefined, 'hetzner', created), []);
  assert.deepEqual(describeOutgoingMail(plan({ mode: 'auto' }), 'hetzner', []), []);
  assert.deepEqual(describeOutgoingMail(plan({ mode: 'auto' }), 'own', created), []);
});
