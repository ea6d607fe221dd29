import type { z } from 'zod';

/**
 * What a service says about itself: what it is, what it needs and which data it keeps. It never says which service
 * provides what it needs. DNS, firewall, route, secrets, database, backup, health and the standard tests are derived
 * from this.
 *
 * A service is a folder `services/<id>/` with this (`service.ts`) and a plain compose file (`compose.yaml`), which uses
 * the variables of docs/variables.md. Its programs run as uids of its own block of ten (docs/uids.md).
 */
export interface ServiceDefinition<Options extends z.ZodObject = z.ZodObject> {
  /** Kebab-case, at most 20 characters. */
  id: string;
  title: string;
  /** One sentence for owners who choose services. */
  summary: string;
  /** The same in German, for pages that users see. */
  summaryDe?: string;
  /** Whose program it is; `url` is left out for our own. */
  upstream: { name: string; url?: string; licence: string; version: string };
  images: Record<string, ServiceImage>;
  /** Settings for the owner, each with `.describe()`. */
  options: Options;
  needs?: {
    /**
     * A name under the cloud's domain that leads to one of its ports; haven.yaml can change `subdomain`. Without a port
     * the name has an address and a certificate, and no pages.
     */
    route?: {
      subdomain: string;
      port?: string;
      /** Paths that are never served to the internet, as Caddy's path matcher takes them. */
      hidden?: string[];
      /** Paths that are public although the auth proxy protects all others. */
      publicPaths?: string[];
    };
    /**
     * TCP ports of the server that lead to its own ports, for protocols other than the web's. HAProxy passes them on
     * with the PROXY protocol (version 2), so the program must read that header to learn the client's real address.
     */
    tcp?: TcpPort[];
    /**
     * Users log in to it by this cloud's one login (OpenID Connect). It gets a client there, named after the service,
     * whose secret is `oidc-secret`, and the variables LOGIN_*; its containers reach the login by its public name and
     * trust its certificate.
     */
    login?: ServiceLogin;
    /**
     * For a service without a login: the auth proxy puts one in front of its pages, and passes the user on in the
     * headers X-Auth-Request-Preferred-Username, -Email and -Groups. For all users, or for administrators only.
     */
    authProxy?: 'users' | 'admins';
    /**
     * Uses LDAP itself (RFC 4511). `readers`: it looks users up. If it knows no other login, it also binds as them, with
     * app passwords, below LDAP_LOGINS. `federation` keeps users there, `selfService` their app passwords.
     * Its password is `bind-password`; variables are LDAP_URL, LDAP_BIND_DN, LDAP_LOGINS, LDAP_USERS, LDAP_GROUPS.
     */
    ldap?: LdapRole;
    /**
     * Shows users their mailboxes: its programs reach this cloud's mail server, and open it with the token that a user's
     * login gives. Variables are MAIL_HOST, MAIL_DOMAIN, MAIL_DOMAINS, MAIL_IMAP, MAIL_SUBMISSION and MAIL_SIEVE.
     */
    mail?: boolean;
    /** Which of its containers use LDAP; all of them if left out. The others don't reach it. */
    ldapPrograms?: string[];
    /**
     * Its programs, by uid, that serve the public certificate of its own name: the file `tls.pem` (key and chain) in the
     * folder CERTIFICATE_<PROGRAM>, which is the one that browsers get. A renewal replaces the file; `reload` is for
     * programs that don't read it again themselves, and must end no connection.
     */
    hostCertificate?: { readers: Record<string, number>; reload?: UserHook[] };
    /**
     * Signs email (DKIM, RFC 6376): `dkim-keys` is among its secrets, JSON with `selector` and `privateKey` by domain, and a
     * second pair in `ed25519` where there is one.
     */
    dkim?: boolean;
    /**
     * Sends email itself: directly, or by the relay that its option `relay` names (core/mail/relay.ts), whose password is then a
     * file in `container`, `mail-relay-password` of `uid`. There `way` prints how email leaves now, `direct` or `relay`, and
     * `useWay` with one of these as its last word switches, without losing what waits.
     */
    mailOut?: MailOut & { uid: number };
    /** Sends email if haven.yaml has an account for it; then `sending-password` is among its secrets. */
    sending?: boolean;
    /** Its own PostgreSQL 17 database, on host `db`, named after the service. */
    database?: boolean;
  };
  /**
   * What it has in addition while an option is on, by the name of that option: a boolean that is off by default. Containers
   * of such a part have `profiles: [<option>]` in compose.yaml. While the option is off, a release has none of it
   * (core/optional-parts.ts).
   */
  optional?: Record<string, OptionalPart>;
  /** The quota of its own database, if 1 GB is not enough. */
  databaseQuotaGb?: number;
  /**
   * What this service provides: to other services LDAP, where users are stored, or their login; or the mail of the
   * domains in its option `domains`, at its own name on the web.
   */
  provides?: 'ldap' | 'login' | 'mail';
  /**
   * Which of its programs, by uid, get a key and a certificate for the service's name, from an authority that only
   * this server knows: one file, secret `tls`. For connections between services.
   */
  certificate?: Record<string, number>;
  /**
   * Which of its log lines mean a failed login. An address that causes too many can't reach this cloud for a while
   * (core/bans/). For programs where a password can be guessed: not where users only log in by this cloud's login.
   */
  failedLogins?: FailedLogin[];
  /**
   * What to do with the data that this service keeps of a user: sessions, keys, tokens, and what they created.
   * Required when users log in. Each is a command in one of its containers that gets the user's name in USER_NAME, their
   * address in EMAIL and their `sub` at the login in SUBJECT. It can run more than once, and also for a user who has never
   * logged in here. What it prints is shown to the owner.
   */
  userHooks?: UserHooks;
  /** Why it needs no hook `rename` although users log in: its pages show no name, or the name must not change. */
  renameNotNeeded?: string;
  /**
   * Why its pages have no login. An owner can restrict them with `access` in haven.yaml: then the auth proxy puts the
   * login in front.
   */
  publicBecause?: string;
  /** Container ports that are published to loopback for the reverse proxy: name → port. */
  ports?: Record<string, number>;
  /**
   * The subnet of its bridge, if its containers need fixed addresses (`ipv4_address` in compose.yaml), such as a resolver.
   * Inside of 172.30.0.0/16 (core/release/fixed-subnets.ts); Docker takes all others from 172.18.0.0/15.
   */
  subnet?: string;
  /**
   * An IPv6 subnet of `containerIpv6` (core/release/server-firewall.ts) for its bridge, if it connects to other servers over
   * IPv6: they see the server's own address. All other services have IPv4 alone.
   */
  subnet6?: string;
  /** Listens on the host's network, because it needs the client's real address; with the reason. */
  hostNetwork?: { ports: { port: number; protocol: 'tcp' | 'udp' }[]; uids: number[]; reason: string };
  /**
   * Its data by name. `quotaGb` is how much of the volume each may use, its snapshots included, in GB (10^9 bytes); the
   * owner can change it in haven.yaml. `atRestore: 'stays'` is for what would be done twice if an older state came back, such
   * as a queue of email to send: a restore leaves it as it is. On a new server it comes back, with a file `.recovered` in it, so
   * that the program can hold what it may have done since. `backup: false` is for what its program fetches again. With
   * `holds: 'virus-signatures'` its owner is told when ClamAV's files in it are old.
   */
  data?: Record<
    string,
    {
      rollback: 'with-release' | 'never';
      uid: number;
      quotaGb: number;
      atRestore?: 'stays';
      backup?: false;
      holds?: 'virus-signatures';
    }
  >;
  /** Which of its containers run as root, and why they can't do without. */
  rootBecause?: Record<string, string>;
  /** A uid that upstream's image insists on, outside the block of ten that every service has of its own. */
  upstreamUid?: number;
  /** Name → which of its programs read it, by uid. The values are made on the server and stay there. */
  secrets?: Record<string, Record<string, number>>;
  /** Other services that write through this one. */
  writers?: string[];
  /** What must answer, over loopback, before a release counts as healthy. */
  healthChecks: ServiceHealthCheck[];
  /** Memory that all of its containers may use together, in MB: the sum of their limits. */
  memoryMb: number;
  startTimeoutSeconds?: number;
  /** Files rendered from options, below the release's `files/`. */
  files?: (options: z.infer<Options>, context: ServiceContext) => Record<string, string>;
  /**
   * Pages at names of their own, where programs look for them by a standard. The reverse proxy answers with their text,
   * in maintenance, too.
   */
  fixedPages?: (options: z.infer<Options>, context: ServiceContext) => FixedPages[];
}

