import { innerAddress } from '../mail/inner-doors.ts';
import type { ServiceContext, ServiceDefinition } from '../service.ts';
import { bindDn, ldap } from '../users/ldap.ts';
import { loginIssuer } from '../users/login.ts';
import type { Release } from './release.ts';
import { toEnvName } from './release.ts';

/**
 * The variables that a service's compose.yaml can use. This table renders them and docs/variables.md, so the two
 * can't disagree.
 */
export interface ComposeVariable {
  /** `<NAME>` and `<READER>` are names from service.ts, in capitals and with underscores. */
  name: string;
  meaning: string;
  /** When it exists. */
  when: string;
}

interface FixedVariable extends ComposeVariable {
  /** Undefined when it does not exist. */
  value(service: ServiceDefinition, context: ServiceContext): string | undefined;
}

const atLogin = '`needs.login` is set';
const atLdap = '`needs.ldap` is set';
const atMail = '`needs.mail` is set';

const fixedVariables: FixedVariable[] = [
  {
    name: 'DOMAIN',
    meaning: 'The main domain of this cloud.',
    when: 'always',
    value: (_, { domain }) => domain,
  },
  {
    name: 'TZ',
    meaning: 'The time zone from haven.yaml, such as `Europe/Berlin`.',
    when: 'always',
    value: (_, { timeZone }) => timeZone,
  },
  {
    name: 'HOST',
    meaning: "The service's own name on the web.",
    when: '`needs.route` is set',
    value: (_, { host }) => host,
  },
  {
    name: 'LOGIN_HOST',
    meaning: "The login's name on the web.",
    when: atLogin,
    value: ({ needs }, { loginHost }) => (needs?.login ? loginHost : undefined),
  },
  {
    name: 'LOGIN_ISSUER',
    meaning:
      'The issuer of its tokens (OpenID Connect Core §2); `/.well-known/openid-configuration` is below it.',
    when: atLogin,
    value: ({ needs }, { loginHost }) => (needs?.login && loginHost ? loginIssuer(loginHost) : undefined),
  },
  {
    name: 'LOGIN_CLIENT',
    meaning: 'The id of the client at the login. Its secret is the file `oidc-secret`.',
    when: atLogin,
    value: ({ id, needs }, { loginHost }) => (needs?.login && loginHost ? id : undefined),
  },
  {
    name: 'LOGIN_ADMINS',
    meaning: 'The value of the claim `groups` that makes a user an administrator.',
    when: '`needs.login.admins` is set',
    value: ({ needs }, { loginHost }) => (loginHost ? needs?.login?.admins : undefined),
  },
  {
    name: 'LDAP_URL',
    meaning: 'Address of the LDAP server.',
    when: atLdap,
    value: ({ needs }) => (needs?.ldap ? `ldaps://${ldap.host}:636` : undefined),
  },
  {
    name: 'LDAP_BIND_DN',
    meaning: 'The account with which the service connects to LDAP. Its password is the file `bind-password`.',
    when: atLdap,
    value: ({ id, needs }) => (needs?.ldap ? bindDn(id, needs.ldap) : undefined),
  },
  {
    name: 'LDAP_LOGINS',
    meaning: 'The tree below which programs log users in, with app passwords.',
    when: atLdap,
    value: ({ needs }) => (needs?.ldap ? ldap.appPasswords : undefined),
  },
  {
    name: 'LDAP_USERS',
    meaning: 'The tree of users.',
    when: atLdap,
    value: ({ needs }) => (needs?.ldap ? ldap.users : undefined),
  },
  {
    name: 'LDAP_GROUPS',
    meaning: 'The tree of groups.',
    when: atLdap,
    value: ({ needs }) => (needs?.ldap ? ldap.groups : undefined),
  },
  {
    name: 'MAIL_HOST',
    meaning: "The mail server's public name: the one in its certificate.",
    when: atMail,
    value: ({ needs }, { mail }) => (needs?.mail ? mail?.host : undefined),
  },
  {
    name: 'MAIL_DOMAIN',
    meaning: 'The first domain whose mail it receives: each user has `<name>@` it.',
    when: atMail,
    value: ({ needs }, { mail }) => (needs?.mail ? mail?.domains[0] : undefined),
  },
  {
    name: 'MAIL_DOMAINS',
    meaning: 'All domains whose mail it receives, separated by spaces: each user has `<name>@` each of them.',
    when: atMail,
    value: ({ needs }, { mail }) => (needs?.mail ? mail?.domains.join(' ') : undefined),
  },
  {
    name: 'MAIL_IMAP',
    meaning: 'Where mailboxes are read: `<host>:<port>`, IMAP with STARTTLS.',
    when: atMail,
    value: ({ needs }) => (needs?.mail ? innerAddress('imap') : undefined),
  },
  {
    name: 'MAIL_SUBMISSION',
    meaning: 'Where email is sent: `<host>:<port>`, SMTP with STARTTLS.',
    when: atMail,
    value: ({ needs }) => (needs?.mail ? innerAddress('submission') : undefined),
  },
  {
    name: 'MAIL_SIEVE',
    meaning: 'Where filters are changed: `<host>:<port>`, ManageSieve with STARTTLS.',
    when: atMail,
    value: ({ needs }) => (needs?.mail ? innerAddress('sieve') : undefined),
  },
];

