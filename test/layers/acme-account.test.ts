import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { orderCertificate } from '../../agent/certificates/certificate.ts';
import { Layout } from '../../agent/store/layout.ts';
import { accountOf } from '../../cli/project/session.ts';
import { ensureInternetImage } from '../../sandbox/images/images.ts';
import { docker, startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { acmeSettings, loadTrusting, newAccountKey } from '../../stacks/acme-account.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { freePort } from '../support/go-program.ts';
import { scratch } from '../support/scratch.ts';
import { selfSigned } from '../support/self-signed.ts';

/** An authority that no longer knows an account: Pebble, which stores nothing, so each start makes it such a one. */
const container = 'haven-sandbox-acme-layer';
const name = 'www.example.org';
const folder = scratch('acme-account');
const layout = new Layout(join(folder, 'server'));
let image = '';
let accountKey = '';

/** What `up` keeps in haven.lock. */
let pins: Parameters<typeof accountOf>[0]['pins'] = { version: 2, images: {} };
const project: Parameters<typeof accountOf>[0] = {
  get pins() {
    return pins;
  },
  savePins: (changed) => {
    pins = changed;
  },
  config: { owner: { email: 'owner@example.org' } },
};
const account = (orders = true) => accountOf(project, accountKey, { orders });

before(async () => {
  await startDocker();
  image = (await ensureInternetImage()).reference;
  const { certFile } = await selfSigned('localhost', folder);
  const [port, management] = [await freePort(), await freePort()];
  Object.assign(process.env, {
    HAVEN_ACME_DIRECTORY: `https://localhost:${port}/dir`,
    HAVEN_ACME_ADDRESS: '127.0.0.1',
    HAVEN_ACME_TRUST: certFile,
  });
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: '/pebble/tls.crt',
    privateKey: '/pebble/tls.key',
    httpPort: 80,
    tlsPort: 443,
  };
  writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble }));
  accountKey = await newAccountKey();
  for (const each of [join(layout.root, 'secrets/acme'), layout.challenges, join(layout.certificates, name)])
    mkdirSync(each, { recursive: true });
  writeFileSync(join(layout.root, 'secrets/acme/account.pem'), accountKey);
  await start();
});
after(() => tryDocker(['rm', '-f', container]));

/** Pebble without any account. No name leads to this test, so what it asks of a name succeeds only if it asks nothing. */
async function start({ believes = true } = {}): Promise<void> {
  await tryDocker(['rm', '-f', container]);
  const settings = {
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_WFE_NONCEREJECT: '0',
    PEBBLE_VA_ALWAYS_VALID: believes ? '1' : '0',
  };
  await docker([
    ...['run', '-d', '--name', container, '--network', 'host', '-v', `${folder}:/pebble:ro`],
    ...Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    ...[image, 'pebble', '-config', '/pebble/pebble.json', '-dnsserver', '127.0.0.1:9'],
  ]);
  const { axios } = await loadTrusting(acmeSettings());
  const { directory } = acmeSettings();
  await waitUntil('Pebble', async () => (await axios.get(directory).catch(() => undefined))?.status === 200, {
    timeoutMs: 30_000,
  });
}

/** Has the agent order the certificate with an account. */
const order = (accountUrl: string) =>
  orderCertificate(layout, { name, directory: acmeSettings().directory, accountUrl, keyGeneration: 1 });
const file = (which: string): string => readFileSync(join(layout.certificates, name, which), 'utf8');
const noted = (): string => (JSON.parse(file('order.json')) as { accountUrl: string }).accountUrl;

test('up registers the account once, and finds it again', async () => {
  const first = await account();
  assert.equal(await account(), first);
  await order(first);
  assert.equal(noted(), first);
});

test('a renewal with an account that is gone registers its key again, and notes the new account', async () => {
  const former = noted();
  const before = new X509Certificate(file('tls.pem')).serialNumber;
  await start();
  await order(former);
  assert.notEqual(new X509Certificate(file('tls.pem')).serialNumber, before);
  assert.notEqual(noted(), former);
});

test('up finds the account that the renewal registered, once it orders something', async () => {
  const { directory } = acmeSettings();
  const former = pins.acme![directory]!;
  assert.equal(await account(false), former, 'otherwise the authority is not asked');
  assert.equal(await account(), noted());
  assert.equal(pins.acme![directory], noted());
});

test('where the order fails all the same, it says that there is another account, and how the records follow', async () => {
  const former = noted();
  await start({ believes: false });
  await assert.rejects(order(former), /refuses that: .* localhost no longer knew .* run: haven up$/s);
  assert.notEqual(noted(), former);
});

test('while the authority is away, up keeps the account that it knows', async () => {
  const url = await account();
  await tryDocker(['rm', '-f', container]);
  assert.equal(await account(), url);
});
