/**
 * The accounts of this cloud's login checks; they are not users. In a file of their own, so that the agent does not
 * bundle zod.
 */
export const checkAccounts = { user: 'haven-check', admin: 'haven-check-admin' } as const;
export type CheckRole = keyof typeof checkAccounts;

/** One of them, for one login check. */
export interface CheckAccount {
  name: string;
  password: string;
}

export const isCheckAccount = (name: string): boolean =>
  Object.values(checkAccounts).some((each) => each === name);
