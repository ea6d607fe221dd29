import { join } from 'node:path';
import type { Catalogue } from '../core/service.ts';
import { cacheDir } from '../system/cache-dir.ts';
import { withLock } from '../system/with-lock.ts';
import { startDaemon, stopDaemon } from './daemon-process.ts';
import { removeFirewall } from './data-centre/machine-data-centre.ts';
import { sandboxEnvironment } from './environment.ts';
import { startInternet } from './internet/internet.ts';
import { startRegistryStore } from './internet/registries/store.ts';
import { startObjectStorage } from './internet/storage/gateway.ts';
import { startDocker } from './machine/docker.ts';
import { ensureNetwork } from './machine/network.ts';
import { mountStore } from './machine/store.ts';
import { assertNoOlderSandbox, removeOlderSandbox } from './older-format.ts';
import { buildWaitMs, type Preparation, prepare } from './prepare.ts';
import { forget, removeAllMachines, shutDown, tearDown } from './teardown.ts';

/** A sandbox that is running. */
export interface Sandbox {
  /** The variables with which a program uses the sandbox instead of the real APIs. */
  environment: Record<string, string>;
}

/** Builds what is missing and starts the sandbox. Does nothing if it is running already. */
export async function startSandbox(catalogue: Catalogue, preparation: Preparation = {}): Promise<Sandbox> {
  assertNoOlderSandbox();
  const start = async () => {
    const { machineImage, internetImage, store } = await prepare(catalogue, preparation);
    await ensureNetwork();
    const parts = [startRegistryStore, startObjectStorage, startInternet];
    await Promise.all(parts.map((start) => start(internetImage)));
    await startDaemon(machineImage, store);
    return { environment: sandboxEnvironment() };
  };
  return withLock(join(cacheDir, 'start.lock'), start, { waitMs: buildWaitMs });
}

/** Deletes everything in the sandbox (servers, disks, zones) and starts it again, empty. */
export async function resetSandbox(catalogue: Catalogue, preparation: Preparation = {}): Promise<Sandbox> {
  await stopDaemon();
  await startDocker();
  await mountStore();
  await removeAllMachines();
  await removeOlderSandbox();
  forget();
  return startSandbox(catalogue, preparation);
}

/** Stops everything; the next start has the same servers, disks and zones. */
export async function pauseSandbox(): Promise<void> {
  await stopDaemon();
  await shutDown();
  await removeFirewall();
}

/** Stops the sandbox and deletes what it made on this machine, its servers and their disks included. */
export async function stopSandbox(): Promise<void> {
  await stopDaemon();
  await removeOlderSandbox();
  await tearDown();
  await removeFirewall();
  forget();
}
