import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { certify, ensureTrust } from './authority.ts';
import { Layout } from './layout.ts';

test('what services get that are deployed in parallel is certified by one authority, which all trust', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'haven-authority-'));
  t.after(() => rmSync(root, { recursive: true }));
  // As processes of their own: each has a layout and reads what is there.
  const made = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const layout = new Layout(root, join(root, 'run'));
      await ensureTrust(layout);
      return certify(layout, 'ldap');
    }),
  );
  const trusted = readFileSync(new Layout(root).trust, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  )!;
  const authority = new X509Certificate(trusted.at(-1)!).publicKey;
  for (const each of made) {
    const certificate = new X509Certificate(each.slice(each.indexOf('-----BEGIN CERTIFICATE-----')));
    assert.ok(certificate.verify(authority));
  }
});
