/**
 * The accounts of this cloud's login checks; they are not users. In a file of their own, so that the agent does not
 * bundle zod.
 */
export const checkAccounts = { user: 'haven-check', admin: 'haven-check-admin' } as const;
