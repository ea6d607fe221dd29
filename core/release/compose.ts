import { type Document, parseDocument } from 'yaml';
import { relayPassword } from '../config/mail-sending.ts';
import { isOwnAccount } from '../mail/own-account.ts';
import type { ServiceContext, ServiceDefinition } from '../service.ts';
import { ServiceFault } from '../service-fault.ts';
import { dependencies } from '../users/login.ts';
import { addAuthProxy, authProxy } from './auth-proxy.ts';
import { bridgeName } from './bridge-name.ts';
import { dependencyNetwork } from './dependency-network.ts';
import { journalLogging } from './log-tag.ts';
import { oneShotLabel } from './one-shot-label.ts';
import { type Release, toEnvName } from './release.ts';

/** Containers that connect to others over TLS trust the server's authorities, and its own. */
export const trustFile = '/srv/haven/trust/roots.pem';
const trustMount = `${trustFile}:/etc/ssl/certs/ca-certificates.crt:ro`;

/**
 * Processes and threads that a container may have at once. Docker sets no limit itself, so a program that forks without
 * end would get what the server has. Keycloak has the most in the catalogue: a thread for each open request (50 or more
 * at once, by the number of cores: keycloak.org/high-availability/single-cluster/concepts-threads), and Java's own.
 */
const mostProcesses = 1024;

/** Uid of PostgreSQL in our image (`images/postgres`). */
export const postgresUid = 2020;

/**
 * A service's compose file, made ready for the server: project name, bridge, restart and log rules, and the database
 * and the auth proxy if it has them. Everything the author wrote is kept, including comments.
 */
export function renderCompose(
  service: ServiceDefinition,
  text: string,
  context: Pick<ServiceContext, 'host' | 'loginHost' | 'protected' | 'sending'>,
  mailOut?: Release['mailOut'],
): string {
  const document = parseDocument(text);
  const names = containerNames(document, service.id);
  document.set('name', `haven-${service.id}`);
  if (service.needs?.database) addDatabase(document, service, names);
  if (context.protected) addAuthProxy(document, service, context);
  const added = [...(service.needs?.database ? ['db'] : []), ...(context.protected ? [authProxy] : [])];
  for (const name of [...names, ...added]) {
    setDefault(document, ['services', name, 'restart'], 'unless-stopped');
    setDefault(document, ['services', name, 'pull_policy'], 'never');
    setDefault(document, ['services', name, 'security_opt'], ['no-new-privileges:true']);
    setDefault(document, ['services', name, 'pids_limit'], mostProcesses);
    if (document.getIn(['services', name, 'restart']) === 'no') {
      addTo(document, ['services', name, 'labels'], oneShotLabel);
      continue;
    }
    for (const [key, value] of Object.entries(healthRhythm(service)))
      setDefault(document, ['services', name, 'healthcheck', key], value);
  }
  for (const { container } of service.failedLogins ?? [])
    document.setIn(
      ['services', container, 'logging'],
      document.createNode(journalLogging(service.id, container)),
    );
  const atLogin = context.protected ? [authProxy] : service.needs?.login ? names : [];
  const atLdap = service.needs?.ldap ? (service.needs.ldapPrograms ?? names) : [];
  const senders = service.needs?.sending && context.sending && isOwnAccount(context.sending) ? names : [];
  for (const name of new Set([...atLogin, ...atLdap, ...senders]))
    addTo(document, ['services', name, 'volumes'], trustMount);
  // The reverse proxy listens on every address of the server, so the login and the mail server can be reached through it
  // whatever DNS says.
  for (const name of context.loginHost ? atLogin : [])
    addTo(document, ['services', name, 'extra_hosts'], `${context.loginHost}:host-gateway`);
  for (const name of senders)
    addTo(document, ['services', name, 'extra_hosts'], `${context.sending!.host}:host-gateway`);
  if (mailOut?.relay) {
    addTo(document, ['services', mailOut.container, 'secrets'], relayPassword);
    const file = `\${SECRET_${toEnvName(relayPassword)}_${toEnvName(mailOut.container)}}`;
    document.setIn(['secrets', relayPassword], document.createNode({ file }));
  }
  const atMail = service.needs?.mail ? names : [];
  for (const [network, users] of [
    ['ldap', atLdap],
    ['mail', atMail],
  ] as const) {
    for (const name of users) {
      setDefault(document, ['services', name, 'networks'], { default: {} });
      document.setIn(['services', name, 'networks', network], document.createNode({}));
    }
    if (users.length === 0) continue;
    const { name } = dependencyNetwork(service.id, dependencies[network]);
    document.setIn(['networks', network], document.createNode({ name, external: true }));
  }
  const subnets = [service.subnet, service.subnet6].filter((each) => each !== undefined);
  if (!service.hostNetwork) {
    document.setIn(
      ['networks', 'default'],
      document.createNode({
        driver_opts: { 'com.docker.network.bridge.name': bridgeName(service.id) },
        ...(service.subnet6 ? { enable_ipv6: true } : {}),
        ...(subnets.length > 0 ? { ipam: { config: subnets.map((subnet) => ({ subnet })) } } : {}),
      }),
    );
  }
  return document.toString({ lineWidth: 0 });
}

