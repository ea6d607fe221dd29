/**
 * Makes work that brings something in line run once at a time. Who asks while it runs shares the next run with all
 * others who asked, and that run sees what each of them had changed before.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = () => {
    next = undefined;
    running = work();
    return running;
  };
  // That the run before failed was told to those who asked for it.
  return () => {
    next ??= running.then(begin, begin);
    return next;
  };
}
