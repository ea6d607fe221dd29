import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeMailHost } from './judge-mail-host.ts';

test('only an alias for the mail server is a check', () => {
  assert.equal(judgeMailHost('mail.example.org', []), undefined);
  assert.equal(judgeMailHost('mail.example.org', 'silent'), undefined);
  assert.match(judgeMailHost('mail.example.org', ['box.test'])?.evidence ?? '', /alias of box\.test/);
});