/** A TCP port of the server, the name of the port of the service that it leads to, and why, for owners. */
export interface TcpPort {
  public: number;
  port: string;
  reason: string;
}

/** What a service has while one of its options is on. Each is as in {@link ServiceDefinition}, and added to it. */
export interface OptionalPart extends Pick<ServiceDefinition, 'ports' | 'data'> {
  images?: ServiceDefinition['images'];
  tcp?: TcpPort[];
  /** Of its containers. */
  memoryMb?: number;
}

/** The pages of a name, all of them public. Any other path of it answers 404. */
export interface FixedPages {
  host: string;
  pages: FixedPage[];
}
export interface FixedPage {
  /** From the slash on; capitals make no difference. Whatever the method and the query are, the text is the same. */
  path: string;
  /** `text/plain; charset=utf-8`. */
  contentType: string;
  /** Without braces, which the reverse proxy would replace. */
  text: string;
}

/** How email leaves a cloud: directly to the mail servers of others, by a relay, or (`auto`) directly where port 25 is open. */
export interface MailSending {
  mode: 'auto' | 'direct' | 'relay';
  relay?: MailRelay;
}

/** An account at another mail server, which sends what this cloud's users write. The password is not part of it. */
export interface MailRelay {
  host: string;
  /** Where a connection begins with STARTTLS. */
  port: number;
  user: string;
  /** Domains whose email goes by it; all if left out. */
  domains?: string[] | undefined;
  /** Its servers, as SPF has them (core/mail/relay-spf.ts). */
  spf?: string | string[] | undefined;
}

