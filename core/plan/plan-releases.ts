import type { HavenConfig } from '../config/config-schema.ts';
import { accessOf, dependenciesOf } from '../config/dependencies.ts';
import { hostOf } from '../config/host-name.ts';
import type { Pins } from '../config/pins.ts';
import { type Quotas, quotasOf } from '../config/quotas.ts';
import { dkimGeneration, dkimKeys } from '../mail/dkim-key.ts';
import { isStub } from '../release/image-references.ts';
import { type Bundle, releaseHash } from '../release/release.ts';
import { renderRelease } from '../release/render-release.ts';
import type { Catalogue, Neighbour, PlannedMail, ServiceContext, ServiceDefinition } from '../service.ts';
import { ldap } from '../users/ldap.ts';
import { dependencies } from '../users/login.ts';
import { planMail, planSending } from './plan-mail.ts';

export interface PlannedRelease {
  service: string;
  hash: string;
  bundle: Bundle;
  /** What its data may use on the volume. */
  quotas: Quotas;
  /** Held by `haven rollback`; it only changes again when it is released. */
  held: boolean;
  /** Its dependencies, which must be running before it starts. */
  after: string[];
  /** Those of them that may start at the same time where they are new, too. */
  beside: string[];
}

/** The release of each chosen service, in their order. Those that a rollback holds are unchanged. */
export function planReleases(
  config: HavenConfig,
  catalogue: Catalogue,
  pins: Pins,
  held: Record<string, Bundle>,
  chosen: string[],
): PlannedRelease[] {
  const shared = sharedContext(config, catalogue, chosen, pins);
  return chosen.map((id) => planRelease(id, config, catalogue, pins, held, shared));
}

function planRelease(
  id: string,
  config: HavenConfig,
  catalogue: Catalogue,
  pins: Pins,
  held: Record<string, Bundle>,
  shared: SharedContext,
): PlannedRelease {
  const entry = catalogue.get(id)!;
  const { definition } = entry;
  const after = dependenciesOf(definition, catalogue, config.services[id]);
  const quotas = quotasOf(definition, config);
  const planned = (bundle: Bundle): Omit<PlannedRelease, 'held'> => {
    const { login } = bundle.release;
    // Where only its users' app passwords need the login, its programs start without it, too.
    const beside = login && !login.mayComeLater ? [] : after.filter((each) => each === dependencies.login);
    return { service: id, hash: releaseHash(bundle), bundle, quotas, after, beside };
  };
  const heldBundle = held[id];
  if (heldBundle) return { ...planned(heldBundle), held: true };
  const route = definition.needs?.route;
  const bundle = renderRelease({
    service: definition,
    compose: entry.compose,
    files: entry.files,
    options: config.services[id]?.options ?? definition.options.parse({}),
    context: {
      domain: config.services[id]?.domain ?? config.domains[0]!.name,
      host: route ? hostOf(config, id, route.subdomain) : undefined,
      loginHost: shared.loginHost,
      protected: protectionOf(definition, accessOf(definition, config.services[id])),
      ...(definition.needs?.authProxy ? shared.known : {}),
      ...(definition.needs?.mail ? { mail: shared.mail } : {}),
      owner: config.owner,
      sending: planSending(config, shared.mail),
      timeZone: config.timeZone,
    },
    images: pins.images[id] ?? {},
    generations: pins.generations?.[id],
    given: definition.needs?.dkim
      ? { ...pins.given, [dkimKeys]: dkimGeneration(pins.dkim ?? {}, shared.mail ?? { domains: [] }) }
      : pins.given,
  });
  return { ...planned(bundle), held: false };
}

/** What services know of each other. */
interface SharedContext {
  loginHost: string | undefined;
  /** The mail that this cloud receives. */
  mail: PlannedMail | undefined;
  /** For the portal. */
  known: Pick<ServiceContext, 'neighbours' | 'titles' | 'mail'>;
}

function sharedContext(
  config: HavenConfig,
  catalogue: Catalogue,
  chosen: string[],
  pins: Pins,
): SharedContext {
  const provider = (what: ServiceDefinition['provides']) =>
    chosen.map((id) => catalogue.get(id)!.definition).find((each) => each.provides === what);
  const host = (definition: ServiceDefinition | undefined): string[] =>
    definition?.needs?.route ? [hostOf(config, definition.id, definition.needs.route.subdomain)] : [];
  const mail = planMail(config, catalogue, chosen, pins);
  const known = {
    ...(mail
      ? { mail: { host: mail.host, domains: mail.domains, ...(mail.pop3 ? { pop3: true } : {}) } }
      : {}),
    titles: Object.fromEntries(chosen.map((id) => [id, catalogue.get(id)!.definition.title])),
    neighbours: chosen.flatMap((id): Neighbour[] => {
      const { title, summary, summaryDe, needs } = catalogue.get(id)!.definition;
      const [name] = host(catalogue.get(id)!.definition);
      // The login is not listed, because every service leads to it; nor is the portal, which shows the list.
      if (!name || !needs?.route?.port || needs.authProxy || id === provider('login')?.id) return [];
      const stub = Object.values(pins.images[id] ?? {}).some(isStub);
      const shown = {
        id,
        title,
        summary: { en: summary, de: summaryDe ?? summary },
        url: `https://${name}/`,
      };
      // A service with the login as well only looks users up in LDAP.
      const takesAppPasswords = needs.ldap === 'readers' && !needs.login;
      return [{ ...shown, ...(stub ? { stub } : {}), ...(takesAppPasswords ? { takesAppPasswords } : {}) }];
    }),
  };
  return { mail, loginHost: host(provider('login'))[0], known };
}

function protectionOf(
  definition: ServiceDefinition,
  access: ReturnType<typeof accessOf>,
): ServiceContext['protected'] {
  if (access === 'public') return undefined;
  const publicPaths = definition.needs?.route?.publicPaths;
  return {
    ...(access === 'admins' ? { group: ldap.admins } : {}),
    ...(publicPaths ? { publicPaths } : {}),
  };
}
