/** The realm of users at the login. */
export const realm = 'haven';

/** How the login signs its tokens (RFC 7518 §3.1). */
export const signingAlgorithm = 'ES256';

/** The issuer of the login's tokens: their `iss` (OpenID Connect Core §2). */
export const loginIssuer = (loginHost: string): string => `https://${loginHost}/realms/${realm}`;

/** Ids of the services that others depend on. */
export const dependencies = { ldap: 'ldap', login: 'keycloak', mail: 'mail' } as const;
