import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is dear to make and can be made again: engine, images. Keyed by what it is made from; safe to delete. */
export const cacheDir =
  process.env.HAVEN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openhaven');

/** The state of the rehearsal on this machine: what its APIs remember, its disks, its logs. */
export const tryDir =
  process.env.HAVEN_TRY_HOME ??
  join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'openhaven', 'try');

/** Sockets and mounts, gone after a reboot. */
export const runtimeDir = process.env.HAVEN_RUNTIME ?? '/run/openhaven';

/** Roots of the rehearsed authority that certificates of this rehearsal come from. */
export const webRootsFile = join(tryDir, 'world', 'web-roots.pem');
