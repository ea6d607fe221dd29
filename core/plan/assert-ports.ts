import { withAllOptionalParts } from '../optional-parts.ts';
import { canBeProtected, withAuthProxy } from '../release/auth-proxy.ts';
import { loopbackPort } from '../release/render-release.ts';
import type { ServiceDefinition } from '../service.ts';

/**
 * Throws if two services would listen on the same port: on loopback, where ports come from a hash of the name, so
 * that this is rare but possible, or on the internet. The auth proxy's port counts before a service is protected, and those
 * of optional parts before they are on, so that this can't fail later.
 */
export function assertPortsAreFree(services: ServiceDefinition[]): void {
  const taken = new Map<string, string>();
  for (const [address, listener] of services.flatMap(listenersOf)) {
    const other = taken.get(address);
    if (other)
      throw new Error(
        `${listener} and ${other} would both listen on ${address}. Change one in its service.ts.`,
      );
    taken.set(address, listener);
  }
}

/** The addresses that a service listens on, each with the name of its port. */
function listenersOf(service: ServiceDefinition): [address: string, listener: string][] {
  const whole = withAllOptionalParts(service);
  const { id, ports = {}, needs, hostNetwork } = canBeProtected(whole) ? withAuthProxy(whole) : whole;
  return [
    ...Object.keys(ports).map(
      (name) => [`127.0.0.1:${loopbackPort(service, name)}`, `${id}/${name}`] as [string, string],
    ),
    ...(needs?.tcp ?? []).map(
      (route) => [`tcp port ${route.public}`, `${id}/${route.port}`] as [string, string],
    ),
    ...(hostNetwork?.ports ?? []).map(
      ({ port, protocol }) => [`${protocol} port ${port}`, `${id}/${port}`] as [string, string],
    ),
  ];
}
