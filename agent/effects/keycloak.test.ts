import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openKeycloak } from './keycloak.ts';

/** Keycloak's token endpoint, with tokens that have as good as expired, and its list of users. */
const tokens: string[] = [];
const used: string[] = [];
const login = createServer((asked, answer) => {
  answer.setHeader('content-type', 'application/json');
  if (asked.url?.endsWith('/token')) {
    const claims = { exp: Math.floor(Date.now() / 1000) + 2, jti: tokens.length };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    tokens.push(`${part({ alg: 'none' })}.${part(claims)}.`);
    answer.end(JSON.stringify({ access_token: tokens.at(-1), token_type: 'Bearer' }));
    return;
  }
  used.push(asked.headers.authorization?.replace('Bearer ', '') ?? '');
  answer.end('[]');
});

before(() => new Promise<void>((done) => login.listen(0, '127.0.0.1', done)));
after(() => login.close());

test('work that takes longer than a token is valid goes on with a new one', async () => {
  const { port } = login.address() as AddressInfo;
  const admin = await openKeycloak({ port, adminSecret: 'secret' });
  assert.deepEqual(await admin.users.find(), []);
  assert.deepEqual(await admin.users.find(), []);
  assert.equal(used.length, 2);
  assert.deepEqual(used, tokens.slice(1));
});
