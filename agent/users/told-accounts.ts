import type { LdapAccount } from '../effects/ldap-users.ts';

/** What a service with the hook `add` was told of accounts. */
export interface ToldAccounts {
  /** The release that was told. Another one is told everything again, because its data may be different. */
  hash: string;
  /** What it was told of the accounts that it has, by the id of their entry in LDAP. */
  known: Record<string, string>;
  /** What it was told of the accounts that it could not make or update, and why, by the same id. */
  refused: Record<string, { told: string; reason: string }>;
  /** When those were tried last, as ISO 8601. */
  triedAt: string;
}

/** How long until an account that was refused is tried again, if nothing has changed. */
const retryMs = 10 * 60_000;

/** An account as the hook reads it, after its `sub`. Tabs and line feeds separate, so they are in no text. */
export const textOf = ({ name, email, fullName }: LdapAccount): string =>
  [name, email, fullName].map((text) => text.replaceAll(/\p{Cc}/gu, ' ')).join('\t');

/** The accounts that a service has to be told now: new and changed ones, and after a while those that it refused. */
export function untold(
  told: ToldAccounts | undefined,
  hash: string,
  accounts: LdapAccount[],
  now: Date,
): LdapAccount[] {
  if (told?.hash !== hash) return accounts;
  const mayRetry = now.getTime() - Date.parse(told.triedAt) >= retryMs;
  return accounts.filter((account) => {
    const text = textOf(account);
    if (told.known[account.id] === text) return false;
    return mayRetry || told.refused[account.id]?.told !== text;
  });
}

/** What a run of the hook was about: all accounts that there are, those that it was told, and why it refused some. */
export interface Telling {
  hash: string;
  accounts: LdapAccount[];
  told: LdapAccount[];
  reasons: Map<string, string>;
  now: Date;
}

/** What a service knows after a run of the hook. Accounts that are no longer in LDAP are forgotten. */
export function afterTelling(
  before: ToldAccounts | undefined,
  { hash, accounts, told, reasons, now }: Telling,
): ToldAccounts {
  const isLeft = ([id]: [string, unknown]) =>
    accounts.some((each) => each.id === id) && !told.some((each) => each.id === id);
  const left = <T>(record: Record<string, T> | undefined) =>
    Object.fromEntries(Object.entries((before?.hash === hash && record) || {}).filter(isLeft)) as Record<
      string,
      T
    >;
  const after = {
    hash,
    known: left(before?.known),
    refused: left(before?.refused),
    triedAt: now.toISOString(),
  };
  for (const account of told) {
    const reason = reasons.get(account.id);
    if (reason === undefined) after.known[account.id] = textOf(account);
    else after.refused[account.id] = { told: textOf(account), reason };
  }
  return after;
}

/** The hook's answer: the reason for each user whom it refused, by the id of their entry. */
export function reasonsById(printed: string, bySubject: Map<string, LdapAccount>): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const line of printed.split('\n')) {
    const [subject = '', ...reason] = line.split('\t');
    const account = bySubject.get(subject);
    if (account) reasons.set(account.id, reason.join(' ').trim() || 'the service gives no reason');
  }
  return reasons;
}
