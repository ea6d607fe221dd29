import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countRequests, isRefusal } from './reverse-proxy.ts';

test('a configuration that was read and refused differs from a program that was not reached', () => {
  const refused = [
    'Error: sending configuration to instance: caddy responded with error: HTTP 400: {"error":"loading config: loading new config: loading http app module: provision http: ..."}',
    'Error: adapting config using caddyfile: /routes/website.caddy:3: unrecognized directive: proxy',
  ];
  const unreached = [
    'Error: sending configuration to instance: performing request: Post "http://127.0.0.1/load": EOF',
    'Error: sending configuration to instance: performing request: Post "http://127.0.0.1/load": dial unix /run/caddy/admin.sock: connect: no such file or directory',
    'Error response from daemon: container 12ab is not running',
  ];
  assert.deepEqual(refused.map(isRefusal.caddy), [true, true]);
  assert.deepEqual(unreached.map(isRefusal.caddy), [false, false, false]);
  const alert = '[ALERT] (8) : config : [/routes/gitea.cfg:3] : unknown keyword';
  assert.equal(isRefusal.haproxy(alert), true);
  assert.equal(isRefusal.haproxy('Error response from daemon: container 12ab is not running'), false);
});

test('running requests are those of all programs behind Caddy', () => {
  const said = (...counts: number[]) =>
    JSON.stringify(counts.map((num_requests) => ({ address: '127.0.0.1:18000', num_requests, fails: 0 })));
  assert.equal(countRequests(said(0, 2, 1)), 3);
  assert.equal(countRequests(said()), 0);
  assert.equal(countRequests('null'), 0);
});
