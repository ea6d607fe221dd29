import { homedir } from 'node:os';
import { join } from 'node:path';

/** The state of the sandbox on this machine: what its APIs remember, its disks, its logs. */
export const sandboxDir =
  process.env.HAVEN_SANDBOX_HOME ??
  join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'openhaven', 'sandbox');

/** Sockets and mounts, gone after a reboot. */
export const runtimeDir = process.env.HAVEN_RUNTIME ?? '/run/openhaven';

/** Roots of the sandbox authority that certificates of this sandbox come from. */
export const webRootsFile = join(sandboxDir, 'internet', 'web-roots.pem');
