import type { Release, ReleaseRoute } from './release.ts';

/** Whether a service is open, in maintenance because it is being changed, or stopped by its owner. */
export type RouteState = 'open' | 'changing' | 'off';

const refusals: Record<Exclude<RouteState, 'open'>, string[]> = {
  // Retry-After says when to try again (RFC 9110 §10.2.3).
  changing: [
    '\theader Retry-After 15',
    '\trespond "This service is being updated. Please try again in a moment." 503',
  ],
  off: ['\trespond "This service is stopped." 503'],
};

const heading = (release: Release): string =>
  `# Routes of ${release.service}. Written by the agent; changes here are overwritten.`;

/**
 * Where the reverse proxy's container finds certificates: one folder per name, written by the agent. Key and chain
 * are in one file, so that neither is ever seen without the other.
 */
const certificateFolder = '/certs';

/**
 * A service's part of the Caddyfile. While it is in maintenance, the same names answer 503 with Retry-After (RFC 9110
 * §15.6.4, §10.2.3), so no request is accepted that might be rolled back.
 */
export function renderRoutes(release: Release, state: RouteState): string {
  const lines = [heading(release)];
  for (const route of release.routes) {
    lines.push(
      `https://${route.host} {`,
      `\ttls ${certificateFolder}/${route.host}/tls.pem ${certificateFolder}/${route.host}/tls.pem`,
      '\timport haven-headers',
      ...(state === 'open'
        ? [
            ...(route.hidden ? [`\t@hidden path ${route.hidden.join(' ')}`, '\trespond @hidden 404'] : []),
            ...(route.protected
              ? throughAuthProxy(route.protected, route.port)
              : [...withoutSession, ...proxyTo(route.port)].map((line) => `\t${line}`)),
          ]
        : ['\theader Cache-Control no-store', ...refusals[state]]),
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Removes the cookies of the auth proxy's session: `__Host-haven`, its parts `_0`, `_1`, … and what belongs to it. A
 * service could use them in its visitor's name. Browsers also send them to a page that is public by now.
 */
const withoutSession = [
  String.raw`request_header Cookie "(^|;[ \t]*)__Host-haven[^;]*" ""`,
  String.raw`request_header Cookie "^;[ \t]*" ""`,
];

/** Removes what visitors say of themselves. Caddy drops names with underscores, which programs may read as the same. */
const withoutClaims = 'request_header -X-Auth-Request-*';

const proxyTo = (port: number): string[] => [`reverse_proxy 127.0.0.1:${port}`];

/** What the auth proxy says of a visitor, for the service. */
const claims = ['User', 'Email', 'Groups', 'Preferred-Username'].map((each) => `X-Auth-Request-${each}`);

/**
 * Passes the auth proxy's cookies on to the browser, with whatever comes next: the session when it was renewed, and its
 * end. Without this the browser keeps an old session, which the auth proxy renews at the login for every single request.
 */
const passCookiesOn = ['copy_response_headers {', '\tinclude Set-Cookie', '}'].map(
  (line) => `\t\t\t\t${line}`,
);

/**
 * Asks the auth proxy before a page is shown. A visitor without a session is sent to the login and back; a user
 * without access gets a page that says so. Caddy's `forward_auth` is short for most of this, but drops the cookies.
 */
function throughAuthProxy(
  { authProxyPort, group, publicPaths }: NonNullable<ReleaseRoute['protected']>,
  port: number,
): string[] {
  return [
    '\t@auth_proxy path /oauth2/*',
    ...(publicPaths ? [`\t@publicPaths path ${publicPaths.join(' ')}`] : []),
    // In exactly this order: outside of a route, Caddy uses its own.
    '\troute {',
    `\t\treverse_proxy @auth_proxy 127.0.0.1:${authProxyPort}`,
    `\t\t${withoutClaims}`,
    ...(publicPaths
      ? [
          '\t\troute @publicPaths {',
          ...[...withoutSession, ...proxyTo(port)].map((line) => `\t\t\t${line}`),
          '\t\t}',
        ]
      : []),
    `\t\treverse_proxy 127.0.0.1:${authProxyPort} {`,
    '\t\t\tmethod GET',
    `\t\t\trewrite /oauth2/auth${group ? `?allowed_groups=${group}` : ''}`,
    '\t\t\theader_up X-Forwarded-Method {method}',
    '\t\t\theader_up X-Forwarded-Uri {uri}',
    '\t\t\t@user status 2xx',
    '\t\t\thandle_response @user {',
    ...passCookiesOn,
    ...claims.flatMap((name) => [
      // A header that the auth proxy does not send would reach the service as the name of its placeholder.
      `\t\t\t\t@${name} not vars {rp.header.${name}} ""`,
      `\t\t\t\trequest_header @${name} ${name} {rp.header.${name}}`,
    ]),
    '\t\t\t}',
    '\t\t\t@stranger status 401',
    '\t\t\thandle_response @stranger {',
    ...passCookiesOn,
    '\t\t\t\tredir * /oauth2/start?rd={http.request.orig_uri} 302',
    '\t\t\t}',
    '\t\t\t@refused status 403',
    '\t\t\thandle_response @refused {',
    ...passCookiesOn,
    '\t\t\t\trespond "You are logged in, but you do not have access to this page. Ask the administrator of this cloud." 403',
    '\t\t\t}',
    '\t\t}',
    ...[...withoutSession, ...proxyTo(port)].map((line) => `\t\t${line}`),
    '\t}',
  ];
}

/**
 * A service's part of HAProxy's configuration: one port of the server for each of its TCP routes, passed on with the
 * client's address (PROXY protocol, version 2). While the service is not open nothing listens there, so a client is
 * refused at once and can retry.
 */
export function renderTcpRoutes(release: Release, state: RouteState): string {
  const routes = state === 'open' ? (release.tcpRoutes ?? []) : [];
  const sections = routes.map(({ public: outside, port }) => {
    const name = `${release.service}-${outside}`;
    return [
      // One address per family: a single one for both would pass IPv4 clients on as mapped IPv6 (RFC 4291 §2.5.5.2).
      `frontend ${name}`,
      `\tbind 0.0.0.0:${outside}`,
      `\tbind [::]:${outside} v6only`,
      `\tdefault_backend ${name}`,
      `backend ${name}`,
      `\tserver ${release.service} 127.0.0.1:${port} send-proxy-v2`,
    ].join('\n');
  });
  return `${[heading(release), ...sections].join('\n')}\n`;
}
