import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import { renderRoutes } from './routes.ts';

test('a service in maintenance answers 503 with Retry-After on the same names', () => {
  const { release } = plan.releases.find((each) => each.service === 'website')!.bundle;
  assert.match(
    renderRoutes(release, 'open'),
    /https:\/\/www\.example\.org \{[\s\S]*reverse_proxy 127\.0\.0\.1:2\d{4}/,
  );
  const closed = renderRoutes(release, 'changing');
  assert.match(closed, /https:\/\/www\.example\.org \{[\s\S]*Retry-After 15[\s\S]*503/);
  assert.doesNotMatch(closed, /reverse_proxy/);
});

test('no request reaches a service before the session of the auth proxy is removed from it', () => {
  for (const { bundle } of plan.releases) {
    let isRemoved = false;
    for (const line of renderRoutes(bundle.release, 'open').split('\n')) {
      if (line.startsWith('https://') || line.includes('forward_auth')) isRemoved = false;
      if (line.includes('request_header Cookie') && line.includes('__Host-haven')) isRemoved = true;
      if (line.includes('reverse_proxy') && !line.includes('@auth_proxy')) assert.ok(isRemoved, line);
    }
  }
});
