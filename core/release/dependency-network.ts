import { createHash } from 'node:crypto';

/**
 * The network over which a service reaches one that it depends on. No network has more than these two services, so
 * that a service that was broken into reaches only what it depends on.
 */
export interface DependencyNetwork {
  /** The service that it depends on, and that service's name on this network. */
  to: string;
  name: string;
  /** Its interface on the server. */
  bridge: string;
  /** Which containers of the service use it; left out if all do. */
  programs?: string[];
  /** Which containers of the other service are on it, each by its own name; left out if all are, by the service's. */
  toPrograms?: string[];
}

/** The name is a hash of the pair, because an interface's name has at most 15 characters (IFNAMSIZ). */
export const dependencyNetwork = (
  from: string,
  to: string,
  programs?: string[],
  toPrograms?: string[],
): DependencyNetwork => ({
  to,
  name: `haven-${from}-to-${to}`,
  bridge: `hd-${createHash('sha256').update(`${from} ${to}`).digest('hex').slice(0, 10)}`,
  ...(programs ? { programs } : {}),
  ...(toPrograms ? { toPrograms } : {}),
});
