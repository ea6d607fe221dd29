import type { HavenConfig } from '../config/config-schema.ts';
import { hostOf } from '../config/host-name.ts';
import { mailSending, relayPassword } from '../config/mail-sending.ts';
import type { Pins } from '../config/pins.ts';
import { mailDomains } from '../mail/mail-domains.ts';
import type { MailRecordsContext } from '../mail/mail-records.ts';
import { mtaStsPath } from '../mail/mta-sts-policy.ts';
import type { Catalogue, FixedPages, MailSending, PlannedMail } from '../service.ts';

/** The mail of a cloud, and how it leaves. */
export interface MailPlan extends PlannedMail {
  /** The service that provides it. */
  service: string;
  sending: MailSending;
  /** Generation of the relay's password: 0 until it is set. */
  password: number;
}

/** The mail that the chosen services receive; undefined if none of them provides mail. */
export function planMail(
  config: HavenConfig,
  catalogue: Catalogue,
  chosen: string[],
  { given }: Pick<Pins, 'given'>,
): MailPlan | undefined {
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
    service: id,
    sending: mailSending(entry?.options ?? {}),
    password: given?.[relayPassword] ?? 0,
  };
}

/** What its records are planned from, besides that: what haven.lock knows, and what the releases serve. */
export const mailRecordsContext = (
  mail: MailPlan,
  { dkim = {}, newSelector, spf = {} }: Pins,
  served: { zones: string[]; named: string[]; pages: FixedPages[] },
): MailRecordsContext => ({
  host: mail.host,
  domains: mail.domains,
  sending: mail.sending,
  zones: served.zones,
  named: served.named,
  policies: Object.fromEntries(
    mail.domains.flatMap((domain) => {
      const ofDomain = served.pages.find(({ host }) => host === `mta-sts.${domain}`);
      const policy = ofDomain?.pages.find(({ path }) => path === mtaStsPath);
      return policy ? [[domain, policy.text] as const] : [];
    }),
  ),
  dkim: Object.fromEntries(
    mail.domains.map((domain) => {
      const selector = dkim[domain]?.selector ?? newSelector;
      if (selector === undefined) throw new Error(`There is no selector for the DKIM key of ${domain}.`);
      return [domain, { ...dkim[domain], selector }];
    }),
  ),
  spf,
});
