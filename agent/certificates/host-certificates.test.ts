import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Release } from '../../core/release/release.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { ensureHostCertificate } from './host-certificates.ts';

const host = 'mail.example.org';
const uid = process.getuid!();
const release: Release = {
  ...plainBundle('mail').release,
  hostCertificate: { host, readers: { postfix: uid, dovecot: uid } },
};

function serve(layout: Layout, text: string): void {
  mkdirSync(join(layout.certificates, host), { recursive: true });
  writeFileSync(join(layout.certificates, host, 'tls.pem'), text);
}
const copies = (layout: Layout): string[] =>
  ['postfix', 'dovecot'].map((program) =>
    readFileSync(join(layout.hostCertificate('mail', program), 'tls.pem'), 'utf8'),
  );

test('a release that needs the certificate of its name does not start without it, and says what to do', () => {
  const layout = new Layout(scratch('host-certificates'));
  assert.throws(
    () => ensureHostCertificate(layout, release),
    /^Error: mail needs the certificate of mail\.example\.org, which is not on this server\. Run: haven up$/,
  );
});

test('each program has a copy that nobody else can read, and a new certificate takes its place in the same folder', () => {
  const layout = new Layout(scratch('host-certificates'));
  serve(layout, 'first');
  ensureHostCertificate(layout, release);
  assert.deepEqual(copies(layout), ['first', 'first']);
  const folder = layout.hostCertificate('mail', 'postfix');
  const { ino, mode } = statSync(folder);
  assert.equal(mode & 0o777, 0o500);
  assert.equal(statSync(join(folder, 'tls.pem')).mode & 0o777, 0o400);
  serve(layout, 'second');
  ensureHostCertificate(layout, release);
  assert.deepEqual(copies(layout), ['second', 'second']);
  assert.equal(statSync(folder).ino, ino, 'a container has mounted it');
  assert.deepEqual(readdirSync(folder), ['tls.pem']);
});
