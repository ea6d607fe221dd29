import type { FixedPages } from '../service.ts';
import type { Release, ReleaseRoute } from './release.ts';

/** Whether a service is open, in maintenance because it is being changed, or stopped by its owner. */
export type RouteState = 'open' | 'maintenance' | 'stopped';

const heading = (release: Release): string =>
  `# Routes of ${release.service}. Written by the agent; changes here are overwritten.`;

/**
 * Where the reverse proxy's container finds certificates: one folder per name, written by the agent. Key and chain
 * are in one file, so that neither is ever seen without the other.
 */
const certificateFolder = '/certs';

/**
 * A service's part of the Caddyfile. Each request first meets `haven-states` (services/reverse-proxy/caddyfile.ts): while
 * the service is in maintenance it answers 503 with Retry-After (RFC 9110 §15.6.4, §10.2.3), so no request is accepted
 * that might be rolled back. This text does not change with that, because a reload would end other visitors' connections.
 */
export function renderRoutes(release: Release): string {
  const blocks = release.routes.map((route) => [
    ...beginning(route.host),
    ...(route.hidden ? [`\t@hidden path ${route.hidden.join(' ')}`] : []),
    ...(route.protected ? authProxyMatchers(route.protected) : []),
    // In exactly this order: outside of a route, Caddy uses its own, in which `respond` comes after `route`.
    '\troute {',
    ...[
      `import haven-states /${release.service}`,
      withTrueAddress,
      ...(route.hidden ? ['respond @hidden 404'] : []),
      ...toPages(route),
    ].map((line) => `\t\t${line}`),
    '\t}',
    '}',
  ]);
  const fixed = (release.fixedPages ?? []).map(renderFixedPages);
  return `${[heading(release), ...blocks.flat(), ...fixed.flat()].join('\n')}\n`;
}

const beginning = (host: string): string[] => [
  `https://${host} {`,
  `\ttls ${certificateFolder}/${host}/tls.pem ${certificateFolder}/${host}/tls.pem`,
  '\timport haven-headers',
];

/** A text that the reverse proxy has in its configuration doesn't depend on its service, so it is served in maintenance, too. */
function renderFixedPages({ host, pages }: FixedPages): string[] {
  const handled = pages.flatMap(({ path, contentType, text }) => {
    const mark = 'END-OF-PAGE';
    if (/[{}]/.test(text) || text.includes(mark))
      throw new Error(`The text of https://${host}${path} must have no braces, and not the words "${mark}".`);
    return [
      `\thandle ${path} {`,
      `\t\theader Content-Type "${contentType}"`,
      `\t\trespond <<${mark}`,
      ...text.trimEnd().split('\n'),
      `${mark} 200`,
      '\t}',
    ];
  });
  return [...beginning(host), ...handled, '\thandle {', '\t\trespond 404', '\t}', '}'];
}

/**
 * Removes the cookies of the auth proxy's session: `__Host-haven`, its parts `_0`, `_1`, … and what belongs to it. A
 * service could use them in its visitor's name. Browsers also send them to a page that is public by now.
 */
const withoutSession = [
  String.raw`request_header Cookie "(^|;[ \t]*)__Host-haven[^;]*" ""`,
  String.raw`request_header Cookie "^;[ \t]*" ""`,
];

/**
 * Some programs believe this header before X-Forwarded-For, which Caddy always replaces: oauth2-proxy and Gitea would
 * log any address that a visitor names.
 */
const withTrueAddress = 'request_header X-Real-IP {remote_host}';

/** Removes what visitors say of themselves. Caddy drops names with underscores, which programs may read as the same. */
const withoutClaims = 'request_header -X-Auth-Request-*';

/** A reload ends connections such as web sockets only after this time. They are cut when their own service changes. */
const proxyTo = (port: number): string[] => [
  `reverse_proxy 127.0.0.1:${port} {`,
  '\tstream_close_delay 1h',
  '}',
];

const authProxyMatchers = ({ publicPaths }: NonNullable<ReleaseRoute['protected']>): string[] => [
  '\t@auth_proxy path /oauth2/*',
  ...(publicPaths ? [`\t@publicPaths path ${publicPaths.join(' ')}`] : []),
];

/** A name without pages has no port. */
function toPages({ port, protected: protection }: ReleaseRoute): string[] {
  if (port === undefined) return ['respond 404'];
  return protection ? throughAuthProxy(protection, port) : [...withoutSession, ...proxyTo(port)];
}

/** What the auth proxy says of a visitor, for the service. */
const claims = ['User', 'Email', 'Groups', 'Preferred-Username'].map((each) => `X-Auth-Request-${each}`);

const indent = (lines: string[]): string[] => lines.map((line) => `\t${line}`);

/**
 * Passes the auth proxy's cookies on to the browser, with whatever comes next: the session when it was renewed, and its
 * end. Without this the browser keeps an old session, which the auth proxy renews at the login for every single request.
 */
const passCookiesOn = ['copy_response_headers {', '\tinclude Set-Cookie', '}'];

/**
 * Asks the auth proxy before a page is shown. A visitor without a session is sent to the login and back; a user
 * without access gets a page that says so. Caddy's `forward_auth` is short for most of this, but drops the cookies.
 */
function throughAuthProxy(
  { authProxyPort, group, publicPaths }: NonNullable<ReleaseRoute['protected']>,
  port: number,
): string[] {
  const toService = [...withoutSession, ...proxyTo(port)];
  const asUser = claims.flatMap((name) => [
    // A header that the auth proxy does not send would reach the service as the name of its placeholder.
    `@${name} not vars {rp.header.${name}} ""`,
    `request_header @${name} ${name} {rp.header.${name}}`,
  ]);
  const answer = (who: string, status: string, lines: string[]): string[] => [
    `@${who} status ${status}`,
    `handle_response @${who} {`,
    ...indent([...passCookiesOn, ...lines]),
    '}',
  ];
  return [
    `reverse_proxy @auth_proxy 127.0.0.1:${authProxyPort}`,
    withoutClaims,
    ...(publicPaths ? ['route @publicPaths {', ...indent(toService), '}'] : []),
    `reverse_proxy 127.0.0.1:${authProxyPort} {`,
    ...indent([
      'method GET',
      `rewrite /oauth2/auth${group ? `?allowed_groups=${group}` : ''}`,
      'header_up X-Forwarded-Method {method}',
      'header_up X-Forwarded-Uri {uri}',
      ...answer('user', '2xx', asUser),
      ...answer('stranger', '401', ['redir * /oauth2/start?rd={http.request.orig_uri} 302']),
      ...answer('refused', '403', [
        'respond "You are logged in, but you do not have access to this page. Ask the administrator of this cloud." 403',
      ]),
    ]),
    '}',
    askedEachTime,
    ...toService,
  ];
}

/**
 * Without it a browser shows pages that carry a date from its own cache (RFC 9111 §4.2.2), also after a logout. Where the
 * service says how long a page may be kept, that stands.
 */
const askedEachTime = 'header ?Cache-Control "private, no-cache"';

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
