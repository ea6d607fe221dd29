import { createHash } from 'node:crypto';
import type { FixedPages, LdapRole, MailOut, MailSending, UserHook, UserHooks } from '../service.ts';
import type { DependencyNetwork } from './dependency-network.ts';

/**
 * A release: one immutable, rendered bundle of one service, named by the hash of its content. It holds no secret
 * values, only names and generations, so it can be shown, compared and stored with a plan.
 */
export interface Release {
  /** Version of this format. An agent reads one version back and refuses newer ones. */
  format: 1;
  service: string;
  /** The service's own version, for people ("1.25.5"). */
  version: string;
  /** Compose variable → image reference, resolved to a local id by the agent (`IMAGE_APP` → `openhaven/x:hash`). */
  images: Record<string, string>;
  /** Compose variables that are not secret. */
  variables: Record<string, string>;
  /**
   * Secrets that the agent makes on the server, one value for each generation; mounted as files, never passed as
   * variables.
   */
  secrets: Record<string, ReleaseSecret>;
  data: Record<string, ReleaseData>;
  /** Other services that write through this one: they enter maintenance with it. */
  writers: string[];
  network: ReleaseNetwork;
  routes: ReleaseRoute[];
  /** Pages that the reverse proxy answers with a fixed text, at names of their own; left out when there are none. */
  fixedPages?: FixedPages[];
  /** TCP ports of the server that lead here through HAProxy and the PROXY protocol; left out when there are none. */
  tcpRoutes?: ReleaseTcpRoute[];
  healthChecks: HealthCheck[];
  /** Its client at the login; left out when it has none. */
  login?: ReleaseLogin;
  /** Which of its log lines mean a failed login; left out when nobody can guess a password here. */
  failedLogins?: ReleaseFailedLogin[];
  /** What to do with a user's data in this service on each event; left out when it keeps none. */
  userHooks?: UserHooks;
  /** Who reads the public certificate of its own name, and what loads a new one; left out when nobody does. */
  hostCertificate?: ReleaseHostCertificate;
  /** How email leaves it, and who is told; left out when it sends none itself. */
  mailOut?: MailSending & MailOut;
  /** Its role at LDAP; left out when it doesn't use LDAP. */
  ldap?: LdapRole;
  /** Its networks to services that it depends on, made by the agent; left out when there are none. */
  dependsOn?: DependencyNetwork[];
  /** How long programs may take to become healthy, migrations included. */
  startTimeoutSeconds: number;
}

export interface ReleaseSecret {
  /** A new generation means a new value. */
  generation: number;
  /** Who may read it: a name for each program and its uid. Each gets a file of its own, `SECRET_<NAME>_<READER>`. */
  readers: Record<string, number>;
  /** Its name in secrets.age, if the owner sets the value; it is sent before the release. */
  given?: string;
  /** Its value is that of the same name in every other service. */
  shared?: boolean;
  /** A key with its certificate for this name, instead of a random value. */
  certificateFor?: string;
}

export interface ReleaseData {
  /** Whether the data is rolled back with its program, or never (mailboxes: newer content must stay readable). */
  rollback: 'with-release' | 'never';
  uid: number;
  /** A restore leaves it as it is; left out for all that a restore brings back. */
  atRestore?: 'stays';
  /** In no backup, because its program fetches it again. */
  backup?: false;
  /** What the agent looks at in it; left out for all that it does not understand. */
  holds?: 'virus-signatures';
}

/** How its programs are reached: on a bridge of their own, or on the host's network with fixed ports and uids. */
export type ReleaseNetwork =
  | { kind: 'bridge'; name: string; loopbackPorts: Record<string, number> }
  | { kind: 'host'; ports: { port: number; protocol: 'tcp' | 'udp' }[]; uids: number[] };

/** The programs, by uid, that serve the certificate of a name of the cloud themselves. */
export interface ReleaseHostCertificate {
  host: string;
  readers: Record<string, number>;
  /** Commands that load a new one; left out when the programs read the file each time. */
  reload?: UserHook[];
}

