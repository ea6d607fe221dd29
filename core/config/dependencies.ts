import type { Catalogue, ServiceDefinition } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';

export const reverseProxy = 'reverse-proxy';
/** The service that shows each user their page. */
export const portal = 'portal';

/** What haven.yaml says about who has access to a service. */
type AccessSetting = Pick<HavenConfig['services'][string], 'access'>;

/** Who may open the pages of a service without a login of its own. Any but `public` is protected by an auth proxy. */
export const accessOf = (
  { needs }: ServiceDefinition,
  setting: AccessSetting | undefined,
): 'public' | 'users' | 'admins' => needs?.authProxy ?? setting?.access ?? 'public';

/** What a service needs from others, by the names under which they provide it. */
function needsOf(
  service: ServiceDefinition,
  setting: AccessSetting | undefined,
): NonNullable<ServiceDefinition['provides']>[] {
  const { login, ldap, mail } = service.needs ?? {};
  const isProtected = accessOf(service, setting) !== 'public';
  return [
    ...(ldap ? (['ldap'] as const) : []),
    // A program that only knows LDAP takes app passwords, and users create those behind the login.
    ...(login || isProtected || ldap === 'readers' ? (['login'] as const) : []),
    ...(mail ? (['mail'] as const) : []),
  ];
}

/** The services that provide what a service needs, from this catalogue. `setting` is the service's in haven.yaml. */
export function dependenciesOf(
  service: ServiceDefinition,
  catalogue: Catalogue,
  setting: AccessSetting | undefined,
): string[] {
  return needsOf(service, setting).map((need) => {
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
  config: { services: Record<string, AccessSetting> },
  catalogue: Catalogue,
): string[] {
  const chosen: string[] = [reverseProxy];
  const take = (id: string): void => {
    if (chosen.includes(id)) return;
    const entry = catalogue.get(id);
    if (!entry) return;
    for (const provider of dependenciesOf(entry.definition, catalogue, config.services[id])) take(provider);
    chosen.push(id);
  };
  for (const id of Object.keys(config.services).sort()) take(id);
  // A cloud with users has the portal.
  const login = [...catalogue.values()].find(({ definition }) => definition.provides === 'login');
  if (login && chosen.includes(login.definition.id)) take(portal);
  return chosen;
}

/** Added automatically with the services that need it, so owners don't choose it. */
export const isImplied = ({ id, provides }: ServiceDefinition): boolean =>
  provides === 'ldap' || provides === 'login' || id === reverseProxy || id === portal;
