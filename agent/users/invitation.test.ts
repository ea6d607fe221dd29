import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkIn as find } from './invitation.ts';

const linkIn = (message: string) => find(message, 'login.example.org');

test('finds the whole link in an email, wherever its lines are broken', () => {
  const link = 'https://login.example.org/realms/haven/login-actions/action-token?key=eyJh.eyJl-_x.abc';
  assert.equal(linkIn(`Subject: x\r\n\r\nClick here:\r\n\r\n${link}\r\n\r\nThis link expires.`), link);
  const quoted = `${link.replaceAll('=', '=3D').slice(0, 60)}=\r\n${link.replaceAll('=', '=3D').slice(60)}`;
  assert.equal(linkIn(`Content-Transfer-Encoding: quoted-printable\r\n\r\n${quoted}\r\n`), link);
});

test('finds no link in an email without one', () => {
  assert.equal(linkIn('Subject: hello\r\n\r\nhttps://example.org/'), undefined);
});

test('finds no link to another host, nor to another realm', () => {
  const path = '/login-actions/action-token?key=x';
  for (const at of ['evil.example/realms/haven', 'login.example.org.evil.example/realms/haven'])
    assert.equal(linkIn(`https://${at}${path}`), undefined);
  assert.equal(linkIn(`https://login.example.org/realms/master${path}`), undefined);
});
