import type { DnsProvider } from '../../components/dns-provider.ts';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { alarmSecrets } from '../../core/alarms/alarm-ways.ts';
import { placeSecrets } from '../../core/backups/backup-place.ts';
import { relayPassword } from '../../core/config/mail-sending.ts';
import { addressFault } from '../../core/config/receiver-address.ts';
import { sendingPassword } from '../../core/config/sending.ts';
import { zoneOf } from '../../core/config/zones.ts';
import { ProblemsError, suggest } from '../../core/problem.ts';
import { checkDnsToken, checkHetznerToken } from '../wizard/token-checks.ts';
import type { Project } from './project.ts';

/** A secret that an owner gives; all others in secrets.age are made by haven and are its own business. */
interface OwnerSecret {
  /** Tries a value; answers with what is wrong with it. */
  check?: (value: string, project: Project) => Promise<string | true>;
  /** Whether the server gets it. Then each change of it raises its generation in haven.lock, so that a plan shows it. */
  isSent?: boolean;
}

const alarmChecks: Record<string, OwnerSecret['check']> = {
  // On a public server, anyone who guesses a topic can read it (docs.ntfy.sh, "Publishing").
  'alarm-ntfy-topic': async (value) => {
    if (!/^[-_A-Za-z0-9]{1,64}$/.test(value))
      return 'may only have the characters a-z, A-Z, 0-9, - and _, up to 64.';
    return value.length >= 16
      ? true
      : 'has fewer than 16 characters, so it could be guessed by someone who wants to read your alarms.';
  },
  'alarm-webhook': async (value) => {
    const fault = addressFault(value);
    return fault === undefined ? true : `${fault}.`;
  },
};

const [s3Key, s3Secret] = placeSecrets.s3;

/** Each of an S3 storage's pair. What they look like differs from storage to storage; none has blanks. */
const s3Check =
  (fewest: number, other: string): OwnerSecret['check'] =>
  async (value, { secrets }) => {
    if (!/^[\x21-\x7e]+$/.test(value)) return 'has blanks or characters that no key of an S3 storage has.';
    if (value.length < fewest) return `has fewer than ${fewest} characters, so it is not a whole key.`;
    if (value === secrets.get(other)) return `is the same value as ${other}.`;
    return true;
  };

/** Postfix reads it from the end of a line (texthash in postmap(1)), and leaves blanks at its ends out. */
const relayCheck: OwnerSecret['check'] = async (value) =>
  value.trim() === value && !/\p{Cc}/u.test(value)
    ? true
    : 'begins or ends with a blank, or has a line break, which no password of a relay can have.';

const ownerSecrets: Record<string, OwnerSecret> = {
  'hcloud-token': { check: (value, { config }) => checkHetznerToken(value, config.id) },
  ...Object.fromEntries(
    dnsProviderFacts.flatMap((provider) =>
      provider.token ? [[provider.token.secret, ofProvider(provider)]] : [],
    ),
  ),
  [sendingPassword]: { isSent: true },
  [relayPassword]: { isSent: true, check: relayCheck },
  ...Object.fromEntries(alarmSecrets.map((name) => [name, { isSent: true, check: alarmChecks[name] }])),
  [s3Key]: { isSent: true, check: s3Check(3, s3Secret) },
  [s3Secret]: { isSent: true, check: s3Check(8, s3Key) },
};

function ofProvider(provider: DnsProvider): OwnerSecret {
  return {
    check: async (value, { config }) => {
      const domain = config.domains.find(({ dns }) => dns === provider.id);
      return domain === undefined ? true : checkDnsToken(provider, value, zoneOf(domain));
    },
  };
}

/** The names of the secrets that an owner may set or remove. */
export const ownerSecretNames = Object.keys(ownerSecrets);

/** Under this name the value that a new one took the place of is kept, once. */
export const previousOf = (name: string): string => `${name}.previous`;

/** The secret that was named on the command line; says which an owner may set otherwise. */
export function ownerSecret(name: string, command: string): OwnerSecret {
  const found = ownerSecrets[name];
  if (found) return found;
  throw new ProblemsError(
    [
      {
        where: `haven ${command}`,
        what: `"${name}" is not a secret that you can set or remove.`,
        remedy: suggest(name, ownerSecretNames),
      },
    ],
    'usage',
  );
}

/** Raises the generation of a secret that the server gets, after its value was set or removed. */
export function raiseGeneration(project: Project, name: string): void {
  if (!ownerSecrets[name]?.isSent) return;
  const { pins } = project;
  const generation = (pins.given?.[name] ?? 0) + 1;
  project.savePins({ ...pins, given: { ...pins.given, [name]: generation } });
}
