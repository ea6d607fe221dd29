import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from './cookie-jar.ts';

const kept = (...headers: string[]): string => {
  const jar = new CookieJar();
  jar.keep('git.example.org', headers);
  return jar.headerFor('git.example.org');
};

test('a host gets its own cookies only, whatever their domain', () => {
  const jar = new CookieJar();
  jar.keep('git.example.org', ['a=1; Domain=example.org', 'b=2; Domain=login.example.org; Path=/']);
  jar.keep('login.example.org', ['session=secret; Domain=.example.org']);
  assert.equal(jar.headerFor('git.example.org'), 'a=1; b=2');
  assert.equal(jar.headerFor('login.example.org'), 'session=secret');
  assert.equal(jar.headerFor('example.org'), '');
});

test('a cookie is replaced and deleted by its name', () => {
  assert.equal(kept('a=1', 'b=2', 'a=3'), 'a=3; b=2');
  assert.equal(kept('a=1', 'b=2', 'a=; Max-Age=0'), 'b=2');
  assert.equal(kept('a=1', 'a=; expires=Thu, 01-Jan-1970 00:00:10 GMT'), '');
});

test('refuses a cookie that breaks what its name promises', () => {
  assert.equal(kept('__Host-a=1; Path=/; Secure; HttpOnly'), '__Host-a=1');
  assert.equal(kept('__Host-a=1; Path=/; Secure; Domain=example.org'), '');
  assert.equal(kept('__Host-a=1; Path=/login; Secure'), '');
  assert.equal(kept('__host-a=1; Path=/'), '');
  assert.equal(kept('__Secure-a=1; Path=/x; Secure'), '__Secure-a=1');
  assert.equal(kept('__Secure-a=1; Path=/x'), '');
});
