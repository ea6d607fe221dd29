import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownPassword } from '../../core/mail/own-account.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { writeOnce } from './bundle-store.ts';
import { Layout } from './layout.ts';
import { ensureSecrets, ownPasswordOf, scrub, secretOf } from './secrets.ts';

/** Of a program that reads it. */
const uid = process.getuid?.() ?? 0;
const shared = { generation: 1, shared: true };
const login = plainBundle('login', { secrets: { [ownPassword]: { ...shared, readers: {} } } }).release;
const mail = plainBundle('mail', {
  secrets: {
    [ownPassword]: { ...shared, readers: { dovecot: uid } },
    own: { generation: 1, readers: { dovecot: uid } },
  },
}).release;

test('services have one value of a shared secret, whichever comes first, and each its own of all others', async () => {
  const layout = new Layout(scratch('secrets'));
  assert.throws(() => ownPasswordOf(layout), /no password until .* Run: haven up/);
  await ensureSecrets(layout, login);
  const value = secretOf(layout, login, ownPassword);
  assert.equal(value.length, 43);
  await ensureSecrets(layout, mail);
  assert.equal(secretOf(layout, mail, ownPassword), value);
  assert.equal(ownPasswordOf(layout), value, 'alarms are sent with it, too');
  assert.notEqual(secretOf(layout, mail, 'own'), value);
  const copy = `${layout.secret('mail', ownPassword, 1)}.dovecot`;
  assert.equal(readFileSync(copy, 'utf8'), value);
  assert.deepEqual([statSync(copy).uid, statSync(copy).mode & 0o777], [uid, 0o400]);
  assert.equal(statSync(join(layout.root, 'secrets', '.shared')).mode & 0o777, 0o700);
  assert.equal(scrub(layout, login, `it is ${value}.`), `it is [secret login/${ownPassword}].`);
});

test('of two processes that make a file once, the first one does', () => {
  const folder = scratch('once');
  const file = join(folder, 'value');
  writeOnce(file, 'first', 0o400);
  writeOnce(file, 'second', 0o400);
  assert.equal(readFileSync(file, 'utf8'), 'first');
  assert.deepEqual(readdirSync(folder), ['value'], 'no draft is left');
  assert.throws(() => writeOnce(join(file, 'below'), 'x', 0o400), /ENOTDIR|EEXIST/);
});
