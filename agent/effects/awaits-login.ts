import { currentRelease, operationOf, unfinished } from '../../core/operations/transaction.ts';
import type { Release } from '../../core/release/release.ts';
import { dependencies } from '../../core/users/login.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { containersOf } from './containers.ts';

/** Servers on which the login was seen. It does not go again during an operation. */
const seen = new WeakSet<Layout>();

/**
 * Whether a release is deployed before the login is, in a new cloud or on a new server for a kept volume: then it gets its client
 * there, and its users, once the login's operation has ended.
 */
export async function awaitsLogin(
  layout: Layout,
  { login }: Pick<Release, 'login'>,
  containers: () => Promise<unknown[]> = () => containersOf(dependencies.login),
): Promise<boolean> {
  if (!login?.mayComeLater || seen.has(layout)) return false;
  const journal = readJournal(layout.journal(dependencies.login));
  const open = operationOf(unfinished(journal));
  // From a kept volume comes a release that did not run when its operation began.
  if (open)
    return (
      open.to !== null && (open.from === null || open.unhealthyBefore?.includes(dependencies.login) === true)
    );
  const isThere = currentRelease(journal) !== null && (await containers()).length > 0;
  if (isThere) seen.add(layout);
  return !isThere;
}