export interface ReleaseRoute {
  host: string;
  /** Loopback port that answers its requests; left out for a name without pages. */
  port?: number;
  /** The auth proxy at this loopback port is asked about each request first; left out for public pages. */
  protected?: { authProxyPort: number; group?: string; publicPaths?: string[] };
  /** Paths that answer 404 to the internet; left out when there are none. */
  hidden?: string[];
}

export interface ReleaseTcpRoute {
  /** Port of the server, open to the internet. */
  public: number;
  /** Loopback port that answers its connections; each begins with a PROXY protocol header (version 2). */
  port: number;
}

/** The log lines of a container that mean a failed login: a regular expression with `{address}` for the client's. */
export interface ReleaseFailedLogin {
  container: string;
  pattern: string;
}

/** A service's client at the login. */
export interface ReleaseLogin {
  /** Full addresses that the login may redirect back to (OpenID Connect Core §3.1.2.1). */
  redirectUris: string[];
  /** What its tokens open besides itself, as client scopes of the login; left out when that is nothing. */
  scopes?: string[];
  /** Its programs start without the login, so in a new cloud they don't wait for it. */
  mayComeLater?: true;
  /**
   * How the login is checked before the release counts; left out for services that log users in on behalf of others.
   */
  check?: {
    /** The service's own address, without a path. */
    origin: string;
    begin: string;
    exchange?: { path: string; form: Record<string, string> };
    /** The group whose members administer it; left out where it makes no difference. */
    admins?: string;
    pages: { path: string; user: number; admin: number }[];
  };
}

/** A request over loopback that must be answered as specified before a release counts as healthy. */
export type HealthCheck = HttpHealthCheck | TlsHealthCheck | BannerHealthCheck;

/** A port on which the program speaks first (SMTP, RFC 5321 §3.1; IMAP, RFC 9051 §7.1). Its first line begins so. */
export interface BannerHealthCheck {
  port: number;
  banner: string;
}

/** A port that uses TLS from the start, with a certificate for this name from the server's own authority. */
export interface TlsHealthCheck {
  port: number;
  tls: string;
}

export interface HttpHealthCheck {
  port: number;
  path: string;
  /** Host header, if the answer depends on it. */
  host?: string;
  status: number;
}

export interface Bundle {
  release: Release;
  /** Path below the release's folder → text. Always includes `compose.yaml`. */
  files: Record<string, string>;
}

/** The name of a bundle: sha256 of its canonical text, 20 hex digits (80 bits; collisions need 2^40 releases). */
export function releaseHash(bundle: Bundle): string {
  return createHash('sha256').update(canonical(bundle)).digest('hex').slice(0, 20);
}

/** JSON with sorted keys: equal values give equal text (RFC 8785 in spirit; we have no floats). */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** What applying a release affects: programs and their data, or only their routes. */
export function touchesPrograms(from: Bundle | undefined, to: Bundle | undefined): boolean {
  if (!from || !to) return true;
  const programs = (bundle: Bundle) => {
    const {
      routes: _routes,
      fixedPages: _fixedPages,
      tcpRoutes: _tcpRoutes,
      failedLogins: _failedLogins,
      healthChecks: _healthChecks,
      writers: _writers,
      ...rest
    } = bundle.release;
    return canonical({ release: rest, files: bundle.files });
  };
  return programs(from) !== programs(to);
}

/** The names at which the reverse proxy answers for a release: each needs records and a certificate. */
export const hostNamesOf = ({ routes, fixedPages = [] }: Release): string[] => [
  ...routes.map(({ host }) => host),
  ...fixedPages.map(({ host }) => host),
];

/** A name as a compose variable writes it: `db-password` → `DB_PASSWORD`. */
export const toEnvName = (name: string): string => name.toUpperCase().replaceAll('-', '_');
