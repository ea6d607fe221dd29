import { lookup as systemLookup } from 'node:dns';
import { existsSync, readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { ProblemsError } from '../core/problem.ts';
import { authorityName, describeAuthorityFault, loadAcmeClient } from '../system/certificate-authority.ts';

/** An owner waits for it, so it is asked twice at most. */
export const authorityPatience = { answerMs: 10_000, waitsMs: [2000] };

/** Let's Encrypt, unless the environment names another authority, as the sandbox does. */
export interface AcmeSettings {
  directory: string;
  /** The authority's name in CAA records. */
  caaIdentity: string;
  /** PEM certificates to trust in addition to the default authorities; empty for none. */
  trust: string;
}

export function acmeSettings(env: NodeJS.ProcessEnv = process.env): AcmeSettings {
  return {
    directory: env.HAVEN_ACME_DIRECTORY ?? 'https://acme-v02.api.letsencrypt.org/directory',
    caaIdentity: env.HAVEN_ACME_CAA_IDENTITY ?? 'letsencrypt.org',
    trust:
      env.HAVEN_ACME_TRUST && existsSync(env.HAVEN_ACME_TRUST)
        ? readFileSync(env.HAVEN_ACME_TRUST, 'utf8')
        : '',
  };
}

/**
 * Registers the account of a key, or finds the existing one (RFC 8555 §7.3): the same key always gives the same
 * account.
 */
export async function registerAccount(
  settings: AcmeSettings,
  accountKey: string,
  email: string,
): Promise<string> {
  const acme = await loadTrusting(settings);
  const client = new acme.Client({ directoryUrl: settings.directory, accountKey });
  try {
    await client.createAccount({ termsOfServiceAgreed: true, contact: [`mailto:${email}`] });
    return client.getAccountUrl();
  } catch (error) {
    const { what, remedy, isAnswered } = describeAuthorityFault(error, settings.directory);
    const problem = {
      where: authorityName(settings.directory),
      what: `${what} Nothing was changed.`,
      remedy,
    };
    throw new ProblemsError([problem], isAnswered ? 'failed' : 'unreachable');
  }
}

export async function newAccountKey(): Promise<string> {
  const acme = await loadClient();
  return (await acme.crypto.createPrivateEcdsaKey('P-256')).toString();
}

/** Loads acme-client with the trust and the address of the authority that the settings name. */
export async function loadTrusting({ trust }: AcmeSettings): Promise<typeof import('acme-client')> {
  const acme = await loadClient();
  const address = process.env.HAVEN_ACME_ADDRESS;
  if (trust || address) {
    acme.axios.defaults.httpsAgent = new Agent({
      ...(trust ? { ca: trust } : {}),
      // Only the sandbox's resolver knows the name of the sandbox's authority.
      ...(address ? { lookup: (_host, options, callback) => systemLookup(address, options, callback) } : {}),
    });
    acme.axios.defaults.proxy = false;
  }
  return acme;
}

/** A large library that a cloud needs once, so a plan must not wait for it. */
const loadClient = () => loadAcmeClient(authorityPatience);
