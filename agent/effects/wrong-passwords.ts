import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { checkAccounts } from '../../core/users/check-accounts.ts';
import type { RunResult } from '../../system/run.ts';
import { loginIdOf } from './login-users.ts';

/**
 * The names of the check accounts are public, and the login locks an account after too many wrong passwords. So the
 * login forgets those of both accounts before a check. A check that fails while someone guesses is run once more.
 */
export async function despiteGuesses(
  forget: () => Promise<boolean>,
  check: () => Promise<RunResult>,
): Promise<RunResult> {
  await forget();
  const result = await check();
  return result.code !== 0 && (await forget()) ? check() : result;
}

/** Unlocks the check accounts at the login. Returns whether there were wrong passwords since the last time. */
export async function forgetWrongPasswords(
  admin: Pick<KcAdminClient, 'users' | 'attackDetection'>,
): Promise<boolean> {
  let guessed = false;
  for (const name of Object.values(checkAccounts)) {
    const id = await loginIdOf(admin, name);
    const { numFailures } = (await admin.attackDetection.findOne({ id })) ?? {};
    guessed ||= Number(numFailures) > 0;
    await admin.attackDetection.del({ id });
  }
  return guessed;
}
