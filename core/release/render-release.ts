import { mailSending, relayPassword } from '../config/mail-sending.ts';
import { passwordNameOf, sendingPassword } from '../config/sending.ts';
import { dkimKeys } from '../mail/dkim-key.ts';
import { innerPrograms, mailScope } from '../mail/inner-doors.ts';
import { ownPassword } from '../mail/own-account.ts';
import { withOptionalParts } from '../optional-parts.ts';
import type { ServiceContext, ServiceDefinition, ServiceLogin } from '../service.ts';
import { ServiceFault } from '../service-fault.ts';
import { dependencies } from '../users/login.ts';
import { authProxy, authProxyCallback, withAuthProxy } from './auth-proxy.ts';
import { bridgeName } from './bridge-name.ts';
import { chosenCompose } from './chosen-compose.ts';
import { postgresUid, renderCompose } from './compose.ts';
import { dependencyNetwork } from './dependency-network.ts';
import { type Bundle, type Release, type ReleaseLogin, toEnvName } from './release.ts';
import { renderVariables } from './variables.ts';

export interface RenderInput {
  service: ServiceDefinition;
  /** Text of its compose.yaml. */
  compose: string;
  /** The files in its folder `files`, by path; sent to the server unchanged. */
  files?: Record<string, string>;
  /** Its options, already validated and with defaults. */
  options: Record<string, unknown>;
  context: ServiceContext;
  /** Image name → reference, from haven.lock; includes `postgres` when it needs a database. */
  images: Record<string, string>;
  /** Generations of its secrets, from haven.lock; 1 if not listed. */
  generations?: Record<string, number>;
  /** Generations of secrets that come from the owner's side, by their name in secrets.age. */
  given?: Record<string, number> | undefined;
}

/** Renders a service's release for the server. A pure function of its input. */
export function renderRelease(input: RenderInput): Bundle {
  const { options, context } = input;
  const chosen = withOptionalParts(input.service, options);
  const compose = chosenCompose(input.compose, input.service, options);
  const service = context.protected ? withAuthProxy(chosen) : chosen;
  const database = service.needs?.database ?? false;
  const ports = Object.fromEntries(
    Object.keys(service.ports ?? {}).map((name) => [name, loopbackPort(service, name)]),
  );
  const { login, ldap: role, mail } = service.needs ?? {};
  const dependsOn = [
    ...(role ? [dependencyNetwork(service.id, dependencies.ldap, service.needs?.ldapPrograms)] : []),
    ...(mail ? [dependencyNetwork(service.id, dependencies.mail, undefined, innerPrograms)] : []),
  ];
  const variables = renderVariables(service, options, context);
  const readers: Record<string, Record<string, number>> = { ...service.secrets };
  // The agent can read every secret. These are shared with the other service only, unless the service lists more
  // readers.
  if (role) readers['bind-password'] = { ...readers['bind-password'] };
  if (login) readers['oidc-secret'] = { ...readers['oidc-secret'] };
  if (service.needs?.sending && context.sending) {
    const password = passwordNameOf(context.sending);
    readers[password] = { ...readers[password] };
  }
  const mailOut = renderMailOut(service, options);
  if (mailOut?.relay)
    readers[relayPassword] = { ...readers[relayPassword], [mailOut.container]: service.needs!.mailOut!.uid };
  if (service.needs?.dkim) readers[dkimKeys] = { ...readers[dkimKeys] };
  if (service.certificate) readers.tls = service.certificate;
  if (database) readers['db-password'] = { ...readers['db-password'], db: postgresUid };

  const release: Release = {
    format: 1,
    service: service.id,
    version: service.upstream.version,
    images: Object.fromEntries(
      imageNames(service).map((name) => [
        `IMAGE_${toEnvName(name)}`,
        input.images[name] ?? missing(service, name),
      ]),
    ),
    variables: service.files ? withoutOptions(variables, compose) : variables,
    secrets: Object.fromEntries(
      Object.entries(readers).map(([name, who]) => [
        name,
        {
          ...generationOf(name, input),
          readers: who,
          ...(name === 'tls' ? { certificateFor: service.id } : {}),
        },
      ]),
    ),
    data: {
      ...releaseData(service),
      ...(database ? { db: { rollback: 'with-release', uid: postgresUid } as const } : {}),
    },
    writers: service.writers ?? [],
    network: service.hostNetwork
      ? { kind: 'host', ports: service.hostNetwork.ports, uids: service.hostNetwork.uids }
      : { kind: 'bridge', name: bridgeName(service.id), loopbackPorts: ports },
    routes:
      service.needs?.route && context.host
        ? [
            {
              host: context.host,
              ...(service.needs.route.port ? { port: ports[service.needs.route.port]! } : {}),
              ...(context.protected
                ? { protected: { authProxyPort: ports[authProxy]!, ...context.protected } }
                : {}),
              ...(service.needs.route.hidden ? { hidden: service.needs.route.hidden } : {}),
            },
          ]
        : [],
    ...withFixedPages(service, options, context),
    ...(service.needs?.tcp
      ? { tcpRoutes: service.needs.tcp.map((each) => ({ public: each.public, port: ports[each.port]! })) }
      : {}),
    healthChecks: service.healthChecks.map((healthCheck) => ({
      ...healthCheck,
      port: ports[healthCheck.port]!,
    })),
    ...(login ? { login: { ...renderLogin(login, context), ...(mail ? { scopes: [mailScope] } : {}) } } : {}),
    ...(context.protected
      ? { login: { redirectUris: [authProxyCallback(context.host!)], mayComeLater: true as const } }
      : {}),
    ...(service.failedLogins
      ? { failedLogins: service.failedLogins.map(({ container, pattern }) => ({ container, pattern })) }
      : {}),
    ...(service.userHooks ? { userHooks: service.userHooks } : {}),
    ...(service.needs?.hostCertificate && context.host
      ? { hostCertificate: { host: context.host, ...service.needs.hostCertificate } }
      : {}),
    ...(mailOut ? { mailOut } : {}),
    ...(role ? { ldap: role } : {}),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    startTimeoutSeconds: service.startTimeoutSeconds ?? 120,
  };
  const ofOptions = byItsCode(service, () => service.files?.(options, context) ?? {});
  const rendered = { ...input.files, ...ofOptions };
  const files = Object.fromEntries(Object.entries(rendered).map(([path, text]) => [`files/${path}`, text]));
  return {
    release,
    files: { 'compose.yaml': renderCompose(service, compose, context, mailOut), ...files },
  };
}

