import { onReaderGone } from './reader.ts';

/**
 * Runs work that Ctrl-C ends cleanly: the first one lets what is under way finish and begins nothing new; the second
 * asks, since ending at once may leave things half made (the next `up` finds them). When the reader of its output is
 * gone, that counts as the first.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let times = 0;
  const onSignal = (): void => {
    times += 1;
    if (times === 1) {
      process.stderr.write(
        '\n  Stopping: what is under way is finished, and nothing new is started. To continue later, run: haven up\n',
      );
      controller.abort();
    } else if (times === 2 && process.stdin.isTTY) {
      import('@inquirer/prompts')
        .then(({ confirm }) =>
          confirm({
            message: 'Stop at once? Something may be left half created. The next "haven up" finds it.',
            default: false,
          }),
        )
        .then((yes) => {
          if (yes) process.exit(130);
          times = 1;
        })
        .catch(() => process.exit(130));
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const stopListening = onReaderGone(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    stopListening();
  }
}
