import type { Client, ClientOptions } from 'acme-client';
import { isUnknownAccount } from '../../system/certificate-authority.ts';

/** The account to work with, as an earlier registration found it. */
export type AccountOptions = ClientOptions & { accountUrl: string };

/**
 * Does `work` with an account at an authority, and answers with what came of it. If the authority no longer knows the account
 * (RFC 8555 §6.7, `accountDoesNotExist`), because it deleted it, for example, the same key is registered once more,
 * `onRegistered` is told the new account's address, and the work is done again. The terms were agreed to for that key when it was
 * registered first.
 */
export async function withAccount<T>(
  { Client: AcmeClient }: { Client: new (options: ClientOptions) => Client },
  { accountUrl, ...options }: AccountOptions,
  work: (client: Client) => Promise<T>,
  onRegistered: (accountUrl: string) => void,
): Promise<T> {
  try {
    return await work(new AcmeClient({ ...options, accountUrl }));
  } catch (error) {
    if (!isUnknownAccount(error)) throw error;
  }
  const client = new AcmeClient(options);
  await client.createAccount({ termsOfServiceAgreed: true });
  onRegistered(client.getAccountUrl());
  return work(client);
}
