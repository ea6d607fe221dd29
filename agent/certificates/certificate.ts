import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { applyMaintenance } from '../effects/maintenance.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { obtainChain } from './obtain-chain.ts';

/**
 * What to order, and with which account. The account's key comes from the operator's machine, so that CAA records can
 * name the account.
 */
export interface CertificateOrder {
  name: string;
  directory: string;
  accountUrl: string;
  accountKey: string;
  /**
   * Which key is in use, counted from 1. The next key already exists, so that DNS can publish it before it is used.
   */
  keyGeneration: number;
  /** PEM certificates to trust in addition to the default ones when talking to the authority. Empty for none. */
  trust: string;
}

export interface CertificateState {
  name: string;
  keyGeneration: number;
  /**
   * sha256 of each public key (SubjectPublicKeyInfo), hex: what TLSA `3 1 1` publishes (RFC 6698 §2.1). Of the key in
   * use and the next one, the odd generation is in `a` and the even one in `b`: rolling the key changes only one of
   * them.
   */
  keys: { a: string; b: string };
  notBefore: string;
  notAfter: string;
}

/** Uid of the reverse proxy, which reads the keys. */
const readerUid = 2010;
const folderOf = (layout: Layout, name: string): string => join(layout.certificates, name);
/** Key and chain in one file, as the reverse proxy reads them. */
const tlsFile = (layout: Layout, name: string): string => join(folderOf(layout, name), 'tls.pem');
const keyFile = (layout: Layout, name: string, generation: number): string =>
  join(folderOf(layout, name), `key-${generation}.pem`);
const spkiOf = (privateKey: Buffer): Buffer =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
const readOrder = (layout: Layout, name: string): Omit<CertificateOrder, 'accountKey' | 'trust'> =>
  JSON.parse(readFileSync(join(folderOf(layout, name), 'order.json'), 'utf8'));

export function readCertificate(layout: Layout, name: string): CertificateState | null {
  const file = tlsFile(layout, name);
  if (!existsSync(file)) return null;
  const certificate = new X509Certificate(readFileSync(file));
  const { keyGeneration } = readOrder(layout, name);
  const used = spkiOf(readFileSync(keyFile(layout, name, keyGeneration)));
  // After an interrupted roll, the certificate being served still has the previous key.
  const served = certificate.publicKey.export({ type: 'spki', format: 'der' });
  if (!used.equals(served)) return null;
  const hashes = [used, spkiOf(readFileSync(keyFile(layout, name, keyGeneration + 1)))].map((each) =>
    createHash('sha256').update(each).digest('hex'),
  ) as [string, string];
  const [a, b] = keyGeneration % 2 === 1 ? hashes : hashes.toReversed();
  return {
    name,
    keyGeneration,
    keys: { a: a!, b: b! },
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
  };
}

/** Every certificate that is whole. */
export const readCertificates = (layout: Layout): CertificateState[] =>
  (existsSync(layout.certificates) ? readdirSync(layout.certificates) : []).flatMap(
    (name) => readCertificate(layout, name) ?? [],
  );

/**
 * A certificate is due when a third of its lifetime is left. Authorities keep shortening that lifetime, so we don't
 * count days.
 */
export function isDue(state: CertificateState, now = Date.now()): boolean {
  const begin = Date.parse(state.notBefore);
  const end = Date.parse(state.notAfter);
  return now > end - (end - begin) / 3;
}

/**
 * Makes sure that a name has a valid certificate. Its keys are made here and kept across renewals, so that a TLSA
 * record stays valid. The order runs in a new process, because Node reads NODE_EXTRA_CA_CERTS only at its start.
 */
export async function ensureCertificate(
  layout: Layout,
  order: CertificateOrder,
  agent: string[],
): Promise<CertificateState> {
  saveOrder(layout, order);
  const state = readCertificate(layout, order.name);
  if (state && !isDue(state)) {
    await applyMaintenance(layout, { drainMs: 0 });
    return state;
  }
  const [command, ...args] = agent;
  const trust = order.trust ? { NODE_EXTRA_CA_CERTS: join(folderOf(layout, order.name), 'trust.pem') } : {};
  await run(command!, [...args, 'certificate-order', order.name], {
    env: { ...process.env, ...trust },
    timeoutMs: 180_000,
  });
  await applyMaintenance(layout, { drainMs: 0, renewed: true });
  return readCertificate(layout, order.name)!;
}

