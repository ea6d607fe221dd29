import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailRelay } from '../../core/service.ts';
import { clamavConf } from './clamav-conf.ts';
import { mainCf } from './main-cf.ts';

const setting = (name: string, more: { antivirus?: boolean; relay?: MailRelay } = {}): string => {
  const text = mainCf({ host: 'mail.example.org', domains: ['example.org'], recipientsAtOnce: 300, ...more });
  return new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? assert.fail(name);
};

test('email is refused while less space is free than Postfix wants for the largest one', () => {
  // postconf(5): "it is currently recommended to set it to at least 1.5 times the message_size_limit".
  assert.ok(Number(setting('queue_minfree')) >= 1.5 * Number(setting('message_size_limit')));
});

test('the scanner takes emails as large as Postfix does, and is asked only while it runs', () => {
  const largest = Number(setting('message_size_limit'));
  const limits = Object.values(clamavConf)
    .join('')
    .matchAll(/^(StreamMaxLength|MaxFileSize) (\d+)M$/gm);
  const sizes = [...limits].map(([, , megabytes]) => Number(megabytes) * 2 ** 20);
  assert.equal(sizes.length, 3);
  assert.ok(sizes.every((size) => size > 1.5 * largest));
  assert.match(
    setting('smtpd_milters', { antivirus: true }),
    /^inet:172\.30\.25\.7:7357, inet:172\.30\.25\.5:/,
  );
  assert.doesNotMatch(setting('smtpd_milters'), /7357/);
  assert.equal(setting('milter_default_action'), 'tempfail');
});

test('other domains are asked what they demand of a connection, and a relay has a policy of its own before them', () => {
  const ofDomains = 'socketmap:inet:172.30.25.8:8461:postfix';
  assert.equal(setting('smtp_tls_policy_maps'), ofDomains);
  const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };
  assert.equal(
    setting('smtp_tls_policy_maps', { relay }),
    `inline:{ { [smtp.relay.example]:587 = secure } }, ${ofDomains}`,
  );
  assert.equal(setting('smtp_tls_security_level'), 'dane', 'for all others');
});
