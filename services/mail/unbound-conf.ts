import { subnet } from './network.ts';

/**
 * The resolver of this service (unbound.conf(5)): it asks the name servers of the internet itself and checks DNSSEC, which
 * DANE needs (RFC 7672 §2.2), and block lists refuse the large public resolvers. With `resolver` it only passes questions on.
 */
export const unboundConf = ({ resolver }: { resolver: string }): string => `server:
  interface: 0.0.0.0
  port: 53
  access-control: 0.0.0.0/0 refuse
  access-control: 127.0.0.0/8 allow
  access-control: ${subnet} allow
  chroot: ""
  username: ""
  directory: "/tmp"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  msg-cache-size: 4m
  rrset-cache-size: 8m
  prefetch: yes
  qname-minimisation: yes
  hide-identity: yes
  hide-version: yes
  root-hints: "/usr/share/dns/root.hints"
  # Without it unbound itself says that no such name exists (RFC 6761 §6.2), and domains of a sandbox end so.
  local-zone: "test." nodefault
${
  resolver === ''
    ? `  module-config: "validator iterator"
  trust-anchor-file: "/usr/share/dns/root.key"
`
    : `  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: ${resolver}
`
}remote-control:
  control-enable: no
`;
