import { join } from 'node:path';
import { daemonPid, startDaemon, stopDaemon } from '../../sandbox/daemon-process.ts';
import { internetImage } from '../../sandbox/images/images.ts';
import { startInternet } from '../../sandbox/internet/internet.ts';
import { startRegistryStore } from '../../sandbox/internet/registries/store.ts';
import { startObjectStorage } from '../../sandbox/internet/storage/gateway.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { withLock } from '../../system/with-lock.ts';
import type { Lab } from './lab.ts';

/** No test that has it takes longer. */
const turnMs = 10 * 60_000;

/**
 * Starts the sandbox's internet for a lab: names, registries, Debian's archive, a Storage Box, and the object storage if the
 * lab was opened with it. Machines that are created afterwards trust it; without it a machine of a lab can look up no name. One
 * test at a time has it, since each orders what goes wrong there. Answers with what ends it.
 */
export async function openInternet(lab: Lab): Promise<() => Promise<void>> {
  const giveBack = await takeTurn();
  await startRegistryStore(internetImage());
  await startObjectStorage(internetImage());
  await startInternet(internetImage());
  const wasRunning = daemonPid() !== undefined;
  await startDaemon(lab.machineImage, lab.store);
  return async () => {
    if (!wasRunning) await stopDaemon();
    await giveBack();
  };
}

/** Answers with what gives the turn to the next. */
async function takeTurn(): Promise<() => Promise<void>> {
  let end: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => {
    end = resolve;
  });
  let turn: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    const wait = (): Promise<void> => {
      resolve();
      return isOver;
    };
    turn = withLock(join(cacheDir, 'internet.lock'), wait, { waitMs: turnMs });
    turn.catch(reject);
  });
  return async () => {
    end();
    await turn;
  };
}
