import type { Release, ReleaseRoute } from './release.ts';

/** Does a service serve; or is it being changed, so that it is in maintenance; or did its owner switch it off? */
export type RouteState = 'open' | 'changing' | 'off';

const refusals: Record<Exclude<RouteState, 'open'>, string[]> = {
  // Retry-After says when it pays to come again (RFC 9110 §10.2.3).
  changing: [
    '\theader Retry-After 15',
    '\trespond "This service is being updated. Please try again in a moment." 503',
  ],
  off: ['\trespond "This service is switched off." 503'],
};

const heading = (release: Release): string =>
  `# Routes of ${release.service}. Written by the agent; a change here is overwritten.`;

/**
 * Where the reverse proxy's container finds certificates: a folder for each name, written by the agent. Key and chain
 * are in one file, so that no moment shows the one without the other.
 */
const certificateFolder = '/certs';

/**
 * The part of the Caddyfile that belongs to one service. While it is in maintenance the same names answer 503 with
 * Retry-After (RFC 9110 §15.6.4, §10.2.3), so nothing is accepted that might be taken back.
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
              : [`\treverse_proxy 127.0.0.1:${route.port}`]),
          ]
        : ['\theader Cache-Control no-store', ...refusals[state]]),
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Asks the auth proxy before a page is shown. Who is not logged in is led to the login and back; who is, and may not, is told.
 * What a visitor says of themselves in these headers is thrown away.
 */
function throughAuthProxy(
  { authProxyPort, group, publicPaths }: NonNullable<ReleaseRoute['protected']>,
  port: number,
): string[] {
  const names = ['User', 'Email', 'Groups', 'Preferred-Username'].map((each) => `X-Auth-Request-${each}`);
  return [
    '\t@auth_proxy path /oauth2/*',
    ...(publicPaths ? [`\t@publicPaths path ${publicPaths.join(' ')}`] : []),
    // In this very order; outside of a route Caddy has one of its own.
    '\troute {',
    `\t\treverse_proxy @auth_proxy 127.0.0.1:${authProxyPort}`,
    ...names.map((name) => `\t\trequest_header -${name}`),
    ...(publicPaths ? [`\t\treverse_proxy @publicPaths 127.0.0.1:${port}`] : []),
    `\t\tforward_auth 127.0.0.1:${authProxyPort} {`,
    `\t\t\turi /oauth2/auth${group ? `?allowed_groups=${group}` : ''}`,
    `\t\t\tcopy_headers ${names.join(' ')}`,
    '\t\t\t@stranger status 401',
    '\t\t\thandle_response @stranger {',
    '\t\t\t\tredir * /oauth2/start?rd={http.request.orig_uri} 302',
    '\t\t\t}',
    '\t\t\t@refused status 403',
    '\t\t\thandle_response @refused {',
    '\t\t\t\trespond "You are logged in, and this page is not for you. Ask who runs this cloud." 403',
    '\t\t\t}',
    '\t\t}',
    `\t\treverse_proxy 127.0.0.1:${port}`,
    '\t}',
  ];
}

/**
 * The part of HAProxy's configuration that belongs to one service: a port of the server for each of its TCP routes,
 * handed on with the client's address (PROXY protocol, version 2). While it does not serve nothing listens there, so a
 * client is refused at once and may try again.
 */
export function renderTcpRoutes(release: Release, state: RouteState): string {
  const routes = state === 'open' ? (release.tcpRoutes ?? []) : [];
  const sections = routes.map(({ public: outside, port }) => {
    const name = `${release.service}-${outside}`;
    return [
      // An address for each family: one for both would hand IPv4 clients on as mapped IPv6 (RFC 4291 §2.5.5.2).
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
