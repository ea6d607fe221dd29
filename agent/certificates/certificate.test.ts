import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../system/run.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { ensureCertificate, readCertificate, readCertificates, renewCertificates } from './certificate.ts';

/** A server with certificates that are valid for a day, in use since a moment, each with its key and the next one. */
async function server(...names: string[]): Promise<Layout> {
  const layout = new Layout(scratch('certificates'));
  for (const name of names) {
    const file = (each: string) => join(layout.certificates, name, each);
    mkdirSync(join(layout.certificates, name), { recursive: true });
    for (const generation of [1, 2]) {
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
      const files = ['-keyout', file(`key-${generation}.pem`), '-out', file(`${generation}.crt`)];
      await run('openssl', ['req', '-x509', ...key, '-days', '1', '-subj', `/CN=${name}`, ...files]);
    }
    copyFileSync(file('1.crt'), file('tls.pem'));
    writeFileSync(file('trust.pem'), '');
    writeFileSync(file('order.json'), JSON.stringify(kept(name)));
  }
  return layout;
}

const kept = (name: string, keyGeneration = 1) => ({
  name,
  directory: 'https://ca.test',
  accountUrl: 'https://ca.test/account/1',
  keyGeneration,
});

const fileOf = (layout: Layout, name: string, file: string): string => join(layout.certificates, name, file);
const tomorrow = Date.now() + 23 * 3600_000;

/** An agent whose orders all fail, and that notes what it was to order. */
function refusing(layout: Layout): { agent: string[]; ordered: () => string } {
  const note = join(layout.root, 'ordered');
  const agent = ['sh', '-c', `cat >> ${note}; echo >> ${note}; exit 1`];
  return { agent, ordered: () => (existsSync(note) ? readFileSync(note, 'utf8') : '') };
}

test('after an interrupted change of the key, the key that is served is the one in use', async () => {
  const layout = await server('www.example.org');
  writeFileSync(fileOf(layout, 'www.example.org', 'order.json'), JSON.stringify(kept('www.example.org', 2)));
  assert.equal(readCertificate(layout, 'www.example.org')?.keyGeneration, 1);
});

test('after an interrupted change of the key, a renewal keeps the key that is served', async () => {
  const layout = await server('www.example.org');
  writeFileSync(fileOf(layout, 'www.example.org', 'order.json'), JSON.stringify(kept('www.example.org', 2)));
  const { agent, ordered } = refusing(layout);
  assert.deepEqual(await renewCertificates(layout, agent, tomorrow), {
    renewed: [],
    failed: ['www.example.org'],
  });
  assert.deepEqual(JSON.parse(ordered()), kept('www.example.org', 1));
});

test('a change of the key that fails leaves the order for renewals as it was', async () => {
  const layout = await server('www.example.org');
  const { agent, ordered } = refusing(layout);
  const order = { ...kept('www.example.org', 2), accountKey: 'key', trust: '' };
  await assert.rejects(
    ensureCertificate(layout, order, agent),
    /There is no certificate for www\.example\.org: the order ended with 1/,
  );
  assert.deepEqual(JSON.parse(ordered()), kept('www.example.org', 2));
  const { keyGeneration } = JSON.parse(readFileSync(fileOf(layout, 'www.example.org', 'order.json'), 'utf8'));
  assert.equal(keyGeneration, 1);
});

test('a damaged folder is reported, and does not keep the others from being renewed', async () => {
  const names = ['a.example.org', 'b.example.org', 'c.example.org', 'd.example.org', 'e.example.org'];
  const [damaged, keyless, orderless, whole, empty] = names as [string, string, string, string, string];
  const layout = await server(...names);
  writeFileSync(fileOf(layout, damaged, 'tls.pem'), 'not a certificate');
  rmSync(fileOf(layout, keyless, 'key-1.pem'));
  rmSync(fileOf(layout, orderless, 'order.json'));
  rmSync(fileOf(layout, empty, 'tls.pem'));
  const { agent, ordered } = refusing(layout);
  const { failed } = await renewCertificates(layout, agent, tomorrow);
  assert.deepEqual(failed, [damaged, keyless, orderless, whole], 'one without a certificate is not due');
  assert.deepEqual(JSON.parse(ordered()), kept(whole), 'only this one could be ordered');
});

test('lists the certificates that are whole, whatever is damaged', async () => {
  const layout = await server('a.example.org', 'b.example.org', 'c.example.org');
  writeFileSync(fileOf(layout, 'a.example.org', 'tls.pem'), 'not a certificate');
  rmSync(fileOf(layout, 'c.example.org', 'order.json'));
  assert.deepEqual(
    readCertificates(layout).map(({ name }) => name),
    ['b.example.org'],
  );
});
