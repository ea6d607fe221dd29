import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, projectRoot } from '../services/catalogue.ts';
import { waitUntil } from '../system/wait-until.ts';
import { withLock } from '../system/with-lock.ts';
import type { DnsRecord } from './cloudflare/api.ts';
import { ports, tokens } from './daemon.ts';
import { startDocker } from './docker.ts';
import { removeFirewall } from './hetzner/data-centre.ts';
import { ensureImageStore } from './image-store.ts';
import { ensureMachineImage, ensureWorldImage } from './images.ts';
import { ensureNetwork, network } from './network.ts';
import { cacheDir, tryDir, webRootsFile } from './paths.ts';
import { ensureServiceImages, type ImageReferences } from './service-images.ts';
import { mountStore } from './store.ts';
import { forget, removeAllMachines, shutDown, tearDown } from './teardown.ts';
import { acmeDirectory, caaIdentity, trustFile } from './world/acme-door.ts';
import { startWorld } from './world/world.ts';

/** A rehearsal that is running. */
export interface Rehearsal {
  images: ImageReferences;
  /** What a program must find in its environment to meet the rehearsal instead of the real APIs. */
  environment: Record<string, string>;
}

const pidFile = join(tryDir, 'daemon.pid');

/** Builds what is missing and starts the outside world; does nothing where it runs already. */
export async function startRehearsal(
  catalogue: Catalogue,
  say: (what: string) => void = () => undefined,
): Promise<Rehearsal> {
  return withLock(join(cacheDir, 'start.lock'), async () => {
    say('Docker engine');
    await startDocker();
    await mountStore();
    await ensureNetwork();
    say('Debian 13 for servers');
    const machine = await ensureMachineImage();
    say('Name server, resolver, certificate authority');
    const world = await ensureWorldImage();
    const images = await ensureServiceImages(catalogue, (name) => say(`Image ${name}`));
    say('Image store');
    const all = [...new Set(Object.values(images).flatMap((each) => Object.values(each)))];
    const store = await ensureImageStore(machine.reference, all);
    say('The outside world');
    await startWorld(world.reference);
    await startDaemon(machine.reference, store);
    return { images, environment: rehearsalEnvironment() };
  });
}

export function rehearsalEnvironment(): Record<string, string> {
  return {
    HAVEN_REHEARSAL: '1',
    HCLOUD_TOKEN: tokens.hetzner,
    HCLOUD_ENDPOINT: `http://${network.hostIpv4}:${ports.hetzner}/v1`,
    CLOUDFLARE_API_TOKEN: tokens.cloudflare,
    CLOUDFLARE_BASE_URL: `http://${network.hostIpv4}:${ports.cloudflare}/client/v4/`,
    HAVEN_ACME_DIRECTORY: acmeDirectory,
    HAVEN_ACME_CAA_IDENTITY: caaIdentity,
    HAVEN_ACME_TRUST: trustFile,
    HAVEN_ACME_ADDRESS: network.hostIpv4,
    HAVEN_RESOLVER: network.worldIpv4,
    HAVEN_WEB_TRUST: webRootsFile,
  };
}

async function startDaemon(machineImage: string, store: string): Promise<void> {
  if (daemonPid()) return;
  mkdirSync(tryDir, { recursive: true });
  rmSync(pidFile, { force: true });
  const log = openSync(join(tryDir, 'daemon.log'), 'a');
  const script = fileURLToPath(new URL(`./daemon${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [script, machineImage, store], {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  const logFile = join(tryDir, 'daemon.log');
  await waitUntil(
    `the rehearsal's APIs (their log: ${logFile})`,
    () => existsSync(pidFile) || child.exitCode !== null,
    { timeoutMs: 60_000 },
  );
  if (child.exitCode !== null)
    throw new Error(
      `The rehearsal's APIs ended at once. Their log is ${logFile}. To begin with nothing, type: npm run haven -- try reset`,
    );
}

/** The process behind the APIs, if it lives. */
export function daemonPid(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('rehearsal/daemon.') ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function stopDaemon(): Promise<void> {
  const pid = daemonPid();
  if (!pid) return;
  process.kill(pid, 'SIGTERM');
  await waitUntil("the rehearsal's APIs to stop", () => !daemonPid());
  rmSync(pidFile, { force: true });
}

/** Forgets everything that was built in the rehearsal, and starts it again, empty: servers, zones, disks. */
export async function resetRehearsal(catalogue: Catalogue): Promise<Rehearsal> {
  await stopDaemon();
  await startDocker();
  await mountStore();
  await removeAllMachines();
  forget();
  return startRehearsal(catalogue);
}

/** Switches everything off; the next start has the same servers, disks and zones again. */
export async function pauseRehearsal(): Promise<void> {
  await stopDaemon();
  await shutDown();
  await removeFirewall();
}

/** Ends everything that the rehearsal runs on this machine, its servers and their disks included. */
export async function stopRehearsal(): Promise<void> {
  await stopDaemon();
  await tearDown();
  await removeFirewall();
  forget();
}

async function tell(method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`http://${network.hostIpv4}:${ports.control}${path}`, {
    method,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the rehearsal answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Makes a domain exist at the rehearsed Cloudflare, with records that may be somebody's already. */
export async function registerDomain(name: string, records: Partial<DnsRecord>[] = []): Promise<void> {
  await tell('PUT', '/zone', { name, records });
}

export async function setFaults(faults: Record<string, unknown>): Promise<void> {
  await tell('PUT', '/faults', faults);
}

export async function rehearsalState(): Promise<{
  hetzner: import('./hetzner/types.ts').HetznerState;
  cloudflare: import('./cloudflare/api.ts').CloudflareState;
}> {
  const answer = await fetch(`http://${network.hostIpv4}:${ports.control}/`);
  return (await answer.json()) as never;
}
