import type { RunFolder } from '../../components/provider/run-folder.ts';
import {
  type DkimPrivateKeys,
  type DkimPublicKey,
  dkimKeys,
  dkimPublicKeys,
  ed25519Selector,
  firstSelector,
  generateDkimKey,
  generateEd25519Key,
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
  const lost = (mail?.domains ?? []).filter(
    (domain) =>
      (locked[domain] && !kept[domain]) ||
      (mail?.ed25519 && locked[domain]?.ed25519 && !kept[domain]?.ed25519),
  );
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
  const before = JSON.stringify(keys);
  for (const domain of mail.domains) {
    const key: DkimPrivateKeys[string] = keys[domain] ?? generateDkimKey(newSelector());
    if (mail.ed25519) key.ed25519 ??= generateEd25519Key(ed25519Selector(newSelector()));
    keys[domain] = key;
  }
  const value = JSON.stringify(keys);
  if (value !== before) await secrets.set(dkimKeys, value);
  run.putGiven(dkimKeys, value);
}
