import { reverseProxy } from '../config/dependencies.ts';
import type { Change } from './changes.ts';
import type { Plan } from './plan.ts';

/**
 * Services whose login may work otherwise than before these changes: what changed itself, and what depends on it, as
 * everything does on the reverse proxy and on the server. Records change nothing between a service and its login, which
 * are on one server.
 */
export function loginsAtRisk(plan: Plan, changes: Change[]): string[] {
  const risky = changes.filter((each) => each.kind !== 'keep' && !isRecord(each));
  const withLogin = plan.releases.filter((each) => each.bundle.release.login?.check);
  const changed = new Set(risky.flatMap((each) => serviceOf(plan, each) ?? [reverseProxy]));
  return withLogin
    .map((each) => each.service)
    .filter((service) => dependenciesOf(plan, service).some((each) => changed.has(each)))
    .sort();
}

/** The services that a change is about; undefined where it is about the server itself. */
function serviceOf(plan: Plan, { type, name }: Change): string[] | undefined {
  if (type === 'haven:index:Release') return [name.replace(/^release-/, '')];
  if (type !== 'haven:index:Certificate') return undefined;
  const host = name.replace(/^certificate-/, '');
  return plan.releases
    .filter((each) => each.bundle.release.routes.some((route) => route.host === host))
    .map((each) => each.service);
}

/** A record's resource is named by `recordKey`, whichever provider hosts it. */
const isRecord = ({ name }: Change): boolean => name.startsWith('dns-');

/** A service, all that it needs, and what that needs. */
function dependenciesOf(plan: Plan, service: string, seen: string[] = [reverseProxy]): string[] {
  if (seen.includes(service)) return seen;
  const after = plan.releases.find((each) => each.service === service)?.after ?? [];
  return after.reduce((all, each) => dependenciesOf(plan, each, all), [...seen, service]);
}
