import { exitCodes } from './exit-codes.ts';

/** Work that is interrupted when nobody reads the output any more, and not ended in the middle. */
const interruptions = new Set<() => void>();
let wasInterrupted = false;

/**
 * A command ends when the reader of its standard output is gone, such as `head`. What is written to a standard error that is
 * not read is lost, and nothing else happens: without this, Node would end the command, and the Pulumi engine's own handler of
 * errors would write them there again, for ever.
 */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    mustBeUnread(error);
    if (interruptions.size === 0) process.exit(wasInterrupted ? exitCodes.failed : exitCodes.ok);
    wasInterrupted = true;
    for (const interrupt of interruptions) interrupt();
  });
  process.stderr.on('error', mustBeUnread);
}

function mustBeUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Has work interrupted when its reader is gone; may be told more than once. Returns what ends that. */
export function onReaderGone(interrupt: () => void): () => void {
  interruptions.add(interrupt);
  return () => interruptions.delete(interrupt);
}
