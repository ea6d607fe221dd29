/**
 * Where a container's lines go that can mean a failed login: to the server's journal, under this name. Docker itself
 * sets it (docs.docker.com, "Journald logging driver", CONTAINER_TAG and SYSLOG_IDENTIFIER), so no container can write
 * in the name of another.
 *
 * It ends with the size of the network that one household gets over IPv6 (RFC 6177 §2). fail2ban takes the size of a
 * network from the line that it reads, and then counts and bans all addresses of that network as one. Otherwise a
 * stranger would guess from a new address each time.
 */
export const logTag = (service: string, container: string): string =>
  `haven/${service}/${container}/${ipv6NetworkBits}`;

export const ipv6NetworkBits = 64;

/** How Docker logs such a container. */
export const journalLogging = (service: string, container: string) => ({
  driver: 'journald',
  options: { tag: logTag(service, container) },
});
