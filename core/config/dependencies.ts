import type { Catalogue, ServiceDefinition } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';

export const reverseProxy = 'reverse-proxy';
/** The service that shows each user their page. */
export const portal = 'portal';

/** What a service needs from others, by the names under which they provide it. */
function needsOf({ needs }: ServiceDefinition): NonNullable<ServiceDefinition['provides']>[] {
  return [
    ...(needs?.ldap ? (['ldap'] as const) : []),
    // A program that only knows LDAP takes app passwords, and users create those behind the login.
    ...(needs?.login || needs?.ldap === 'readers' ? (['login'] as const) : []),
    ...(needs?.authProxy ? (['auth-proxy'] as const) : []),
  ];
}

/** The services that provide what a service needs, from this catalogue. */
export function dependenciesOf(service: ServiceDefinition, catalogue: Catalogue): string[] {
  return needsOf(service).map((need) => {
    const provider = [...catalogue.values()].find(({ definition }) => definition.provides === need);
    if (!provider)
      throw new Error(`${service.id} needs "${need}", and no service of the catalogue provides it.`);
    return provider.definition.id;
  });
}

/**
 * Everything that runs: the services in haven.yaml, their dependencies, and the reverse proxy. A dependency comes
 * before the services that need it.
 */
export function chosenServices(
  config: { services: Record<string, Pick<HavenConfig['services'][string], 'access'>> },
  catalogue: Catalogue,
): string[] {
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
  // A cloud with users has the portal.
  const login = [...catalogue.values()].find(({ definition }) => definition.provides === 'login');
  if (login && chosen.includes(login.definition.id)) take(portal);
  return chosen;
}

/** Whether the owner restricted a service that is public by default. */
export const isProtected = (entry: Pick<HavenConfig['services'][string], 'access'>): boolean =>
  entry.access !== undefined && entry.access !== 'public';

/** Added automatically with the services that need it, so owners don't choose it. */
export const isImplied = ({ id, provides }: ServiceDefinition): boolean =>
  provides !== undefined || id === reverseProxy || id === portal;
