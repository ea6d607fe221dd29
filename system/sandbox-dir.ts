import { homedir } from 'node:os';
import { join } from 'node:path';

/** The state of the sandbox on this machine: what its APIs remember, its disks, its logs. */
export const sandboxDir =
  process.env.HAVEN_SANDBOX_HOME ??
  join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'openhaven', 'sandbox');

/** Holds the path of the cloud that `haven sandbox start` built, for commands typed where there is no haven.yaml. */
export const sandboxCloudFile = join(sandboxDir, 'cloud-directory');