function renderMailOut(
  { needs }: ServiceDefinition,
  options: Record<string, unknown>,
): Release['mailOut'] | undefined {
  if (!needs?.mailOut) return undefined;
  const { container, way, useWay } = needs.mailOut;
  return { ...mailSending(options), container, way, useWay };
}

/** By the service's own code, which may be the owner's. */
function byItsCode<Result>({ id }: ServiceDefinition, code: () => Result): Result {
  try {
    return code();
  } catch (error) {
    throw ServiceFault.of(id, error);
  }
}

function withFixedPages(
  service: ServiceDefinition,
  options: Record<string, unknown>,
  context: ServiceContext,
): Pick<Release, 'fixedPages'> {
  const fixedPages = byItsCode(service, () => service.fixedPages?.(options, context) ?? []);
  return fixedPages.length > 0 ? { fixedPages } : {};
}

/** Without quotas, which belong to the cloud: a rollback does not lower them. */
const releaseData = ({ data = {} }: ServiceDefinition): Release['data'] =>
  Object.fromEntries(
    Object.entries(data).map(([name, { rollback, uid, atRestore, backup, holds }]) => [
      name,
      {
        ...{ rollback, uid },
        ...(atRestore ? { atRestore } : {}),
        ...(backup === false ? { backup } : {}),
        ...(holds ? { holds } : {}),
      },
    ]),
  );

function renderLogin(
  { begin, exchange, admins, pages, callback, mayComeLater }: ServiceLogin,
  context: ServiceContext,
): ReleaseLogin {
  const origin = `https://${context.host}`;
  return {
    redirectUris: [`${origin}${callback}`],
    ...(mayComeLater ? { mayComeLater } : {}),
    check: { origin, begin, ...(exchange ? { exchange } : {}), ...(admins ? { admins } : {}), pages },
  };
}

/** Secrets of secrets.age: `haven secret set` raises the generation of the first, and a new key that of the second. */
const fromOwner = [sendingPassword, dkimKeys, relayPassword];
const generationOf = (name: string, { generations, given }: RenderInput) => {
  if (fromOwner.includes(name)) return { generation: given?.[name] ?? 1, given: name };
  // One value for all services that name it.
  if (name === ownPassword) return { generation: 1, shared: true };
  return { generation: generations?.[name] ?? 1 };
};

/** The images of a service, including the database's if it needs one. */
export function imageNames(service: ServiceDefinition): string[] {
  return [...Object.keys(service.images), ...(service.needs?.database ? ['postgres'] : [])];
}

/**
 * The loopback port on which a container's port is published. A service always gets the same one, so that a new
 * service never moves another's. There are 10,000 ports from 20000; a plan reports two services with the same one.
 */
export function loopbackPort(service: ServiceDefinition, name: string): number {
  if (service.hostNetwork) return service.ports?.[name] ?? 0;
  let hash = 2166136261;
  for (const char of `${service.id}/${name}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0;
  return 20000 + (hash % 10000);
}

/**
 * An option that only files use changes just those files; as a variable it would restart containers for no reason.
 */
function withoutOptions(variables: Record<string, string>, compose: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name]) => !name.startsWith('OPTION_') || compose.includes(`\${${name}`),
    ),
  );
}

function missing(service: ServiceDefinition, name: string): never {
  throw new Error(
    `haven.lock has no image "${name}" for ${service.id}. Remove "${service.id}" from the images in haven.lock, then run: haven up`,
  );
}
