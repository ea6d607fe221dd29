import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relaySpf } from './relay-spf.ts';

const terms = (more: object, domain = 'example.org'): string[] =>
  relaySpf({ mode: 'auto', relay: { host: 'smtp.relay.example', port: 587, user: 'ada', ...more } }, domain);

test('SPF names what the owner says of the relay, or its own name', () => {
  assert.deepEqual(terms({}), ['a:smtp.relay.example']);
  assert.deepEqual(terms({ spf: 'include:_spf.relay.example' }), ['include:_spf.relay.example']);
  assert.deepEqual(terms({ spf: ['192.0.2.1', '2001:db8::1', 'ip4:192.0.2.0/24'] }), [
    'ip4:192.0.2.1',
    'ip6:2001:db8::1',
    'ip4:192.0.2.0/24',
  ]);
});

test('only domains that go by the relay allow it', () => {
  const domains = ['example.org'];
  assert.deepEqual(terms({ domains }), ['a:smtp.relay.example']);
  assert.deepEqual(terms({ domains }, 'second.example'), []);
  assert.deepEqual(relaySpf({ mode: 'auto' }, 'example.org'), []);
});
