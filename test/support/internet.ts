import { daemonPid, startDaemon, stopDaemon } from '../../sandbox/daemon-process.ts';
import { internetImage } from '../../sandbox/images/images.ts';
import { startInternet } from '../../sandbox/internet/internet.ts';
import { startRegistryStore } from '../../sandbox/internet/registries/store.ts';
import type { Lab } from './lab.ts';

/**
 * Starts the sandbox's internet for a lab: names, registries, Debian's archive. Machines that are created afterwards trust
 * it; without it a machine of a lab can look up no name. Answers with what ends it.
 */
export async function openInternet(lab: Lab): Promise<() => Promise<void>> {
  await startRegistryStore(internetImage());
  await startInternet(internetImage());
  const wasRunning = daemonPid() !== undefined;
  await startDaemon(lab.machineImage, lab.store);
  return async () => {
    if (!wasRunning) await stopDaemon();
  };
}
