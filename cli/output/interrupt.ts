/**
 * Runs work that Ctrl-C ends cleanly: the first one lets what is under way finish and begins nothing new; the second
 * asks, since ending at once may leave things half made (the next `up` finds them).
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let times = 0;
  const onSignal = (): void => {
    times += 1;
    if (times === 1) {
      process.stderr.write(
        '\n  Ending: what is under way is finished, nothing new is begun. Then "haven up" goes on from there.\n',
      );
      controller.abort();
    } else if (times === 2 && process.stdin.isTTY) {
      import('@inquirer/prompts')
        .then(({ confirm }) =>
          confirm({
            message: 'End at once? What is being made may be left half made; the next "haven up" finds it.',
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
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