/** How a program that sends email is asked which way it takes, and told. */
export interface MailOut {
  container: string;
  way: string[];
  useWay: string[];
}

/** The log lines of a container that mean a failed login. */
export interface FailedLogin {
  container: string;
  /**
   * A regular expression for the whole line, from `^` to `$`, in which `{address}` stands for the client's address. Python
   * and JavaScript must read it alike. Text that a visitor chooses must not be able to look like the rest of the line:
   * Docker also begins a new line after 16 KB.
   */
  pattern: string;
  /**
   * Such a line, caused from 203.0.113.7. `{name}` stands wherever a visitor chooses the text. Inside double quotes the
   * program puts a backslash before each quote. `{line}` is such a text in which the program replaces line breaks.
   */
  example: string;
}

/**
 * A service's role at LDAP: `federation` stores users there, `readers` only look them up, `selfService` stores their
 * app passwords.
 */
export type LdapRole = 'federation' | 'readers' | 'selfService';

/** An account at another mail server, with which this cloud sends email. The password is not part of it. */
export interface Sending {
  host: string;
  port: number;
  user: string;
  from: string;
}

/**
 * A page that answers with a status, a port that answers TLS with a certificate for a name, or a port on which the
 * program speaks first, with a line that begins with `banner`. Never a port of `needs.tcp`: there a program waits for the
 * header of the PROXY protocol, and Postfix closes the port for a minute where none comes.
 */
export type ServiceHealthCheck =
  | { port: string; path: string; status: number }
  | { port: string; tls: string }
  | { port: string; banner: string };

/**
 * `logOut` ends every session and token that a browser or an app got by a login. Keys and tokens that a user made stay.
 * `disable` ends everything, those keys included, and is followed by `logOut`; `enable` gives back what `disable` took.
 * `remove` finds in SUCCESSOR and SUCCESSOR_SUBJECT who gets what the user made; where they are empty it stays, and
 * nobody can log in to it. `rename` finds the new name in NEW_NAME. `setAdmin` finds in IS_ADMIN `true` or `false`:
 * whether the user is in the group of administrators. It is for programs that don't read the group from the login, and
 * may have to make the account, since the user's first login can be later.
 */
export type UserHookName = 'logOut' | 'disable' | 'enable' | 'remove' | 'rename' | 'setAdmin';
export type UserHooks = Record<'logOut' | 'disable' | 'enable' | 'remove', UserHook> & {
  /** One after the other, until one fails. */
  rename?: UserHook[];
  setAdmin?: UserHook;
  /**
   * Creates the accounts of users who have none, linked to their `sub`. For programs in which users can take names that
   * belong to others. It gets no variables: users come on standard input, one a line, as `sub`, name, address and full
   * name, separated by tabs. For each user whose account can't be created or updated it prints the `sub`, a tab and the
   * reason. It runs before a new release is open to users, when a user is added, and when a name or an address changes.
   */
  add?: UserHook;
};
export interface UserHook {
  container: string;
  command: string[];
}

