import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { defineService } from '../service.ts';
import { renderCompose } from './compose.ts';

const service = defineService({
  id: 'notes',
  title: 'Notes',
  summary: 'Notes for everyone.',
  upstream: { name: 'Notes', licence: 'MIT', version: '1' },
  images: { app: { build: 'images/notes' } },
  options: z.strictObject({}),
  needs: { database: true, authProxy: 'users', route: { subdomain: 'notes', port: 'http' } },
  ports: { http: 8080 },
  healthChecks: [],
  memoryMb: 64,
});
const context = { host: 'notes.example.org', loginHost: 'login.example.org', protected: {} };

test('no container may have processes without end, and the author of a service can lower the limit', () => {
  const text =
    'services:\n  app: { image: "${IMAGE_APP}" }\n  worker: { image: "${IMAGE_APP}", pids_limit: 20 }\n';
  const { services } = parse(renderCompose(service, text, context)) as {
    services: Record<string, { pids_limit: number }>;
  };
  assert.deepEqual(
    Object.entries(services).map(([name, { pids_limit }]) => [name, pids_limit]),
    [
      ['app', 1024],
      ['worker', 20],
      ['db', 1024],
      ['auth-proxy', 1024],
    ],
  );
});

test('only the programs that use LDAP reach it, and each keeps its fixed address', () => {
  const mail = defineService({
    ...service,
    needs: { ldap: 'readers', ldapPrograms: ['app'] },
    subnet: '172.30.99.0/28',
  });
  const text =
    'services:\n  app: { image: x, networks: { default: { ipv4_address: 172.30.99.2 } } }\n  worker: { image: x }\n';
  const { services, networks } = parse(renderCompose(mail, text, { host: undefined })) as {
    services: Record<string, { networks?: object; volumes?: string[] }>;
    networks: Record<string, { ipam?: object }>;
  };
  assert.deepEqual(services.app?.networks, { default: { ipv4_address: '172.30.99.2' }, ldap: {} });
  assert.equal(services.worker?.networks, undefined);
  assert.equal(services.worker?.volumes, undefined, 'nor does it trust the server’s own authority');
  assert.deepEqual(networks.default?.ipam, { config: [{ subnet: '172.30.99.0/28' }] });
});

test('a service that connects to others over IPv6 has both kinds of addresses on its bridge', () => {
  const both = defineService({ ...service, subnet: '172.30.99.0/28', subnet6: 'fd68:6176:656e:99::/64' });
  const text = 'services:\n  app: { image: x }\n';
  const { networks } = parse(renderCompose(both, text, { host: undefined })) as {
    networks: Record<string, { enable_ipv6?: boolean; ipam?: object }>;
  };
  assert.equal(networks.default?.enable_ipv6, true);
  assert.deepEqual(networks.default?.ipam, {
    config: [{ subnet: '172.30.99.0/28' }, { subnet: 'fd68:6176:656e:99::/64' }],
  });
});

test('a service that shows mailboxes is on a network with mail, beside its own', () => {
  const reader = defineService({ ...service, needs: { mail: true } });
  const { services, networks } = parse(
    renderCompose(reader, 'services:\n  app: { image: x }\n', { host: undefined }),
  ) as { services: Record<string, { networks?: object }>; networks: Record<string, object> };
  assert.deepEqual(services.app?.networks, { default: {}, mail: {} });
  assert.deepEqual(networks.mail, { name: 'haven-notes-to-mail', external: true });
});
