import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import { renderRoutes } from './routes.ts';

test('each request first meets the state of its service, whatever else the route does', () => {
  for (const { bundle } of plan.releases) {
    const { service, routes } = bundle.release;
    const blocks = renderRoutes(bundle.release).split('\nhttps://').slice(1);
    assert.equal(blocks.length, routes.length);
    for (const block of blocks) {
      const [, inRoute = ''] = block.split('\troute {\n');
      assert.ok(inRoute.startsWith(`\t\timport haven-states /${service}\n`), block);
      assert.doesNotMatch(block.split('\troute {')[0]!, /respond|reverse_proxy|forward_auth/);
    }
  }
});

test('a reload ends no connection at once that a service holds open', () => {
  for (const { bundle } of plan.releases) {
    const lines = renderRoutes(bundle.release).split('\n');
    for (const [index, line] of lines.entries())
      if (/reverse_proxy 127/.test(line)) assert.match(lines[index + 1]!, /stream_close_delay 1h/);
  }
});

test('no request reaches a service before the session of the auth proxy is removed from it', () => {
  for (const { bundle } of plan.releases) {
    let isRemoved = false;
    for (const line of renderRoutes(bundle.release).split('\n')) {
      if (line.startsWith('https://') || line.includes('forward_auth')) isRemoved = false;
      if (line.includes('request_header Cookie') && line.includes('__Host-haven')) isRemoved = true;
      if (line.includes('reverse_proxy') && !line.includes('@auth_proxy')) assert.ok(isRemoved, line);
    }
  }
});
