import { type AlarmWays, planAlarms } from '../alarms/alarm-ways.ts';
import type { BackupSettings } from '../backups/backup-settings.ts';
import { planBackups } from '../backups/plan-backups.ts';
import type { HavenConfig } from '../config/config-schema.ts';
import { chosenServices, portal } from '../config/dependencies.ts';
import { serverHostName } from '../config/host-name.ts';
import type { Pins } from '../config/pins.ts';
import { distinctRecords } from '../dns/distinct-records.ts';
import { planRecords } from '../dns/plan-records.ts';
import type { PlannedZone } from '../dns/planned-zone.ts';
import type { PlannedRecord } from '../dns/record.ts';
import { mailRecords } from '../mail/mail-records.ts';
import { type Bundle, hostNamesOf } from '../release/release.ts';
import type { Catalogue, Sending } from '../service.ts';
import { assertPortsAreFree } from './assert-ports.ts';
import { type FirewallRule, planFirewall } from './plan-firewall.ts';
import { type MailPlan, mailRecordsContext, planMail, planSending } from './plan-mail.ts';
import { type PlannedRelease, planReleases } from './plan-releases.ts';
import { planZones } from './plan-zones.ts';

/**
 * Everything that has to exist, as plain data. A pure function of haven.yaml, the catalogue, haven.lock and the
 * releases that a rollback holds. It has the names of secrets and of outputs (an address, a key), never the values,
 * so it can be printed, compared and stored.
 */
export interface Plan {
  haven: { id: string; domain: string; owner: { name: string; email: string } };
  server: {
    key: string;
    provider: string;
    type: string;
    location: string;
    image: string;
    hostName: string;
    /** Where its addresses point back to; left out if that is `hostName`. */
    reverseName?: string;
  };
  volume: { sizeGb: number };
  firewall: FirewallRule[];
  /** The zones that the domains are in. */
  zones: PlannedZone[];
  records: PlannedRecord[];
  certificates: PlannedCertificate[];
  releases: PlannedRelease[];
  /** Left out without a service that provides mail. */
  mail?: MailPlan;
  /** With what it sends its own email; left out if it sends none. */
  sending?: Sending;
  /** Left out without any. */
  alarms?: AlarmWays;
  /** Left out without any. */
  backups?: BackupSettings;
}

export interface PlannedCertificate {
  host: string;
  method: 'http-01';
  /** Which key is in use: 1 is the first, and each roll moves to the next. */
  keyGeneration: number;
}

/** The server's name in labels. There is one server. */
export const serverKey = 'a';

export function buildPlan(
  config: HavenConfig,
  catalogue: Catalogue,
  pins: Pins,
  held: Record<string, Bundle> = {},
): Plan {
  const domain = config.domains[0]!.name;
  const chosen = chosenServices(config, catalogue);
  const releases = planReleases(config, catalogue, pins, held, chosen);
  assertPortsAreFree(chosen.map((id) => catalogue.get(id)!.definition));
  const hosts = releases.flatMap((each) => hostNamesOf(each.bundle.release));
  const hostName = serverHostName(config);
  const page = releases.find(({ service }) => service === portal)?.bundle.release.routes[0];
  const mail = planMail(config, catalogue, chosen, pins);
  const sending = planSending(config, mail);
  const alarms = planAlarms({ ...config, sending }, pins.given, page && `https://${page.host}/`);
  const backups = planBackups(config, pins.given);
  const zones = planZones(config.domains, mail);
  const zoneNames = zones.map((each) => each.name);
  const pages = releases.flatMap((each) => each.bundle.release.fixedPages ?? []);
  const served = { zones: zoneNames, named: [hostName, ...hosts], pages };
  return {
    haven: { id: config.id, domain, owner: config.owner },
    server: {
      key: serverKey,
      provider: config.server.provider,
      type: config.server.type,
      location: config.server.location,
      image: 'debian-13',
      hostName,
      // Other mail servers expect it to be the name that greets them (RFC 1912 §2.1).
      ...(mail ? { reverseName: mail.host } : {}),
    },
    volume: { sizeGb: config.server.diskGb },
    firewall: planFirewall(releases),
    zones,
    records: distinctRecords([
      ...planRecords({
        zones: zoneNames,
        owner: config.owner,
        hostName,
        hosts,
        reverseName: mail?.host,
      }),
      ...(mail ? mailRecords(mailRecordsContext(mail, pins, served)) : []),
    ]),
    certificates: hosts.map((host) => ({
      host,
      method: 'http-01',
      keyGeneration: pins.keys?.[host] ?? 1,
    })),
    releases,
    ...(mail ? { mail } : {}),
    ...(sending ? { sending } : {}),
    ...(alarms ? { alarms } : {}),
    ...(backups ? { backups } : {}),
  };
}
