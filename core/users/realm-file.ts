/**
 * How the realm of users shall be, in Keycloak's own words (RealmRepresentation, ComponentRepresentation). The agent
 * brings the running realm in line with it at each deploy; what it doesn't name stays as somebody set it.
 */
export interface RealmFile {
  realm: Record<string, unknown> & { realm: string; smtpServer?: Record<string, string> };
  /** Names of the required actions that are on. */
  requiredActions: string[];
  /** Steps of the way in by a browser, by provider, that are otherwise than Keycloak has them at first. */
  browserFlow: Record<string, 'REQUIRED' | 'ALTERNATIVE' | 'DISABLED'>;
  /** What every client gets beside the standard scopes. */
  clientScopes: { name: string; mappers: Record<string, unknown>[] }[];
  /** Where users live, and what of them is seen here. The bind password is added on the server. */
  federation: { name: string; config: Record<string, string>; mappers: Mapper[] };
  /** Group → roles of the realm's own administration that its members have. */
  administration: Record<string, string[]>;
}

export interface Mapper {
  name: string;
  providerId: string;
  config: Record<string, string>;
}
