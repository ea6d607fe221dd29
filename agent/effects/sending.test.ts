import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smtpServerOf } from '../../core/config/sending.ts';
import { isSameAccount } from './sending.ts';

const sending = { host: 'smtp.example.com', port: 465, user: 'cloud', from: 'cloud@example.com' };
const owner = { name: 'Ada', email: 'ada@example.org' };
const account = { ...smtpServerOf(sending as never, 'Example', owner), password: 'secret' };
const ofInvitation = {
  host: '172.18.0.1',
  port: '41233',
  auth: 'true',
  user: 'haven',
  from: 'login@example.org',
};

test('the login has the account of haven.yaml, whose password it shows as asterisks', () => {
  assert.ok(isSameAccount({ ...account, password: '**********' }, account));
  assert.ok(isSameAccount({}, {}));
});

test('what a killed invitation left is noticed, with an account and without one', () => {
  assert.ok(!isSameAccount(ofInvitation, account));
  assert.ok(!isSameAccount(ofInvitation, {}));
  assert.ok(!isSameAccount({}, account));
});
