/** Accounts with which this cloud proves logins; no users. Apart from the rest, for the agent takes no schemas along. */
export const checkAccounts = { user: 'haven-check', admin: 'haven-check-admin' } as const;
