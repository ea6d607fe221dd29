import type { ChildProcess } from 'node:child_process';

/**
 * Programs that lead a process group of their own (`detached`), so that they can be ended with all that they started.
 * The terminal sends Ctrl-C only to this process's group (termios(3), ISIG), so while they run it is passed on. So is
 * the signal that ends this process: a program that is itself one of `haven` then ends what it started, too.
 */
const running = new Set<ChildProcess>();
const passedOn = ['SIGINT', 'SIGHUP', 'SIGTERM'] as const;

/** Passes signals on to a program's group while it runs. Returns what ends that. */
export function passSignalsOn(leader: ChildProcess): () => void {
  if (running.size === 0) for (const signal of passedOn) process.on(signal, passOn);
  running.add(leader);
  return () => {
    if (!running.delete(leader) || running.size > 0) return;
    for (const signal of passedOn) process.off(signal, passOn);
  };
}

function passOn(signal: NodeJS.Signals): void {
  // Where something else listens, this process decides what it ends. A terminal would signal its programs anyway.
  const isHandled = process.listenerCount(signal) > 1;
  if (isHandled && signal === 'SIGTERM') return;
  for (const each of running) signalGroup(each, signal);
  if (isHandled) return;
  process.off(signal, passOn);
  process.kill(process.pid, signal);
}

/** Sends a signal to a program and everything in its group. Does nothing when all of it has ended. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
