import { parse, stringify } from 'yaml';
import { ldap } from '../../core/users/ldap.ts';
import { addresses } from '../../services/mail/network.ts';
import { onServer } from '../support/mail-lab.ts';

/** Where the plain mail server of {@link startPlainMail} listens, on the server's own addresses. */
export const plainPorts = { smtp: 2600, submission: 2587, imaps: 2993 };

/** On the disk that mail is on. */
const folder = '/srv/haven/plain-mail';
const live = '/srv/haven/services/mail/current';
const compose = `docker compose --project-name plain-mail --file ${folder}/compose.yaml --env-file ${live}/.env`;

interface ComposeFile {
  services: Record<string, Record<string, unknown>>;
  networks?: unknown;
}

/**
 * The same programs, images and settings as mail has on this server, as one would run them by hand: on the host's network,
 * without HAProxy and its PROXY header, without a bridge, with folders of their own for queue and mailboxes.
 */
export async function startPlainMail(): Promise<void> {
  const read = async (path: string) => (await onServer('cat', path)).stdout;
  const slapd = (
    await onServer(
      ...['docker', 'inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'],
      'haven-ldap-slapd-1',
    )
  ).stdout.trim();
  const file: ComposeFile = parse(await read(`${live}/compose.yaml`));
  const services = Object.entries(file.services).map(([name, service]) => {
    const { networks: _, ports: __, depends_on: ___, restart: ____, ...rest } = service;
    const address = slapd.split(' ')[0];
    return [
      name,
      { ...rest, network_mode: 'host', hostname: undefined, extra_hosts: [`${ldap.host}:${address}`] },
    ];
  });
  const plain = stringify({ ...file, networks: undefined, services: Object.fromEntries(services) })
    .replaceAll('./files/', `${folder}/files/`)
    .replaceAll(/\$\{DATA_([A-Z]+)\}/g, (_, name: string) => `${folder}/data/${name.toLowerCase()}`);
  await onServer('mkdir', '-p', folder);
  await onServer('sh', '-c', `cat > ${folder}/compose.yaml <<'END'\n${onLoopback(plain)}\nEND`);
  await onServer('sh', '-ec', adapt);
  await onServer('sh', '-ec', `${compose} up --detach --wait`);
}

export async function stopPlainMail(): Promise<void> {
  await onServer('sh', '-ec', `${compose} down; rm -rf ${folder}`);
}

/** Each program keeps an address of its own, on loopback: 172.30.25.4 becomes 127.0.0.4. */
const onLoopback = (text: string): string =>
  Object.values(addresses).reduce((all, each) => all.replaceAll(each, loopbackOf(each)), text);
const loopbackOf = (address: string): string => `127.0.0.${address.split('.')[3]}`;

const adapt = `
# Programs without rights listen on low ports, as they may in a container with a network of its own.
sysctl -q -w net.ipv4.ip_unprivileged_port_start=0
rm -rf ${folder}/files ${folder}/data
cp -a ${live}/files ${folder}/files
cd ${folder}/files
${Object.values(addresses)
  .map(
    (each) =>
      `grep -rlF ${each} . | xargs -r sed -i 's/${each.replaceAll('.', '\\.')}/${loopbackOf(each)}/g'`,
  )
  .join('\n')}
sed -i -e '/smtpd_upstream_proxy_protocol/d' -e 's/^25 /${plainPorts.smtp} /' -e 's/^587 /${plainPorts.submission} /' -e 's/^465 /2465 /' postfix/master.cf
sed -i -e '/haproxy/d' -e 's/port = 993/port = ${plainPorts.imaps}/' -e 's/port = 4190/port = 2190/' dovecot/dovecot.conf
sed -i -e 's/interface: 0\\.0\\.0\\.0/interface: 127.0.0.2/' unbound/unbound.conf
for each in mailboxes:2080 queue:2081 learning:2084 patterns:2083 policies:2087; do install -d -o \${each#*:} -g \${each#*:} -m 700 ${folder}/data/\${each%:*}; done
cp -a /srv/haven/services/mail/data/patterns/. ${folder}/data/patterns/
chmod 755 ${folder}/data/queue
`;
