import type { Catalogue, ServiceDefinition } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';

export const reverseProxy = 'reverse-proxy';
/** The page that each user has. */
export const portal = 'portal';

/** What a service needs of others, as the names under which others give it. */
function needsOf({ needs }: ServiceDefinition): NonNullable<ServiceDefinition['provides']>[] {
  return [
    ...(needs?.ldap ? (['ldap'] as const) : []),
    // Whoever only knows LDAP takes app passwords, and those are made behind the login.
    ...(needs?.login || needs?.ldap === 'readers' ? (['login'] as const) : []),
    ...(needs?.authProxy ? (['auth-proxy'] as const) : []),
  ];
}

/** The services that give what a service needs, in the catalogue at hand. */
export function dependenciesOf(service: ServiceDefinition, catalogue: Catalogue): string[] {
  return needsOf(service).map((need) => {
    const provider = [...catalogue.values()].find(({ definition }) => definition.provides === need);
    if (!provider)
      throw new Error(`${service.id} needs "${need}", and no service of the catalogue provides it.`);
    return provider.definition.id;
  });
}

/**
 * Everything that runs: what haven.yaml names, what that needs, and the reverse proxy. Who gives stands before who needs.
 */
export function chosenServices(config: Pick<HavenConfig, 'services'>, catalogue: Catalogue): string[] {
  const chosen: string[] = [reverseProxy];
  const take = (id: string): void => {
    if (chosen.includes(id)) return;
    const entry = catalogue.get(id);
    if (!entry) return;
    for (const provider of dependenciesOf(entry.definition, catalogue)) take(provider);
    chosen.push(id);
  };
  const authProxy = [...catalogue.values()].find(({ definition }) => definition.provides === 'auth-proxy');
  if (authProxy && Object.values(config.services).some(isProtected)) take(authProxy.definition.id);
  for (const id of Object.keys(config.services).sort()) take(id);
  // Where there are users, there is their door.
  const login = [...catalogue.values()].find(({ definition }) => definition.provides === 'login');
  if (login && chosen.includes(login.definition.id)) take(portal);
  return chosen;
}

/** Did its owner close a service that anybody could open? */
export const isProtected = (entry: HavenConfig['services'][string]): boolean =>
  entry.access !== undefined && entry.access !== 'public';

/** Comes by itself with what needs it; nobody has to choose it. */
export const isImplied = ({ id, provides }: ServiceDefinition): boolean =>
  provides !== undefined || id === reverseProxy || id === portal;
