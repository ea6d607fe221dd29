import { createHash } from 'node:crypto';

/**
 * The network bridge of a service. The trial's firewall matches it by name, which must be known before Docker creates
 * it. The name is a hash, because an interface's name has at most 15 characters (IFNAMSIZ) and an id up to 20.
 */
export const bridgeName = (service: string): string =>
  `hv-${createHash('sha256').update(service).digest('hex').slice(0, 10)}`;
