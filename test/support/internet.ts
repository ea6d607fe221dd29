import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonPid, startDaemon, stopDaemon } from '../../sandbox/daemon-process.ts';
import { internetImage } from '../../sandbox/images/images.ts';
import { startInternet } from '../../sandbox/internet/internet.ts';
import { startRegistryStore } from '../../sandbox/internet/registries/store.ts';
import { startObjectStorage } from '../../sandbox/internet/storage/gateway.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { withFreeLock, withLock } from '../../system/with-lock.ts';
import type { Lab } from './lab.ts';

/** No test that has a part of it takes longer. */
const turnMs = 10 * 60_000;

/**
 * What a test orders there for itself alone: that registries or Debian's archive fail; that places for backups fail, or are
 * emptied; the mail server of another company; what becomes of domains of its own.
 */
export type InternetPart = 'registries' | 'places' | 'mail' | 'domains';

const lockOf = (name: string) => join(cacheDir, `${name}.lock`);
/** The process behind the sandbox that a test started, and not `npm start`. */
const startedFile = join(cacheDir, 'internet.pid');

/**
 * Starts the sandbox's internet for a lab: names, registries, Debian's archive, a Storage Box, and the object storage if the
 * lab was opened with it. Machines that are created afterwards trust it; without it a machine of a lab can look up no name. One
 * test at a time has each part of it. Answers with what ends it, once no test has any part.
 */
export async function openInternet(lab: Lab, part: InternetPart): Promise<() => Promise<void>> {
  const giveBack = await holdLock(lockOf(`internet-${part}`));
  const leave = await holdLock(lockOf('internet'), { isShared: true });
  const close = async (): Promise<void> => {
    await leave();
    await withFreeLock(lockOf('internet'), stopIfStarted);
    await giveBack();
  };
  try {
    await withLock(lockOf('internet-start'), () => ensureInternet(lab));
  } catch (error) {
    // Who holds a lock does not end.
    await close();
    throw error;
  }
  return close;
}

async function ensureInternet(lab: Lab): Promise<void> {
  await startRegistryStore(internetImage());
  await startObjectStorage(internetImage());
  await startInternet(internetImage());
  if (daemonPid() !== undefined) return;
  await startDaemon(lab.machineImage, lab.store);
  writeFileSync(startedFile, String(daemonPid()));
}

async function stopIfStarted(): Promise<void> {
  if (!existsSync(startedFile) || Number(readFileSync(startedFile, 'utf8')) !== daemonPid()) return;
  await stopDaemon();
  rmSync(startedFile, { force: true });
}

/** Answers with what releases the lock. */
async function holdLock(file: string, options: { isShared?: boolean } = {}): Promise<() => Promise<void>> {
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
    turn = withLock(file, wait, { waitMs: turnMs, ...options });
    turn.catch(reject);
  });
  return async () => {
    end();
    await turn;
  };
}
