/** The realm of users at the login. */
export const realm = 'haven';

/** Who says who somebody is: the `iss` of its tokens (OpenID Connect Core §2). */
export const loginIssuer = (loginHost: string): string => `https://${loginHost}/realms/${realm}`;

/** Service ids of those who give what others need. */
export const dependencies = { ldap: 'ldap', login: 'keycloak' } as const;
