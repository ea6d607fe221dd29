import type { DnsProvider } from '../../components/dns-provider.ts';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { sendingPassword } from '../../core/config/sending.ts';
import { ProblemsError, suggest } from '../../core/problem.ts';
import { checkDnsToken, checkHetznerToken } from '../wizard/token-checks.ts';
import type { Project } from './project.ts';

/** A secret that an owner gives; all others in secrets.age are made by haven and are its own business. */
interface OwnerSecret {
  /** Tries a value; answers with what is wrong with it. */
  check?: (value: string, project: Project) => Promise<string | true>;
}

const ownerSecrets: Record<string, OwnerSecret> = {
  'hcloud-token': { check: checkHetznerToken },
  ...Object.fromEntries(
    dnsProviderFacts.flatMap((provider) =>
      provider.token ? [[provider.token.secret, ofProvider(provider)]] : [],
    ),
  ),
  [sendingPassword]: {},
};

function ofProvider(provider: DnsProvider): OwnerSecret {
  return {
    check: async (value, { config }) => {
      const domain = config.domains.find(({ dns }) => dns === provider.id)?.name;
      return domain === undefined ? true : checkDnsToken(provider, value, domain);
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
