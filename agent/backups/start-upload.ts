import { run } from '../../system/run.ts';

/** Starts sending what waits, in a unit of its own, and does not wait for it. One that runs takes what is new, too. */
export const startUpload = (): Promise<unknown> =>
  run('systemctl', ['start', '--no-block', 'haven-backup-upload.service']);
