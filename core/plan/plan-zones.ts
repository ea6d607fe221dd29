import type { HavenConfig } from '../config/config-schema.ts';
import { zoneOf, zonesOf } from '../config/zones.ts';
import type { PlannedZone } from '../dns/planned-zone.ts';
import type { PlannedMail } from '../service.ts';

/**
 * The zones of all domains. Those of mail domains are signed, and that of the mail server too: TLSA records only count if
 * both are (RFC 7672 §2.2).
 */
export function planZones(domains: HavenConfig['domains'], mail: PlannedMail | undefined): PlannedZone[] {
  const zones = zonesOf(domains);
  const nearestFirst = zones.map(({ name }) => name).toSorted((a, b) => b.length - a.length);
  const withMail = (mail ? [mail.host, ...mail.domains] : []).map((name) =>
    nearestFirst.find((zone) => `.${name}`.endsWith(`.${zone}`)),
  );
  const off = domains.filter(({ dnssec }) => dnssec === false).map(zoneOf);
  return zones.map((zone) =>
    withMail.includes(zone.name) ? { ...zone, dnssec: off.includes(zone.name) ? 'off' : 'on' } : zone,
  );
}
