import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMailCloud } from '../../test/support/mail-cloud.ts';
import { mailSending, relayFaults, relaySchema } from './mail-sending.ts';

const relay = { host: 'smtp.relay.example', user: 'ada' };
const refusal = (more: object): string =>
  relaySchema.safeParse({ ...relay, ...more }).error?.issues[0]?.message ?? '';

test('a relay is reached at 587, and email leaves as it can, if nothing else is written', () => {
  assert.equal(relaySchema.parse(relay).port, 587);
  assert.deepEqual(mailSending({}), { mode: 'auto' });
  assert.deepEqual(mailSending({ sending: 'direct', relay }), {
    mode: 'direct',
    relay: { ...relay, port: 587 },
  });
});

test('what can not work is refused with what to write', () => {
  for (const port of [25, 465]) assert.match(refusal({ port }), /Use 587/);
  for (const user of ['a b', 'a:b', '']) assert.notEqual(refusal({ user }), '', user);
  assert.notEqual(refusal({ password: 'x' }), '', 'no password is in haven.yaml');
  for (const spf of [
    'v=spf1 include:a.example -all',
    'all',
    '-all',
    'inlcude:a.example',
    '?a:b.example',
    ['all'],
  ])
    assert.match(refusal({ spf }), /"include:_spf\.example\.net", or an IP address/, String(spf));
  assert.equal(refusal({ spf: ['include:_spf.relay.example', '192.0.2.1', '2001:db8::1'] }), '');
});

test('a relay that is missing, and a domain of others, are refused with what to type', () => {
  const found = (options: object) =>
    relayFaults({ ...options }, ['example.org'], 'mail.example.org').map(
      ({ path, remedy }) => `${path.join('.')}: ${remedy}`,
    );
  assert.deepEqual(found({ sending: 'relay', relay }), []);
  assert.deepEqual(found({ sending: 'direct' }), []);
  assert.match(found({ sending: 'relay' }).join(), /^sending: Add "relay" with host and user/);
  assert.match(
    found({ relay: { ...relay, domains: ['a.example'] } }).join(),
    /^relay\.domains\.0: Choose from: example\.org/,
  );
});

test('haven.yaml with a relay that can not work is refused by its place', () => {
  const refused = (more: object) => () =>
    planMailCloud({ services: { postbox: { options: { relay: { ...relay, ...more } } } } });
  assert.throws(refused({ port: 465 }), /services\.postbox\.options\.relay\.port: .*Use 587/);
  assert.throws(refused({ domains: ['other.example'] }), /relay\.domains\.0: .*Choose from: example\.org/);
  assert.throws(refused({ spf: 'all' }), /options\.relay\.spf: "all" must name servers as SPF does/);
  assert.doesNotThrow(refused({}));
});