/**
 * How often a health check runs: often during the start, because maintenance lasts that long; rarely afterwards,
 * because each check starts a process. The check itself comes from the image or the service's author.
 */
const healthRhythm = ({ startTimeoutSeconds = 120 }: ServiceDefinition) => ({
  start_period: `${startTimeoutSeconds}s`,
  start_interval: '500ms',
  interval: '15s',
  timeout: '5s',
  retries: 4,
});

function addDatabase(document: Document, service: ServiceDefinition, names: string[]): void {
  document.setIn(
    ['services', 'db'],
    document.createNode({
      image: '${IMAGE_POSTGRES}',
      environment: { POSTGRES_DB: service.id, POSTGRES_PASSWORD_FILE: '/run/secrets/db-password' },
      secrets: [{ source: 'haven-db-password', target: 'db-password' }],
      volumes: [{ type: 'bind', source: '${DATA_DB}', target: '/data', bind: { create_host_path: false } }],
      read_only: true,
      tmpfs: ['/run/postgresql:uid=2020,gid=2020', '/tmp'],
      cap_drop: ['ALL'],
      shm_size: '64m',
      stop_grace_period: '30s',
      mem_limit: '256m',
    }),
  );
  document.setIn(['secrets', 'haven-db-password'], document.createNode({ file: '${SECRET_DB_PASSWORD_DB}' }));
  for (const name of names)
    setDefault(document, ['services', name, 'depends_on', 'db'], { condition: 'service_healthy' });
}

function addTo(document: Document, path: string[], value: string): void {
  const there = (document.getIn(path) as { toJSON(): string[] } | undefined)?.toJSON() ?? [];
  document.setIn(path, document.createNode([...there, value]));
}

function setDefault(document: Document, path: string[], value: unknown): void {
  if (!document.hasIn(path)) document.setIn(path, document.createNode(value));
}

/** The containers of a compose file. */
function containerNames(document: Document, service: string): string[] {
  const [error] = document.errors;
  const refuse = (place: string, what: string) =>
    new ServiceFault(service, {
      where: `services/${service}/compose.yaml${place}`,
      what,
      remedy: 'Fix that file, then run the command again.',
    });
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    throw refuse(
      `:${line}:${col}`,
      `is not valid YAML: ${error.message.split('\n')[0]!.replace(/ at line .*$/, '')}.`,
    );
  }
  const services = (document.toJS() as { services?: unknown } | null)?.services;
  if (typeof services !== 'object' || services === null)
    throw refuse('', 'names no container: it has no group "services".');
  return Object.keys(services);
}
