import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { authorityName, describeAuthorityFault, loadAcmeClient } from '../../system/certificate-authority.ts';
import { tryRun } from '../../system/run.ts';
import { applyRoutes } from '../effects/served-routes.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { obtainChain } from './obtain-chain.ts';
import { withAccount } from './with-account.ts';

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
  /** The account at the authority that renews it. */
  accountUrl: string;
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
/** What is kept of an order, for renewals. */
type KeptOrder = Omit<CertificateOrder, 'accountKey' | 'trust'>;
const orderFile = (layout: Layout, name: string): string => join(folderOf(layout, name), 'order.json');
const readOrder = (layout: Layout, name: string): KeptOrder =>
  JSON.parse(readFileSync(orderFile(layout, name), 'utf8'));
const saveOrder = (layout: Layout, order: KeptOrder): void =>
  writeDurably(orderFile(layout, order.name), JSON.stringify(order));

/**
 * The certificate of a name, as it is served: its key says which generation is in use, also after the change to a new
 * key was interrupted. Null when there is none yet; throws where its files are damaged.
 */
export function readCertificate(layout: Layout, name: string): CertificateState | null {
  const file = tlsFile(layout, name);
  if (!existsSync(file)) return null;
  const certificate = new X509Certificate(readFileSync(file));
  const served = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const keyGeneration = keyGenerations(layout, name).find((each) =>
    spkiOf(readFileSync(keyFile(layout, name, each))).equals(served),
  );
  if (keyGeneration === undefined) throw new Error('none of its keys is the one of its certificate');
  const hashes = [keyGeneration, keyGeneration + 1].map((each) =>
    createHash('sha256')
      .update(spkiOf(readFileSync(keyFile(layout, name, each))))
      .digest('hex'),
  ) as [string, string];
  const [a, b] = keyGeneration % 2 === 1 ? hashes : hashes.toReversed();
  return {
    name,
    accountUrl: readOrder(layout, name).accountUrl,
    keyGeneration,
    keys: { a: a!, b: b! },
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
  };
}

/** The authorities that this order trusts in addition to the default ones; empty for none. */
const trustFile = (layout: Layout, name: string): string => join(folderOf(layout, name), 'trust.pem');

/** The generations whose keys are here. */
const keyGenerations = (layout: Layout, name: string): number[] =>
  readdirSync(folderOf(layout, name))
    .filter((file) => /^key-\d+\.pem$/.test(file))
    .map((file) => Number(file.slice(4, -4)));

/** Null when there is no certificate, or a damaged one: either way a new one is ordered. A renewal reports the damage. */
function wholeCertificate(layout: Layout, name: string): CertificateState | null {
  try {
    return readCertificate(layout, name);
  } catch {
    return null;
  }
}

const namesIn = (layout: Layout): string[] =>
  existsSync(layout.certificates) ? readdirSync(layout.certificates) : [];

/** Every certificate that is whole. */
export const readCertificates = (layout: Layout): CertificateState[] =>
  namesIn(layout).flatMap((name) => wholeCertificate(layout, name) ?? []);

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
 * record stays valid.
 */
export async function ensureCertificate(
  layout: Layout,
  order: CertificateOrder,
  agent: string[],
): Promise<CertificateState> {
  const { accountKey, trust, ...kept } = order;
  saveAccount(layout, order);
  const state = wholeCertificate(layout, order.name);
  if (state && state.keyGeneration === order.keyGeneration && !isDue(state)) {
    saveOrder(layout, kept);
    await applyRoutes(layout);
    return state;
  }
  await orderAndServe(layout, kept, agent);
  return readCertificate(layout, order.name)!;
}

/** The order runs in a new process, because Node reads NODE_EXTRA_CA_CERTS only at its start. */
async function orderAndServe(layout: Layout, order: KeptOrder, agent: string[]): Promise<void> {
  const [command, ...args] = agent;
  const trust = trustFile(layout, order.name);
  const extra = readFileSync(trust, 'utf8') === '' ? {} : { NODE_EXTRA_CA_CERTS: trust };
  const done = await tryRun(command!, [...args, 'certificate-order'], {
    input: JSON.stringify(order),
    env: { ...process.env, ...extra },
    timeoutMs: 180_000,
  });
  // The order says why, in words for the owner; how it was run says nothing to them.
  if (done.code !== 0)
    throw new Error(
      done.stderr.trim() || `There is no certificate for ${order.name}: the order ended with ${done.code}.`,
    );
  await applyRoutes(layout);
}

