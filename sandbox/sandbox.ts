import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../core/service.ts';
import { cacheDir } from '../system/cache-dir.ts';
import { projectRoot } from '../system/project-root.ts';
import { sandboxDir } from '../system/sandbox-dir.ts';
import { waitUntil } from '../system/wait-until.ts';
import { withLock } from '../system/with-lock.ts';
import { ports, tokens } from './daemon.ts';
import { removeFirewall } from './data-centre/machine-data-centre.ts';
import type { DnsRecord } from './emulators/cloudflare/state.ts';
import { pidFile, webRootsFile } from './host/paths.ts';
import { acmeDirectory, caaIdentity, trustFile } from './internet/acme-gateway.ts';
import { startInternet } from './internet/internet.ts';
import { startDocker } from './machine/docker.ts';
import { ensureNetwork, network } from './machine/network.ts';
import { mountStore } from './machine/store.ts';
import { assertNoOlderSandbox, removeOlderSandbox } from './older-format.ts';
import { type Preparation, prepare } from './prepare.ts';
import { forget, removeAllMachines, shutDown, tearDown } from './teardown.ts';

/** A sandbox that is running. */
export interface Sandbox {
  /** What a program must find in its environment to meet the sandbox instead of the real APIs. */
  environment: Record<string, string>;
}

/** What the command line of the process behind the APIs holds, as TypeScript or compiled. */
export const daemonCommand = 'sandbox/daemon.';

/** Builds what is missing and starts the outside internet; does nothing where it runs already. */
export async function startSandbox(catalogue: Catalogue, preparation: Preparation = {}): Promise<Sandbox> {
  assertNoOlderSandbox();
  return withLock(join(cacheDir, 'start.lock'), async () => {
    const { machineImage, internetImage, store } = await prepare(catalogue, preparation);
    await ensureNetwork();
    await startInternet(internetImage);
    await startDaemon(machineImage, store);
    return { environment: sandboxEnvironment() };
  });
}

export function sandboxEnvironment(): Record<string, string> {
  return {
    HCLOUD_TOKEN: tokens.hetzner,
    HCLOUD_ENDPOINT: `http://${network.hostIpv4}:${ports.hetzner}/v1`,
    CLOUDFLARE_API_TOKEN: tokens.cloudflare,
    CLOUDFLARE_BASE_URL: `http://${network.hostIpv4}:${ports.cloudflare}/client/v4/`,
    HAVEN_ACME_DIRECTORY: acmeDirectory,
    HAVEN_ACME_CAA_IDENTITY: caaIdentity,
    HAVEN_ACME_TRUST: trustFile,
    HAVEN_ACME_ADDRESS: network.hostIpv4,
    HAVEN_RESOLVER: network.internetIpv4,
    HAVEN_WEB_TRUST: webRootsFile,
    HAVEN_IMAGES: `http://${network.hostIpv4}:${ports.images}/`,
  };
}

async function startDaemon(machineImage: string, store: string): Promise<void> {
  if (daemonPid()) return;
  mkdirSync(sandboxDir, { recursive: true });
  rmSync(pidFile, { force: true });
  const log = openSync(join(sandboxDir, 'daemon.log'), 'a');
  const script = fileURLToPath(new URL(`./daemon${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [script, machineImage, store], {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  const logFile = join(sandboxDir, 'daemon.log');
  await waitUntil(
    `the sandbox's APIs (their log: ${logFile})`,
    () => existsSync(pidFile) || child.exitCode !== null,
    { timeoutMs: 60_000 },
  );
  if (child.exitCode !== null)
    throw new Error(
      `The sandbox's APIs ended at once. Their log is ${logFile}. To begin with nothing, type: npm run haven -- sandbox reset`,
    );
}

/** The process behind the APIs, if it lives. */
export function daemonPid(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(daemonCommand) ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function stopDaemon(): Promise<void> {
  const pid = daemonPid();
  if (!pid) return;
  process.kill(pid, 'SIGTERM');
  await waitUntil("the sandbox's APIs to stop", () => !daemonPid());
  rmSync(pidFile, { force: true });
}

/** Forgets everything that was built in the sandbox, and starts it again, empty: servers, zones, disks. */
export async function resetSandbox(catalogue: Catalogue, preparation: Preparation = {}): Promise<Sandbox> {
  await stopDaemon();
  await startDocker();
  await mountStore();
  await removeAllMachines();
  await removeOlderSandbox();
  forget();
  return startSandbox(catalogue, preparation);
}

/** Switches everything off; the next start has the same servers, disks and zones again. */
export async function pauseSandbox(): Promise<void> {
  await stopDaemon();
  await shutDown();
  await removeFirewall();
}

/** Ends everything that the sandbox runs on this machine, its servers and their disks included. */
export async function stopSandbox(): Promise<void> {
  await stopDaemon();
  await removeOlderSandbox();
  await tearDown();
  await removeFirewall();
  forget();
}

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

export async function setFaults(faults: Record<string, unknown>): Promise<void> {
  await tell('PUT', '/faults', faults);
}

export async function sandboxState(): Promise<{
  hetzner: import('./emulators/hetzner/project/state.ts').HetznerState;
  cloudflare: import('./emulators/cloudflare/state.ts').CloudflareState;
}> {
  const answer = await fetch(`http://${network.hostIpv4}:${ports.control}/`);
  return (await answer.json()) as never;
}