interface NamedVariable extends ComposeVariable {
  /** The variables of one release. */
  names(release: Release): string[];
}

const namedVariables: NamedVariable[] = [
  {
    name: 'OPTION_<NAME>',
    meaning: 'An option from haven.yaml. Other values than strings are JSON: `true`, `12`, `["a"]`.',
    when: '`options` names it',
    names: ({ variables }) => Object.keys(variables).filter((each) => each.startsWith('OPTION_')),
  },
  {
    name: 'IMAGE_<NAME>',
    meaning: 'An image, by its id on the server.',
    when: '`images` names it; `IMAGE_POSTGRES` with `needs.database`',
    names: ({ images }) => Object.keys(images),
  },
  {
    name: 'PORT_<NAME>',
    meaning: 'The loopback port of the server at which the container port is published.',
    when: '`ports` names it, except with `hostNetwork`',
    names: ({ network }) =>
      network.kind === 'bridge'
        ? Object.keys(network.loopbackPorts).map((name) => `PORT_${toEnvName(name)}`)
        : [],
  },
  {
    name: 'DATA_<NAME>',
    meaning: 'A folder that keeps data, owned by the uid that `data` names.',
    when: '`data` names it; `DATA_DB` with `needs.database`',
    names: ({ data }) => Object.keys(data).map((name) => `DATA_${toEnvName(name)}`),
  },
  {
    name: 'SECRET_<NAME>_<READER>',
    meaning: "Path of a secret's file, owned by the reader's uid. Use it below `secrets:` only.",
    when: '`secrets` names it',
    names: ({ secrets }) =>
      Object.entries(secrets).flatMap(([name, { readers }]) =>
        Object.keys(readers).map((reader) => `SECRET_${toEnvName(name)}_${toEnvName(reader)}`),
      ),
  },
  {
    name: 'CERTIFICATE_<PROGRAM>',
    meaning:
      "A folder with the public certificate of the service's own name, owned by the program's uid: `tls.pem`, key and chain. Mount the folder, read-only, because a renewal replaces the file.",
    when: '`needs.hostCertificate` names it',
    names: ({ hostCertificate }) =>
      Object.keys(hostCertificate?.readers ?? {}).map((program) => certificateVariable(program)),
  },
];

/** Every variable, for docs. */
export const composeVariables: ComposeVariable[] = [...fixedVariables, ...namedVariables];

/** The variables that a release stores with their values: the fixed ones and its options. */
export function renderVariables(
  service: ServiceDefinition,
  options: Record<string, unknown>,
  context: ServiceContext,
): Record<string, string> {
  const fixed = fixedVariables.flatMap(({ name, value }) => {
    const text = value(service, context);
    return text === undefined ? [] : [[name, text] as const];
  });
  const chosen = Object.entries(options).map(
    ([name, value]) =>
      [optionVariable(name), typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  return Object.fromEntries([...fixed, ...chosen]);
}

/** Names of all variables that a release's compose file can use. */
export const variablesOf = (release: Release): string[] => [
  ...fixedVariables.map(({ name }) => name).filter((name) => name in release.variables),
  ...namedVariables.flatMap(({ names }) => names(release)),
];

/** The variable of the folder in which a program finds the public certificate: `postfix` → `CERTIFICATE_POSTFIX`. */
export const certificateVariable = (program: string): string => `CERTIFICATE_${toEnvName(program)}`;

/** The variable of an option: `maxFileMb` → `OPTION_MAX_FILE_MB`. */
export const optionVariable = (name: string): string =>
  `OPTION_${toEnvName(name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`))}`;
