import { loopbackPort } from '../release/render-release.ts';
import type { ServiceDefinition } from '../service.ts';

/**
 * Throws where two services would listen on the same port: on loopback, where a hash of the name makes that rare and
 * not impossible, or towards the internet.
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

/** What a service listens on, and as which of its ports. */
function listenersOf(service: ServiceDefinition): [address: string, listener: string][] {
  const { id, ports = {}, needs, hostNetwork } = service;
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
