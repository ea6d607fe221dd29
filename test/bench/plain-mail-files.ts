import { parse, stringify } from 'yaml';
import { ldap } from '../../core/users/ldap.ts';
import { addresses, subnet } from '../../services/mail/network.ts';

/** Where the plain mail server listens, on the server's own addresses. HAProxy has the real ports. */
export const plainPorts = { smtp: 2600, submissions: 2465, submission: 2587, imaps: 2993, sieve: 2190 };

interface Container {
  networks?: unknown;
  ports?: unknown;
  depends_on?: unknown;
  restart?: unknown;
  hostname?: unknown;
  [key: string]: unknown;
}

/**
 * Mail's files, as a release has them, for a plain server on the host's network. Each program keeps an address of its own there,
 * on loopback: 172.30.25.4 becomes 127.0.0.4. What other computers reach is at all addresses, and takes no PROXY header.
 * A place that is not as it is expected here is an error: a program that kept a port of HAProxy's would only fail to start.
 */
export function plainMailFiles(files: Record<string, string>): Record<string, string> {
  const local = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, onLoopback(text)]));
  const changed = {
    ...local,
    ...edited(local, 'files/postfix/master.cf', [
      [/ +-o smtpd_upstream_proxy_protocol=haproxy\n/g, ''],
      ...(['smtp', 'submissions', 'submission'] as const).map(
        (name): Edit => [
          new RegExp(`^${loopbackOf(addresses.postfix)}:${realPorts[name]}(?= )`, 'm'),
          `${plainPorts[name]}`,
        ],
      ),
    ]),
    ...edited(local, 'files/dovecot/dovecot.conf', [
      [/^haproxy_trusted_networks = .*\n/m, ''],
      [/^ +haproxy = yes\n/gm, ''],
      ...(['imaps', 'sieve'] as const).map(
        (name): Edit => [
          new RegExp(`port = ${realPorts[name]}\\n +listen = \\S+\\n`),
          `port = ${plainPorts[name]}\n`,
        ],
      ),
    ]),
    // Its health check asks at 127.0.0.1.
    ...edited(local, 'files/unbound/unbound.conf', [
      [/interface: 0\.0\.0\.0/, `interface: ${loopbackOf(addresses.unbound)}\n  interface: 127.0.0.1`],
    ]),
  };
  for (const [path, text] of Object.entries(changed))
    if (/haproxy|172\.30\.25\./.test(text.replaceAll(/^\s*#.*/gm, '').replaceAll(subnet, '')))
      throw new Error(
        `${path} still names HAProxy, or an address of the bridge of mail. Change plainMailFiles.`,
      );
  return changed;
}

const realPorts = { smtp: 25, submissions: 465, submission: 587, imaps: 993, sieve: 4190 };
type Edit = [pattern: RegExp, by: string];

function edited(files: Record<string, string>, path: string, edits: Edit[]): Record<string, string> {
  const changed = edits.reduce((text, [pattern, by]) => {
    if (text.search(pattern) < 0) throw new Error(`${path} has no ${pattern}. Change plainMailFiles.`);
    return text.replace(pattern, () => by);
  }, files[path] ?? '');
  return { [path]: changed };
}

const onLoopback = (text: string): string =>
  Object.values(addresses).reduce((all, each) => all.replaceAll(each, loopbackOf(each)), text);
const loopbackOf = (address: string): string => `127.0.0.${address.split('.')[3]}`;

/** The compose file of those programs. `folder` has files and data, `slapd` is the address of LDAP. */
export function plainMailCompose(text: string, { folder, slapd }: { folder: string; slapd: string }): string {
  const file: { services: Record<string, Container>; networks?: unknown; name?: unknown } = parse(
    onLoopback(text),
  );
  const services = Object.entries(file.services).map(([name, container]) => {
    const { networks: _, ports: __, depends_on: ___, restart: ____, hostname: _____, ...rest } = container;
    return [name, { ...rest, network_mode: 'host', extra_hosts: [`${ldap.host}:${slapd}`] }];
  });
  return stringify({
    ...file,
    name: 'plain-mail',
    networks: undefined,
    services: Object.fromEntries(services),
  })
    .replaceAll('./files/', `${folder}/files/`)
    .replaceAll(/\$\{DATA_([A-Z]+)\}/g, (_, name: string) => `${folder}/data/${name.toLowerCase()}`);
}