/** How users log in to a service by OpenID Connect (Core 1.0), and how that is checked after each deploy. */
export type ServiceLogin = LoginPaths &
  (
    | {
        /** The group whose members administer it. Its program reads it from the login, or the hook `setAdmin` tells it. */
        admins: string;
        noAdmins?: undefined;
      }
    | {
        /** Why it makes no difference between users and administrators. */
        noAdmins: string;
        admins?: undefined;
      }
  );

interface LoginPaths {
  /** Path to which the login leads back (OpenID Connect Core §3.1.2.1 `redirect_uri`). */
  callback: string;
  /**
   * Its programs start and are healthy while the login does not answer: they ask it only when a user logs in. So in a new
   * cloud they start beside it, and get their client there, and are checked, once it runs.
   */
  mayComeLater?: true;
  /**
   * Path that sends a visitor without a session to the login. `{origin}` stands for the service's own address,
   * `{challenge}` for a PKCE challenge (RFC 7636 §4.2).
   */
  begin: string;
  /**
   * How its page trades the code that it is led back with for a token, where a script does that and no cookie is set.
   * `{code}` and `{verifier}` stand for what the login gave. The login check then shows the token.
   */
  exchange?: { path: string; form: Record<string, string> };
  /** Pages that show who is logged in, with the status a user gets and the status an administrator gets. */
  pages: { path: string; user: number; admin: number }[];
}

/**
 * `build`: a folder with a Dockerfile below `images/`, or the service's own `image`. `pull`: upstream's own image, by
 * name and exact tag; haven.lock pins its digest at the first `up`. `replacement`: a folder with `upstream.json`, which
 * says what that image has, and with what a sandbox builds in its place when no registry can be reached. Where that is
 * not the program itself, its name ends in `-stub`, and users see that it is a stub.
 */
export type ServiceImage = { build: string } | PulledImage;
export interface PulledImage {
  pull: string;
  replacement: string;
}

/** What a service may know of the cloud it runs in. */
export interface ServiceContext {
  domain: string;
  /** The service's own web address; undefined when it has no route. */
  host: string | undefined;
  /** The web address of this cloud's login; undefined when no service needs one. */
  loginHost?: string | undefined;
  /** If the auth proxy protects it: the group that has access if it is not all users. */
  protected?: { group?: string; publicPaths?: string[] } | undefined;
  /** The other services that users open, for the portal. */
  neighbours?: Neighbour[];
  /** Titles of all services, by id. */
  titles?: Record<string, string>;
  /** The mail that this cloud receives, for the portal and for `needs.mail`; undefined without a service for it. */
  mail?: PlannedMail | undefined;
  /** The account with which this cloud sends email; undefined without one. */
  sending?: Sending | undefined;
  owner: { name: string; email: string };
  timeZone: string;
}

/** The mail that a cloud receives. */
export interface PlannedMail {
  /** Name of the mail server: where MX records lead, and how it greets others (RFC 5321 §4.1.1.1). */
  host: string;
  /** Domains whose mail it receives. The first one gets the reports of other mail servers. */
  domains: string[];
  /** What it sends has a second signature, by Ed25519 (RFC 8463). */
  ed25519?: boolean;
  /** Mail programs can also fetch it by POP3. */
  pop3?: boolean;
}

export interface Neighbour {
  id: string;
  title: string;
  summary: { en: string; de: string };
  url: string;
  /** A stub runs in its place. */
  stub?: boolean;
  /** Programs log in to it with app passwords from LDAP. */
  takesAppPasswords?: boolean;
}

/** Defines a service and gives its options their types. */
export function defineService<Options extends z.ZodObject>(
  service: ServiceDefinition<Options>,
): ServiceDefinition {
  return service as unknown as ServiceDefinition;
}

export interface CatalogueEntry {
  definition: ServiceDefinition;
  compose: string;
  /** The files in its folder `files`, by path. */
  files: Record<string, string>;
  folder: string;
}

/** Services by id. The folders are the catalogue: every folder with a `service.ts` is in it. */
export type Catalogue = Map<string, CatalogueEntry>;
