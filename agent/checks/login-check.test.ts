import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { checkLogin } from './login-check.ts';

test("the title of a service's page cannot steer a terminal", async (t) => {
  const page = '<title>\u001b]0;pwned\u0007\u001b[2JOops</title>';
  const server = createServer((_request, answer) => answer.end(page));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const account = { name: 'check', password: 'x' };
  const check = checkLogin({
    service: 'git',
    origin: 'https://git.example.org',
    begin: '/login',
    pages: [],
    ports: { 'git.example.org': (server.address() as AddressInfo).port },
    user: account,
    admin: account,
  });
  await assert.rejects(check, {
    message: '/login does not lead to the login, but to https://git.example.org/login (200, "Oops")',
  });
});
