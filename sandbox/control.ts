import type { Ds } from './dnssec/zone-key.ts';
import type { CloudflareState, DnsRecord } from './emulators/cloudflare/state.ts';
import type { HetznerState } from './emulators/hetzner/project/state.ts';
import { ports } from './host/ports.ts';
import type { FaultOrder } from './internet/fault-order.ts';
import type { ForeignMailOrder } from './internet/foreign-mail/zone.ts';
import type { Bucket, SftpAccount } from './internet/storage/names.ts';
import { network } from './machine/network.ts';

/** Sends a request to the control API of a running sandbox, which production code does not know. */
async function tell(method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`http://${network.hostIpv4}:${ports.control}${path}`, {
    method,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the sandbox answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Creates a zone at the emulated Cloudflare, with records that its owner already has. */
export async function registerDomain(name: string, records: Partial<DnsRecord>[] = []): Promise<void> {
  await tell('PUT', '/zone', { name, records });
}

/** What a domain's owner orders at their registrar: other name servers, without their last dot. */
export async function setNameServers(domain: string, nameServers: string[]): Promise<void> {
  await tell('POST', '/registrar', { order: 'set-ns', domain, nameServers });
}

/** Adds a DS record to what the registry publishes of a domain. It need not fit the zone, as at a real registrar. */
export async function addDs(domain: string, ds: Ds): Promise<void> {
  await tell('POST', '/registrar', { order: 'add-ds', domain, ds });
}

/** Removes a DS record of a domain, or all of them. Throws if the domain does not have it. */
export async function removeDs(domain: string, ds?: Ds): Promise<void> {
  await tell('POST', '/registrar', { order: 'remove-ds', domain, ...(ds ? { ds } : {}) });
}

/**
 * Starts the mail server of another company (`internet/foreign-mail/`), with its zone. Its image has to be made before
 * (`foreignMailTasks`). While it runs, changes its TLSA record (to one that fits, one of another key, or none), its MTA-STS
 * policy and its certificate: what is not named is as at its start.
 */
export async function startForeignMail(order: Partial<ForeignMailOrder> = {}): Promise<void> {
  await tell('PUT', '/foreign-mail', order);
}

/** Stops that mail server and removes its zone. Does nothing if it does not run. */
export async function stopForeignMail(): Promise<void> {
  await tell('DELETE', '/foreign-mail', {});
}

/** Sets which requests to the emulated APIs fail. */
export async function setFaults(faults: Record<string, unknown>): Promise<void> {
  await tell('PUT', '/faults', faults);
}

/** Sets what goes wrong in the sandbox's internet, by name; `null` ends it, other names stay as they are. */
export async function setInternetFaults(order: FaultOrder): Promise<void> {
  await tell('PUT', '/internet-faults', order);
}

/**
 * Creates an empty bucket at the sandbox's object storage, and answers with how it is reached. Throws if it exists already.
 * The S3 server has to be built before (`storageTasks`), and is started if it does not run. The keys are those of the whole sandbox and open every bucket, as a project's do at Hetzner.
 */
export async function createBucket(name: string): Promise<Bucket> {
  return (await tell('POST', '/buckets', { name })) as Bucket;
}

/** As `createBucket`, but a bucket that exists already is left as it is, with what is in it. */
export async function ensureBucket(name: string): Promise<Bucket> {
  return (await tell('PUT', '/buckets', { name })) as Bucket;
}

/** Lets a public key (a line as in `id_ed25519.pub`) into the sandbox's Storage Box, and answers with how it is reached. */
export async function createSftpAccount(publicKey: string): Promise<SftpAccount> {
  return (await tell('POST', '/sftp-accounts', { publicKey })) as SftpAccount;
}

/** Deletes all buckets, and the files and keys of the Storage Box. A sandbox that is reset has none from the start. */
export async function emptyPlaces(): Promise<void> {
  await tell('DELETE', '/places', {});
}

/** Sets whether servers that are made from now on have no image, as those of a real data centre. */
export async function setNewServers(order: { areEmpty: boolean }): Promise<void> {
  await tell('PUT', '/new-servers', order);
}

/** What exists at the emulated providers. */
export async function sandboxState(): Promise<{
  hetzner: HetznerState;
  cloudflare: CloudflareState;
}> {
  const answer = await fetch(`http://${network.hostIpv4}:${ports.control}/`);
  return (await answer.json()) as never;
}
