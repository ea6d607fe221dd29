/**
 * The wanted realm of users, in Keycloak's own terms (RealmRepresentation, ComponentRepresentation). The agent
 * updates the running realm to match at each deploy; what this doesn't name is left as it is.
 */
export interface RealmFile {
  realm: Record<string, unknown> & { realm: string; smtpServer?: Record<string, string> };
  /** Names of the required actions that are enabled. */
  requiredActions: string[];
  /** Steps of the browser login, by provider, that differ from Keycloak's defaults. */
  browserFlow: Record<string, 'REQUIRED' | 'ALTERNATIVE' | 'DISABLED'>;
  /** Client scopes besides Keycloak's own. Which client has which: `clientOf` in agent/effects/keycloak.ts. */
  clientScopes: { name: string; mappers: Record<string, unknown>[] }[];
  /** Where users are stored, and which attributes are read. The bind password is added on the server. */
  federation: { name: string; config: Record<string, string>; mappers: Mapper[] };
  /**
   * Role of the realm → users who have it. Services see it in the claim `groups` like a group of that name. Unlike the
   * group, it gives no administration of the login itself.
   */
  groupRoles: Record<string, string[]>;
  /** Group → roles in the realm's administration that its members get. */
  administration: Record<string, string[]>;
}

export interface Mapper {
  name: string;
  providerId: string;
  config: Record<string, string>;
}
