import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../system/cache-dir.ts';
import { sandboxDir } from './host/paths.ts';
import { docker, dockerSocket, stopDocker } from './machine/docker.ts';
import { removeMachine, shutDownMachines } from './machine/machine.ts';
import { removeBridge, removeNetwork } from './machine/network.ts';
import { mountStore, unmountStore } from './machine/store.ts';

/** Ends every machine and container of the sandbox and gives back its network, mounts and engine. Doing it twice is fine. */
export async function tearDown(): Promise<void> {
  if (await dockerSocket()) {
    await mountStore();
    await removeAllMachines();
    await removeNetwork();
    await removeBuildStages();
  }
  await unmountStore();
  if (await stopDocker()) await removeBridge();
}

/** Shuts the machines down and ends the rest; what they are stays. Doing it twice is fine. */
export async function shutDown(): Promise<void> {
  if (await dockerSocket()) {
    await shutDownMachines();
    const others = ['label=openhaven.sandbox=internet', 'label=openhaven.sandbox=visitor'];
    for (const label of others) {
      const { stdout } = await docker(['ps', '--all', '--quiet', '--filter', label]);
      const ids = stdout.split('\n').filter(Boolean);
      if (ids.length > 0) await docker(['rm', '-f', '-v', ...ids]);
    }
    await removeBuildStages();
  }
  await unmountStore();
  if (await stopDocker()) await removeBridge();
}

/** Removes every container of the sandbox, with the disks of its servers. */
export async function removeAllMachines(): Promise<void> {
  const folder = join(sandboxDir, 'machines');
  for (const id of existsSync(folder) ? readdirSync(folder) : []) await removeMachine(id);
  const left = await docker(['ps', '--all', '--quiet', '--filter', 'label=openhaven.sandbox']);
  const ids = left.stdout.split('\n').filter(Boolean);
  if (ids.length > 0) await docker(['rm', '-f', '-v', ...ids]);
}

/** Removes stages that images were built in, many times as big as what they made. It takes a while, so no start does it. */
async function removeBuildStages(): Promise<void> {
  await docker(['image', 'prune', '--force', '--filter', 'label=openhaven.stage=build']);
}

/** Forgets what the sandbox remembers: its servers' disks, its APIs' state, its logs. */
export function forget(): void {
  rmSync(sandboxDir, { recursive: true, force: true });
}

/** Removes what is dear to make, too: engine, images, stores. */
export function purge(): void {
  forget();
  rmSync(cacheDir, { recursive: true, force: true });
}
