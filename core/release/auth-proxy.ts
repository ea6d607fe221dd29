import type { Document } from 'yaml';
import { authProxyMemoryMb } from '../config/memory.ts';
import type { ServiceContext, ServiceDefinition, ServiceImage } from '../service.ts';
import { loginIssuer, signingAlgorithm } from '../users/login.ts';

/**
 * The auth proxy (oauth2-proxy) puts the login in front of a service that has none. Each protected service has one of
 * its own, in a container beside its own containers, with its own client at the login and its own secret for cookies.
 * So a session at one page opens no other, even for a program that learns it.
 */

/** Its name among the containers, images, ports and readers of secrets of a service. */
export const authProxy = 'auth-proxy';
/** Uid of oauth2-proxy in our image (`images/oauth2-proxy`). */
export const authProxyUid = 2040;
export const authProxyImage: ServiceImage = { build: 'images/oauth2-proxy' };
const port = 4180;

/** Whether the service itself or its owner can put the login in front of its pages. */
export const canBeProtected = ({ needs, publicBecause }: ServiceDefinition): boolean =>
  needs?.authProxy !== undefined || (needs?.route !== undefined && publicBecause !== undefined);

/** What a service's release has in addition when it is protected. Its container is added by {@link addAuthProxy}. */
export const withAuthProxy = (service: ServiceDefinition): ServiceDefinition => ({
  ...service,
  images: { ...service.images, [authProxy]: authProxyImage },
  ports: { ...service.ports, [authProxy]: port },
  secrets: {
    ...service.secrets,
    'oidc-secret': { [authProxy]: authProxyUid },
    'cookie-secret': { [authProxy]: authProxyUid },
  },
  healthChecks: [...service.healthChecks, { port: authProxy, path: '/ping', status: 200 }],
});

/** Where the login leads back to. */
export const authProxyCallback = (host: string): string => `https://${host}/oauth2/callback`;

/** Adds the auth proxy's container and its secrets to a service's compose file. */
export function addAuthProxy(
  document: Document,
  { id }: ServiceDefinition,
  { host, loginHost }: Pick<ServiceContext, 'host' | 'loginHost'>,
): void {
  if (!host || !loginHost) throw new Error(`${id} is protected, but it has no address or there is no login.`);
  const issuer = loginIssuer(loginHost);
  const endpoint = (name: string): string => `${issuer}/protocol/openid-connect/${name}`;
  document.setIn(
    ['services', authProxy],
    document.createNode({
      image: '${IMAGE_AUTH_PROXY}',
      command: [
        '--provider=oidc',
        `--oidc-issuer-url=${issuer}`,
        // It would ask the login for these when it starts, and end where that does not answer.
        '--skip-oidc-discovery=true',
        `--login-url=${endpoint('auth')}`,
        `--redeem-url=${endpoint('token')}`,
        `--profile-url=${endpoint('userinfo')}`,
        `--oidc-jwks-url=${endpoint('certs')}`,
        `--oidc-enabled-signing-alg=${signingAlgorithm}`,
        `--client-id=${id}`,
        '--client-secret-file=/run/secrets/oidc-secret',
        '--cookie-secret-file=/run/secrets/cookie-secret',
        '--code-challenge-method=S256',
        '--scope=openid profile email groups',
        '--oidc-groups-claim=groups',
        '--insecure-oidc-allow-unverified-email=true',
        '--email-domain=*',
        `--http-address=0.0.0.0:${port}`,
        '--reverse-proxy=true',
        '--trusted-proxy-ip=172.16.0.0/12',
        '--trusted-proxy-ip=192.168.0.0/16',
        `--redirect-url=${authProxyCallback(host)}`,
        '--cookie-name=__Host-haven',
        '--cookie-samesite=lax',
        // A disabled user is logged out as soon as the login no longer renews their session.
        '--cookie-refresh=15s',
        '--cookie-expire=168h',
        '--skip-provider-button=true',
        '--set-xauthrequest=true',
        '--upstream=static://202',
        '--silence-ping-logging=true',
        // The only redirect target besides the protected pages: the login, to log out there, too.
        `--whitelist-domain=${loginHost}`,
      ],
      secrets: ['oidc-secret', 'cookie-secret'].map((name) => ({ source: ownName(name), target: name })),
      ports: [`127.0.0.1:\${PORT_AUTH_PROXY}:${port}`],
      read_only: true,
      cap_drop: ['ALL'],
      mem_limit: `${authProxyMemoryMb}m`,
      healthcheck: { test: ['CMD', 'curl', '-fsS', '-o', '/dev/null', `http://127.0.0.1:${port}/ping`] },
    }),
  );
  const files = {
    'oidc-secret': '${SECRET_OIDC_SECRET_AUTH_PROXY}',
    'cookie-secret': '${SECRET_COOKIE_SECRET_AUTH_PROXY}',
  };
  for (const [name, file] of Object.entries(files))
    document.setIn(['secrets', ownName(name)], document.createNode({ file }));
}

/** The author's own secrets in the compose file may have the same names. */
const ownName = (secret: string): string => `haven-${secret}`;
