/** Accounts with which this cloud proves logins; no people. Apart from the rest, for the agent takes no schemas along. */
export const probeNames = { person: 'haven-probe', admin: 'haven-probe-admin' } as const;
