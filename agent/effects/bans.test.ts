import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bundle, releaseHash } from '../../core/release/release.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { storeBundle, switchCurrent } from '../store/bundle-store.ts';
import { Layout } from '../store/layout.ts';
import { publicPorts } from './ban-table.ts';
import { wantedJails, writeJails } from './bans.ts';
import { currentReleases } from './current-releases.ts';

const failedLogins = [{ container: 'keycloak', pattern: '^type="LOGIN_ERROR", ipAddress="{address}"$' }];
const bundles: Record<string, Bundle> = {
  keycloak: plainBundle('keycloak', { failedLogins }),
  website: plainBundle('website'),
  'reverse-proxy': plainBundle('reverse-proxy', {
    network: {
      kind: 'host',
      ports: [
        { port: 80, protocol: 'tcp' },
        { port: 443, protocol: 'tcp' },
        { port: 443, protocol: 'udp' },
      ],
      uids: [],
    },
  }),
  gitea: plainBundle('gitea', { tcpRoutes: [{ public: 2222, port: 31000 }] }),
};

function deploy(layout: Layout, service: string): void {
  const bundle = bundles[service]!;
  storeBundle(layout, bundle, releaseHash(bundle));
  switchCurrent(layout, service, releaseHash(bundle));
}

test('fail2ban is told of the services that serve, and forgets one that is removed', () => {
  const layout = new Layout(scratch('volume'), scratch('run'));
  const folder = scratch('fail2ban');
  deploy(layout, 'keycloak');
  deploy(layout, 'website');
  writeJails(wantedJails(layout, folder), folder);
  assert.deepEqual(readdirSync(join(folder, 'jail.d')), ['haven-keycloak.conf']);
  assert.match(readFileSync(join(folder, 'filter.d/haven-keycloak.conf'), 'utf8'), /type="LOGIN_ERROR"/);
  writeFileSync(join(folder, 'jail.d/defaults-debian.conf'), '');
  switchCurrent(layout, 'keycloak', null);
  writeJails(wantedJails(layout, folder), folder);
  assert.deepEqual(readdirSync(join(folder, 'jail.d')), ['defaults-debian.conf']);
  assert.deepEqual(readdirSync(join(folder, 'filter.d')), []);
});

test('what a damaged service had stays as it is', () => {
  const layout = new Layout(scratch('volume'), scratch('run'));
  const folder = scratch('fail2ban');
  deploy(layout, 'keycloak');
  writeJails(wantedJails(layout, folder), folder);
  writeFileSync(join(layout.current('keycloak'), 'bundle.json'), 'damaged');
  writeJails(wantedJails(layout, folder), folder);
  assert.deepEqual(readdirSync(join(folder, 'jail.d')), ['haven-keycloak.conf']);
});

test('a ban is for all ports that services have in public', () => {
  const layout = new Layout(scratch('volume'), scratch('run'));
  for (const service of ['reverse-proxy', 'gitea', 'keycloak']) deploy(layout, service);
  const ports = publicPorts(currentReleases(layout)).map(({ port, protocol }) => `${port}/${protocol}`);
  assert.deepEqual([...new Set(ports)].sort(), ['2222/tcp', '443/tcp', '443/udp', '80/tcp']);
});
