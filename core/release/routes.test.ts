import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import type { ReleaseRoute } from './release.ts';
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

test('no program gets an address that a visitor names as their own', () => {
  for (const { bundle } of plan.releases) {
    for (const block of renderRoutes(bundle.release).split('\nhttps://').slice(1)) {
      const [before] = block.split('reverse_proxy');
      assert.ok(before!.includes('request_header X-Real-IP {remote_host}\n'), block);
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
    for (const line of renderRoutes({ ...release, routes: [route] }).split('\n')) {
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

test('fixed pages answer with their text at their own name, whatever the state of the service is', () => {
  const { release } = plan.releases.find((each) => each.service === 'website')!.bundle;
  const page = {
    path: '/.well-known/mta-sts.txt',
    contentType: 'text/plain',
    text: 'version: STSv1\nmode: testing\n',
  };
  const fixedPages = [{ host: 'mta-sts.example.org', pages: [page] }];
  const [, block = ''] = renderRoutes({ ...release, routes: [], fixedPages }).split('\nhttps://');
  assert.match(block, /^mta-sts\.example\.org \{\n\ttls \/certs\/mta-sts\.example\.org\/tls\.pem/);
  assert.match(block, /handle \/\.well-known\/mta-sts\.txt \{\n\t\theader Content-Type "text\/plain"/);
  assert.match(block, /version: STSv1\nmode: testing\nEND-OF-PAGE 200/);
  assert.match(block, /respond 404/);
  assert.doesNotMatch(block, /haven-states/);
  const withBraces = [{ host: 'a.example.org', pages: [{ ...page, text: '{env.SECRET}' }] }];
  assert.throws(() => renderRoutes({ ...release, fixedPages: withBraces }), /must have no braces/);
});

test('a name without pages answers 404, once its service is not in maintenance', () => {
  const { release } = plan.releases[0]!.bundle;
  const text = renderRoutes({ ...release, service: 'mail', routes: [{ host: 'mail.example.org' }] });
  const [, inRoute = ''] = text.split('\troute {\n');
  assert.deepEqual(
    inRoute.split('\n').map((line) => line.trim()),
    ['import haven-states /mail', 'request_header X-Real-IP {remote_host}', 'respond 404', '}', '}', ''],
  );
  assert.match(text, /^https:\/\/mail\.example\.org \{$/m);
});
