import { join } from 'node:path';
import { sandboxDir } from '../../system/sandbox-dir.ts';

export { sandboxDir };

/** Sockets and mounts, gone after a reboot. */
export const runtimeDir = process.env.HAVEN_RUNTIME ?? '/run/openhaven';

/** Holds the process id of the sandbox's APIs while they run. */
export const pidFile = join(sandboxDir, 'daemon.pid');

/** What the sandbox has for each image of upstream's: itself, or its stub. By name and tag. */
export const pulledImagesFile = join(sandboxDir, 'pulled-images.json');

/** The authority that certified the sandbox's own servers: the directory of the certificate authority, the registries. */
export const trustFile = join(sandboxDir, 'internet', 'tls', 'ca.crt');

/** What a resolver in the sandbox begins with: `root.hints` and `root.key`, as in Debian's package dns-root-data. */
export const dnsRootFolder = join(sandboxDir, 'internet', 'dns');

/** Roots of the sandbox authority that certificates of this sandbox come from. */
export const webRootsFile = join(sandboxDir, 'internet', 'web-roots.pem');
