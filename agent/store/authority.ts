import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../system/run.ts';
import { writeOnce } from './bundle-store.ts';
import type { Layout } from './layout.ts';

const systemRoots = '/etc/ssl/certs/ca-certificates.crt';
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/**
 * A small certificate authority of this server's own, for TLS between its services. It can only certify one-word
 * names (RFC 5280 §4.2.1.10), which no name on the internet is. Its key never leaves the volume.
 */
async function ensureAuthority(layout: Layout): Promise<{ key: string; certificate: string }> {
  const file = join(layout.root, 'secrets', 'authority.pem');
  // Services are deployed in parallel, and what one authority certifies, those who trust another refuse.
  if (!existsSync(file)) writeOnce(file, await makeAuthority(), 0o400);
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: text.slice(0, at), certificate: text.slice(at) };
}

async function makeAuthority(): Promise<string> {
  const extensions = [
    'basicConstraints=critical,CA:true,pathlen:0',
    'keyUsage=critical,keyCertSign,cRLSign',
    'nameConstraints=critical,permitted;DNS:ldap,permitted;DNS:localhost',
  ].flatMap((each) => ['-addext', each]);
  return inTemporary(async (folder) => {
    const out = ['-keyout', join(folder, 'key'), '-out', join(folder, 'crt')];
    const subject = ['-subj', '/CN=Inside this haven', '-days', '7300'];
    await run('openssl', ['req', '-x509', ...curve, ...subject, ...extensions, ...out]);
    return readFileSync(join(folder, 'key'), 'utf8') + readFileSync(join(folder, 'crt'), 'utf8');
  });
}

/** A new key and its certificate for a name, in one text. */
export async function certify(layout: Layout, name: string): Promise<string> {
  const authority = await ensureAuthority(layout);
  return inTemporary(async (folder) => {
    const at = (file: string) => join(folder, file);
    writeFileSync(at('ca.key'), authority.key, { mode: 0o600 });
    writeFileSync(at('ca.crt'), authority.certificate);
    const signer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key')];
    const subject = ['-subj', `/CN=${name}`, '-days', '3650', '-addext', `subjectAltName=DNS:${name}`];
    const usage = ['-addext', 'basicConstraints=critical,CA:false', '-addext', 'extendedKeyUsage=serverAuth'];
    const out = ['-keyout', at('key'), '-out', at('crt')];
    await run('openssl', ['req', '-x509', ...curve, ...signer, ...subject, ...usage, ...out]);
    return readFileSync(at('key'), 'utf8') + readFileSync(at('crt'), 'utf8');
  });
}

/**
 * The authorities that containers trust: those the server trusts, and its own. Rewritten in place, because the file
 * is mounted.
 */
export async function ensureTrust(layout: Layout): Promise<void> {
  const wanted = readFileSync(systemRoots, 'utf8') + (await ensureAuthority(layout)).certificate;
  if (existsSync(layout.trust) && readFileSync(layout.trust, 'utf8') === wanted) return;
  mkdirSync(dirname(layout.trust), { recursive: true });
  writeFileSync(layout.trust, wanted, { flush: true, mode: 0o644 });
}

async function inTemporary<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(existsSync('/run/haven') ? '/run/haven' : tmpdir(), 'tls-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
