import type { RunFolder } from '../../components/provider/run-folder.ts';
import {
  type DkimPublicKey,
  dkimKeys,
  dkimPublicKeys,
  firstSelector,
  generateDkimKey,
  parseDkimKeys,
} from '../../core/mail/dkim-key.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { PlannedMail } from '../../core/service.ts';
import type { SecretStore } from './secret-store.ts';

/** The selector of a key that is made today. */
export const newSelector = (): string => firstSelector(new Date().getUTCFullYear());

/**
 * The public halves that a plan knows: of the keys in secrets.age, and those in haven.lock. Throws if a mail domain has a
 * public half whose private key is lost, since no server could sign with it.
 */
export function knownDkimKeys(
  secrets: Pick<SecretStore, 'get'>,
  locked: Record<string, DkimPublicKey>,
  mail: PlannedMail | undefined,
): Record<string, DkimPublicKey> {
  const kept = dkimPublicKeys(parseDkimKeys(secrets.get(dkimKeys)));
  const lost = (mail?.domains ?? []).filter((domain) => locked[domain] && !kept[domain]);
  if (lost.length > 0)
    throw new ProblemsError(
      lost.map((domain) => ({
        where: 'secrets.age',
        what: `has no key that signs mail of ${domain}, and haven.lock has its public half (${locked[domain]!.selector}). Nothing was changed.`,
        remedy: 'Restore secrets.age from your repository (git checkout secrets.age), or from another copy.',
      })),
    );
  return { ...locked, ...kept };
}

/**
 * Makes the keys of mail domains that have none, and gives all to the run, which sends them to the server. A plan makes
 * none: it writes nothing.
 */
export async function makeDkimKeys(
  secrets: Pick<SecretStore, 'get' | 'set'>,
  mail: PlannedMail | undefined,
  run: Pick<RunFolder, 'putGiven'>,
): Promise<void> {
  if (!mail) return;
  const keys = parseDkimKeys(secrets.get(dkimKeys));
  const missing = mail.domains.filter((domain) => !keys[domain]);
  for (const domain of missing) keys[domain] = generateDkimKey(newSelector());
  const value = JSON.stringify(keys);
  if (missing.length > 0) await secrets.set(dkimKeys, value);
  run.putGiven(dkimKeys, value);
}
