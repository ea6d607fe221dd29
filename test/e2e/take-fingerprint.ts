import { sandboxState } from '../../sandbox/control.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { type Fingerprint, ldifEntries } from '../support/fingerprint.ts';
import { askLogin } from '../support/login-admin.ts';
import type { CloudUnderTest } from './cloud-under-test.ts';

/** Looks at everything that a journey could leave behind: by a plan, at the data centre, in the DNS, on the server. */
export async function takeFingerprint(cloud: CloudUnderTest): Promise<Fingerprint> {
  const [plan, outside, server, ldap, login] = await Promise.all([
    lookAtPlan(cloud),
    lookOutside(cloud),
    lookAtServer(cloud.machine),
    lookAtLdap(cloud.machine),
    lookAtLogin(cloud.machine),
  ]);
  return { plan, ...outside, ...server, 'LDAP entries': ldap, ...login };
}

async function lookAtPlan({ owner }: CloudUnderTest): Promise<string[]> {
  const { code, lines, unverified } = await owner.plan();
  return [
    `exit code ${code}`,
    ...lines.map((each) => `${each.kind} ${each.what} ${each.name}`),
    ...unverified.map((each) => `not verified: ${each.what}`),
  ];
}

async function lookOutside({ domain }: CloudUnderTest): Promise<Fingerprint> {
  const { hetzner, cloudflare } = await sandboxState();
  const { servers, volumes, primary_ips, firewalls, ssh_keys } = hetzner;
  const zone = cloudflare.zones.find((each) => each.name === domain);
  return {
    'data centre': [
      ...servers.map((each) => `server ${each.id} ${each.name}`),
      ...volumes.map((each) => `volume ${each.id} ${each.size} GB`),
      ...primary_ips.map((each) => `address ${each.ip}`),
      ...firewalls.map((each) => `firewall ${JSON.stringify(each.rules)}`),
      ...ssh_keys.map((each) => `key ${each.name}`),
    ],
    records: (zone?.records ?? [])
      // Keys are rolled and certificates renewed; that a record shows one is what must stay.
      .map(
        ({ name, type, content, data }) =>
          `${name} ${type} ${type === 'TLSA' ? '[key]' : JSON.stringify(data ?? content)}`,
      )
      .sort(),
  };
}

/** Each look on the server: its heading, and a command that prints lines. */
const looks = {
  containers: `docker ps -a --format '{{.Names}} {{.Image}} {{.State}}'`,
  networks: `docker network ls --format '{{.Name}}'`,
  subvolumes: `btrfs subvolume list /srv/haven | sed 's/.* path //' | grep -v /snapshots/`,
  'services and bans': `haven-agent together list ban-list | tr '{' '\\n' | sed 's/"stoppedSeconds".*//; s/"usedBytes":[0-9]*,//'`,
  files: `cd /srv/haven && find reverse-proxy certs secrets services/*/switched-off -type f | grep -v /challenges/ | sed -E 's/\\.[0-9]+$//; s/key-[0-9]+/key/'`,
  'jails of fail2ban': 'ls /etc/fail2ban/jail.d',
  units: `systemctl list-units --failed --plain --no-legend 'haven*' 'docker*' | cut -d ' ' -f 1`,
};

async function lookAtServer(machine: string): Promise<Fingerprint> {
  const script = Object.entries(looks)
    .map(([heading, command]) => `echo '== ${heading}'; (${command}) || true`)
    .join('\n');
  const { stdout } = await onMachine(machine, ['bash', '-c', script]);
  const sections = stdout.split(/^== /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const [heading = '', ...lines] = section.trimEnd().split('\n');
      return [heading, [...new Set(lines)].sort()];
    }),
  );
}

async function lookAtLdap(machine: string): Promise<string[]> {
  const search = ['ldapsearch', '-LLL', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b', 'dc=haven'];
  const { stdout } = await onMachine(machine, [
    ...['docker', 'exec', 'haven-ldap-slapd-1', ...search],
    ...['(objectClass=*)', '*', 'pwdAccountLockedTime'],
  ]);
  return ldifEntries(stdout);
}

async function lookAtLogin(machine: string): Promise<Fingerprint> {
  const clients = (await askLogin(machine, 'GET', 'clients?max=1000')) as {
    clientId: string;
    enabled: boolean;
    redirectUris?: string[];
  }[];
  const users = (await askLogin(machine, 'GET', 'users?max=1000')) as {
    username: string;
    enabled: boolean;
  }[];
  const on = (enabled: boolean) => (enabled ? 'on' : 'off');
  return {
    'login clients': clients
      .map((each) => `${each.clientId} ${on(each.enabled)} ${(each.redirectUris ?? []).sort().join(' ')}`)
      .sort(),
    'login users': users.map((each) => `${each.username} ${on(each.enabled)}`).sort(),
  };
}