function saveOrder(layout: Layout, order: CertificateOrder): void {
  const folder = folderOf(layout, order.name);
  mkdirSync(folder, { recursive: true });
  const { accountKey, trust, ...rest } = order;
  writeDurably(join(folder, 'order.json'), JSON.stringify(rest));
  writeDurably(join(folder, 'trust.pem'), trust);
  const account = accountFile(layout);
  mkdirSync(join(layout.root, 'secrets', 'acme'), { recursive: true });
  chmodSync(join(layout.root, 'secrets', 'acme'), 0o700);
  writeDurably(account, accountKey, 0o400);
}

const accountFile = (layout: Layout): string => join(layout.root, 'secrets', 'acme', 'account.pem');

/** Gets a certificate for a name, with keys that are made here. */
export async function orderCertificate(layout: Layout, name: string): Promise<void> {
  // Loaded only here: the library is large, and every other call of the agent would pay for it.
  const { default: acme } = await import('acme-client');
  const folder = folderOf(layout, name);
  const { directory, accountUrl, keyGeneration } = readOrder(layout, name);
  const client = new acme.Client({
    directoryUrl: directory,
    accountUrl,
    accountKey: readFileSync(accountFile(layout)),
    // A first answer is there within a second, mostly. In all, two minutes.
    backoffMin: 500,
    backoffMax: 5000,
    backoffAttempts: 26,
  });
  for (const generation of [keyGeneration, keyGeneration + 1]) {
    const file = keyFile(layout, name, generation);
    if (!existsSync(file)) writeDurably(file, await acme.crypto.createPrivateEcdsaKey('P-256'), 0o400);
  }
  const key = readFileSync(keyFile(layout, name, keyGeneration));
  const [, csr] = await acme.crypto.createCsr({ altNames: [name] }, key);
  try {
    const chain = await obtainChain(client, { name, csr, challenges: layout.challenges });
    const mine = spkiOf(key);
    const theirs = new X509Certificate(chain).publicKey.export({ type: 'spki', format: 'der' });
    if (!mine.equals(theirs)) throw new Error('the authority answered with a certificate for another key');
    writeDurably(tlsFile(layout, name), `${key}${chain}`, 0o400, readerUid);
    for (const former of readdirSync(folder).filter((each) => /^key-\d+\.pem$/.test(each)))
      if (Number(former.slice(4, -4)) < keyGeneration) rmSync(join(folder, former));
  } catch (error) {
    throw new Error(`The certificate for ${name} was refused: ${reasonOf(error)}`);
  }
}

/** An authority's problem document gives the reason (RFC 7807); the client wraps it. */
function reasonOf(error: unknown): string {
  const response = (error as { response?: { data?: { detail?: string } } }).response;
  return response?.data?.detail ?? (error instanceof Error ? error.message : String(error));
}

/** Renews every certificate that is due. Called by a timer. One failure does not stop the others. */
export async function renewCertificates(
  layout: Layout,
  agent: string[],
): Promise<{ renewed: string[]; failed: string[] }> {
  const renewed: string[] = [];
  const failed: string[] = [];
  for (const name of existsSync(layout.certificates) ? readdirSync(layout.certificates) : []) {
    const state = readCertificate(layout, name);
    if (!state || !isDue(state)) continue;
    try {
      const folder = folderOf(layout, name);
      const order = readOrder(layout, name);
      const accountKey = readFileSync(accountFile(layout), 'utf8');
      await ensureCertificate(
        layout,
        { ...order, accountKey, trust: readFileSync(join(folder, 'trust.pem'), 'utf8') },
        agent,
      );
      renewed.push(name);
    } catch (error) {
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`);
      failed.push(name);
    }
  }
  return { renewed, failed };
}

export async function removeCertificate(layout: Layout, name: string): Promise<void> {
  rmSync(folderOf(layout, name), { recursive: true, force: true });
  await applyMaintenance(layout, { drainMs: 0 });
}
