import { terminal } from '../output/terminal.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does work that leaves something behind if it is killed in between; then says what, and how it is removed. */
export async function sayIfKilled<T>(left: string, work: () => Promise<T>): Promise<T> {
  const say = (signal: NodeJS.Signals): void => {
    stopListening();
    terminal.tell(`\n  Interrupted while a token was tried. ${left} The next attempt deletes it.\n`);
    process.kill(process.pid, signal);
  };
  const stopListening = (): void => {
    for (const each of signals) process.off(each, say);
  };
  for (const each of signals) process.on(each, say);
  try {
    return await work();
  } finally {
    stopListening();
  }
}
