import type { HavenConfig } from '../config/config-schema.ts';
import { hostOf } from '../config/host-name.ts';
import type { Pins } from '../config/pins.ts';
import type { MailRecordsContext } from '../dns/mail-records.ts';
import { mailDomains, type PlannedMail } from '../mail/mail-domains.ts';
import type { Catalogue } from '../service.ts';

/** The mail that the chosen services receive; undefined if none of them provides mail. */
export function planMail(
  config: HavenConfig,
  catalogue: Catalogue,
  chosen: string[],
): PlannedMail | undefined {
  const service = chosen
    .map((id) => catalogue.get(id)!.definition)
    .find(({ provides }) => provides === 'mail');
  if (!service) return undefined;
  const { id, needs } = service;
  if (!needs?.route) throw new Error(`${id} provides mail, and has no name on the web. Give it needs.route.`);
  const entry = config.services[id];
  const own = entry?.domain ?? config.domains[0]!.name;
  return {
    host: hostOf(config, id, needs.route.subdomain),
    domains: mailDomains(entry?.options ?? {}, own),
  };
}

/** What its records are planned from, besides that: what haven.lock knows. */
export const mailRecordsContext = (
  mail: PlannedMail,
  { dkim = {}, newSelector, spf = {} }: Pins,
): MailRecordsContext => ({
  ...mail,
  dkim: Object.fromEntries(
    mail.domains.map((domain) => {
      const selector = dkim[domain]?.selector ?? newSelector;
      if (selector === undefined) throw new Error(`There is no selector for the DKIM key of ${domain}.`);
      return [domain, { ...dkim[domain], selector }];
    }),
  ),
  spf,
});
