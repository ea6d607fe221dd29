import { type Document, parseDocument } from 'yaml';
import type { ServiceDefinition } from '../services/service.ts';

/** The network bridge of a service. Its name is what the trial's firewall goes by. */
export const bridgeName = (service: string): string => `hv-${service}`;

/** Uid of PostgreSQL in our image (`images/postgres`). */
export const postgresUid = 2020;

/**
 * A service's compose file, made ready for the server: the project's name, its bridge, restart and log rules, and the
 * database that it asked for. What the author wrote stays as it is, comments too.
 */
export function renderCompose(service: ServiceDefinition, text: string): string {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new Error(`services/${service.id}/compose.yaml: ${document.errors[0]!.message}`);
  const names = Object.keys((document.toJS() as { services?: Record<string, unknown> }).services ?? {});
  document.set('name', `haven-${service.id}`);
  if (service.needs?.database) addDatabase(document, service, names);
  for (const name of [...names, ...(service.needs?.database ? ['db'] : [])]) {
    setDefault(document, ['services', name, 'restart'], 'unless-stopped');
    setDefault(document, ['services', name, 'pull_policy'], 'never');
    setDefault(document, ['services', name, 'security_opt'], ['no-new-privileges:true']);
    for (const [key, value] of Object.entries(healthRhythm(service)))
      setDefault(document, ['services', name, 'healthcheck', key], value);
  }
  if (!service.hostNetwork) {
    document.setIn(
      ['networks', 'default'],
      document.createNode({
        driver_opts: { 'com.docker.network.bridge.name': bridgeName(service.id) },
      }),
    );
  }
  return document.toString({ lineWidth: 0 });
}

/**
 * How often a program is asked how it does: often while it starts, for a gate is closed as long as that takes; seldom
 * afterwards, for each question is a process. The question itself is the image's or the author's.
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
    setDefault(document, ['services', name, 'depends_on'], { db: { condition: 'service_healthy' } });
}

function setDefault(document: Document, path: string[], value: unknown): void {
  if (!document.hasIn(path)) document.setIn(path, document.createNode(value));
}
