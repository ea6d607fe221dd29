import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailElsewhere } from './mail-elsewhere.ts';

const mx = (name: string, content: string, comment: string | null = null) => ({
  ...{ id: content, zone: 'example.org', name, type: 'MX', content, ttlSeconds: 300, comment, raw: {} },
});

test('mail of a domain is named by the company of its first mail server', () => {
  const records = [
    mx('example.org', '5 alt1.aspmx.l.google.com.'),
    mx('example.org', '1 ASPMX.L.GOOGLE.COM.'),
    mx('firm.example.org', '0 firm-example-org.mail.protection.outlook.com'),
    mx('club.example.org', '10 mx.club.example.'),
  ];
  assert.deepEqual(mailElsewhere(records, 'ours'), [
    { domain: 'club.example.org', at: 'mx.club.example' },
    { domain: 'example.org', at: 'Google' },
    { domain: 'firm.example.org', at: 'Microsoft' },
  ]);
});

test('our own records, names without mail and other types are not mail elsewhere', () => {
  const records = [
    mx('example.org', '10 mail.example.org.', 'ours'),
    mx('www.example.org', '0 .'),
    { ...mx('example.org', 'v=spf1 include:_spf.google.com -all'), type: 'TXT' },
    mx('other.example.org', '10 mail.notgoogle.com.'),
  ];
  assert.deepEqual(mailElsewhere(records, 'ours'), [
    { domain: 'other.example.org', at: 'mail.notgoogle.com' },
  ]);
});
