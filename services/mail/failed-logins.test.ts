import assert from 'node:assert/strict';
import { test } from 'node:test';
import mail from './service.ts';

const [postfix] = mail.failedLogins ?? [];
const counts = (reason: string): boolean =>
  new RegExp((postfix?.pattern ?? assert.fail()).replace('{address}', '[0-9.]+')).test(
    `Nov 29 23:20:30 mail postfix/submission/smtpd[280]: warning: unknown[203.0.113.7]: SASL PLAIN authentication failed: ${reason}, sasl_username=ada`,
  );

test('a wrong password counts for a ban, and a right one while Dovecot is away does not', () => {
  assert.equal(counts('(reason unavailable)'), true);
  assert.equal(counts('Connection lost to authentication server'), false);
});
