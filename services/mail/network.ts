/**
 * Addresses on the service's own bridge, as in compose.yaml. Programs find each other by them and not by name: Docker
 * knows no name of a container that is stopped, and for Postfix a name that does not exist is a reason to bounce.
 */
export const subnet = '172.30.25.0/28';
/** For connections to other mail servers and to name servers. */
export const subnet6 = 'fd68:6176:656e:25::/64';
/** The reverse proxy's connections arrive from here. */
export const gateway = '172.30.25.1';
export const addresses = {
  unbound: '172.30.25.2',
  postfix: '172.30.25.3',
  dovecot: '172.30.25.4',
  rspamd: '172.30.25.5',
  valkey: '172.30.25.6',
  clamav: '172.30.25.7',
  sts: '172.30.25.8',
  srs: '172.30.25.14',
} as const;
