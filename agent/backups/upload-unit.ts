import { run, tryRun } from '../../system/run.ts';

/** Sends what is queued. It runs with its own priority and mounts, and outlives who asked for it. */
const unit = 'haven-backup-upload.service';

/** A large backup over a slow line takes hours; the unit has a limit of its own, which is shorter. */
const waitMs = 13 * 60 * 60_000;

/** Has the upload begin, and waits for nothing. If it runs already, it also sends what was queued since. */
export const startUpload = async (): Promise<void> =>
  void (await run('systemctl', ['start', '--no-block', unit]));

/** Waits until the upload is over. What became of it is in the memory of backups. */
export async function awaitUpload(): Promise<void> {
  // One that fails is remembered there, too, so its exit status says nothing new.
  await tryRun('systemctl', ['start', unit], { timeoutMs: waitMs });
}
