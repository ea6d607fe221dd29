import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import type { ReleaseRoute } from './release.ts';
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
  const { release } = plan.releases.find((each) => each.service === 'website')!.bundle;
  const [host, port, authProxyPort] = ['www.example.org', 20001, 20002];
  const ways: [ReleaseRoute, passedOn: number][] = [
    [{ host, port }, 1],
    [{ host, port, protected: { authProxyPort } }, 1],
    [{ host, port, protected: { authProxyPort, publicPaths: ['/help'] } }, 2],
  ];
  for (const [route, passedOn] of ways) {
    let isRemoved = false;
    let times = 0;
    for (const line of renderRoutes({ ...release, routes: [route] }, 'open').split('\n')) {
      // The auth proxy gets the session, and what comes after it is another request.
      if (line.includes(String(authProxyPort))) isRemoved = false;
      if (line.includes('request_header Cookie') && line.includes('__Host-haven')) isRemoved = true;
      if (!line.includes(String(port))) continue;
      assert.ok(isRemoved, line);
      times++;
    }
    assert.equal(times, passedOn);
  }
});