function saveAccount(layout: Layout, { name, accountKey, trust }: CertificateOrder): void {
  writeDurably(trustFile(layout, name), trust);
  const account = accountFile(layout);
  mkdirSync(join(layout.root, 'secrets', 'acme'), { recursive: true });
  chmodSync(join(layout.root, 'secrets', 'acme'), 0o700);
  writeDurably(account, accountKey, 0o400);
}

const accountFile = (layout: Layout): string => join(layout.root, 'secrets', 'acme', 'account.pem');

/** In all less than the limit of an order, which is made again six hours later. */
const patience = { answerMs: 10_000, waitsMs: [2000, 5000, 10_000] };

/** Gets a certificate for a name, with keys that are made here. The order is kept once it has succeeded. */
export async function orderCertificate(layout: Layout, order: KeptOrder): Promise<void> {
  // Loaded only here: the library is large, and every other call of the agent would pay for it.
  const acme = await loadAcmeClient(patience);
  const { name, directory, accountUrl, keyGeneration } = order;
  let account = accountUrl;
  const options = {
    directoryUrl: directory,
    accountUrl,
    accountKey: readFileSync(accountFile(layout)),
    // A first answer is there within a second, mostly. In all, two minutes.
    backoffMin: 500,
    backoffMax: 5000,
    backoffAttempts: 26,
  };
  for (const generation of [keyGeneration, keyGeneration + 1]) {
    const file = keyFile(layout, name, generation);
    if (!existsSync(file)) writeDurably(file, await acme.crypto.createPrivateEcdsaKey('P-256'), 0o400);
  }
  const key = readFileSync(keyFile(layout, name, keyGeneration));
  const [, csr] = await acme.crypto.createCsr({ altNames: [name] }, key);
  try {
    const request = { name, csr, challenges: layout.challenges };
    const chain = await withAccount(
      acme,
      options,
      (client) => obtainChain(client, request),
      (registered) => {
        account = registered;
        noteAccount(layout, name, registered);
      },
    );
    const mine = spkiOf(key);
    const theirs = new X509Certificate(chain).publicKey.export({ type: 'spki', format: 'der' });
    if (!mine.equals(theirs)) throw new Error('the authority answered with a certificate for another key');
    writeDurably(tlsFile(layout, name), `${key}${chain}`, 0o400, readerUid);
    saveOrder(layout, { ...order, accountUrl: account });
    for (const former of keyGenerations(layout, name).filter((each) => each < keyGeneration))
      rmSync(keyFile(layout, name, former));
  } catch (error) {
    const { what, remedy } = describeAuthorityFault(error, directory);
    const authority = authorityName(directory);
    const moved =
      account === accountUrl
        ? ''
        : ` ${authority} no longer knew the account that the CAA records name, so the cloud has a new one. "haven up" writes it into the records.`;
    throw new Error(`There is no certificate for ${name}: ${authority} ${what}${moved} ${remedy}`);
  }
}

/** The next plan compares this account with the one in CAA records. Of a certificate that does not exist yet nothing is kept. */
function noteAccount(layout: Layout, name: string, accountUrl: string): void {
  if (existsSync(orderFile(layout, name))) saveOrder(layout, { ...readOrder(layout, name), accountUrl });
}

/**
 * Renews every certificate that is due. Called by a timer. Each failure and each damaged folder is reported; none stops
 * the others.
 */
export async function renewCertificates(
  layout: Layout,
  agent: string[],
  now = Date.now(),
): Promise<{ renewed: string[]; failed: string[] }> {
  const renewed: string[] = [];
  const failed: string[] = [];
  for (const name of namesIn(layout)) {
    try {
      const state = readCertificate(layout, name);
      if (!state || !isDue(state, now)) continue;
      // The key that is served stays. A new one comes only by `haven up`, once DNS shows it.
      const order = { ...readOrder(layout, name), keyGeneration: state.keyGeneration };
      await orderAndServe(layout, order, agent);
      renewed.push(name);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      process.stderr.write(
        `The certificate of ${name} was not renewed: ${why}\nIt is tried again in 6 hours. If its files are damaged, run: haven up\n`,
      );
      failed.push(name);
    }
  }
  return { renewed, failed };
}

export async function removeCertificate(layout: Layout, name: string): Promise<void> {
  rmSync(folderOf(layout, name), { recursive: true, force: true });
  await applyRoutes(layout);
}
