import { isFixedSubnet } from '../../../core/release/fixed-subnets.ts';
import { each, type Rule, unless } from '../rule.ts';

/** How its programs are reached. */
export const networkRules: Rule[] = [
  {
    id: 'ports-on-loopback',
    check: ({ containers }) =>
      each(
        containers.flatMap(({ name, ports }) => ports.map((port) => ({ name, port }))),
        ({ port }) => !/^127\.0\.0\.1:\$\{PORT_[A-Z0-9_]+\}:\d+(\/udp)?$/.test(port),
        ({ name, port }) =>
          `Container "${name}" publishes "${port}". Publish to loopback only: "127.0.0.1:\${PORT_<NAME>}:<port>".`,
      ),
  },
  {
    id: 'network-mode',
    check: ({ containers }) =>
      each(
        containers,
        ({ networkMode }) => networkMode !== undefined && networkMode !== 'host',
        ({ name, networkMode }) =>
          `Container "${name}" has network_mode "${networkMode}". Only "host" is allowed.`,
      ),
  },
  {
    id: 'host-network-has-reason',
    check: ({ containers, definition }) =>
      each(
        containers,
        ({ networkMode }) => networkMode === 'host' && !definition.hostNetwork?.reason,
        ({ name }) =>
          `Container "${name}" is on the host's network. Add hostNetwork with a reason to service.ts.`,
      ),
  },
  {
    id: 'health-check-port-exists',
    check: ({ definition: { healthChecks, ports = {} } }) =>
      each(
        healthChecks,
        ({ port }) => !(port in ports),
        ({ port }) => `A health check asks port "${port}", which is not among the ports of service.ts.`,
      ),
  },
  {
    id: 'health-check-without-proxy',
    check: ({ definition: { healthChecks, needs } }) =>
      each(
        healthChecks,
        ({ port }) => (needs?.tcp ?? []).some((route) => route.port === port),
        ({ port }) =>
          `A health check asks port "${port}", where the program waits for the PROXY protocol. Let it listen on another port without it.`,
      ),
  },
  {
    id: 'ldap-program-exists',
    check: ({ containers, definition: { needs } }) =>
      each(
        needs?.ldapPrograms ?? [],
        (program) => !containers.some(({ name }) => name === program),
        (program) => `needs.ldapPrograms names container "${program}", which compose.yaml does not have.`,
      ),
  },
  {
    id: 'subnet-is-fixed',
    check: ({ definition: { subnet } }) =>
      unless(
        subnet === undefined || isFixedSubnet(subnet),
        `The subnet ${subnet} is not inside 172.30.0.0/16, whose addresses are never banned. Choose one there.`,
      ),
  },
  {
    id: 'tcp-port-exists',
    check: ({ definition: { needs, ports = {} } }) =>
      each(
        needs?.tcp ?? [],
        ({ port }) => !(port in ports),
        ({ public: outside, port }) =>
          `TCP port ${outside} leads to port "${port}", which is not among the ports of service.ts.`,
      ),
  },
  {
    id: 'tcp-has-reason',
    check: ({ definition }) =>
      each(
        definition.needs?.tcp ?? [],
        ({ reason }) => !reason,
        ({ public: outside }) => `TCP port ${outside} needs a reason. Owners read it in the plan.`,
      ),
  },
  {
    id: 'tcp-not-on-host-network',
    check: ({ definition: { hostNetwork, needs } }) =>
      unless(
        !(hostNetwork && needs?.tcp?.length),
        'A service on the host network listens itself. Remove needs.tcp.',
      ),
  },
];
