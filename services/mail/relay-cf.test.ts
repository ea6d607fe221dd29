import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainCf } from './main-cf.ts';
import { relayCf, relayedSenders, relayLogin, relayTlsPolicy } from './relay-cf.ts';

const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };

test('everything goes by the relay, or what the domains that are named send', () => {
  assert.match(relayCf(relay), /^relayhost = \[smtp\.relay\.example\]:587$/m);
  const some = { ...relay, domains: ['example.org'] };
  assert.doesNotMatch(relayCf(some), /^relayhost/m);
  assert.equal(
    relayedSenders(some),
    '<> [smtp.relay.example]:587\n@example.org [smtp.relay.example]:587\n',
    'reports without a sender leave the server, too',
  );
});

test('a password crosses the network only to a server with a certificate of the relay’s name', () => {
  assert.equal(relayTlsPolicy(relay), 'inline:{ { [smtp.relay.example]:587 = secure } }');
  assert.match(relayCf(relay), /^smtp_tls_secure_cert_match = nexthop$/m);
  assert.match(relayCf(relay), /^smtp_sasl_security_options = noanonymous, noplaintext$/m);
  assert.equal(relayLogin(relay), '[smtp.relay.example]:587 ada:');
});

test('nothing that is added is in main.cf already: Postfix takes the last one', () => {
  const names = (text: string) => [...text.matchAll(/^(\w+) =/gm)].map(([, name]) => name);
  const added = [...names(relayCf(relay)), ...names(relayCf({ ...relay, domains: ['a.example'] }))];
  const there = names(mainCf({ host: 'mail.example.org', domains: ['example.org'], recipientsAtOnce: 300 }));
  assert.deepEqual(
    added.filter((name) => there.includes(name)),
    [],
  );
});
