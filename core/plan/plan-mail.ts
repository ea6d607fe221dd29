import type { HavenConfig } from '../config/config-schema.ts';
import { hostOf } from '../config/host-name.ts';
import { mailSending, relayPassword } from '../config/mail-sending.ts';
import type { Pins } from '../config/pins.ts';
import { ed25519Selector } from '../mail/dkim-key.ts';
import { mailDomains } from '../mail/mail-domains.ts';
import type { MailRecordsContext } from '../mail/mail-records.ts';
import { mtaStsPath } from '../mail/mta-sts-policy.ts';
import { ownAccount } from '../mail/own-account.ts';
import type { Catalogue, FixedPages, MailSending, PlannedMail, Sending } from '../service.ts';

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
    ...(entry?.options.ed25519 === true ? { ed25519: true } : {}),
    ...(entry?.options.pop3 === true ? { pop3: true } : {}),
  };
}

/** The account with which a cloud sends its email: that of haven.yaml, or its own at its own mail server. */
export const planSending = (
  { sending }: Pick<HavenConfig, 'sending'>,
  mail: PlannedMail | undefined,
): Sending | undefined => sending ?? (mail && ownAccount(mail));

/** What its records are planned from, besides that: what haven.lock knows, and what the releases serve. */
export const mailRecordsContext = (
  mail: MailPlan,
  { dkim = {}, newSelector, spf = {}, dmarc = {} }: Pins,
  served: { zones: string[]; named: string[]; pages: FixedPages[] },
): MailRecordsContext => ({
  host: mail.host,
  domains: mail.domains,
  ...(mail.ed25519 ? { ed25519: true } : {}),
  ...(mail.pop3 ? { pop3: true } : {}),
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
      const ed25519 = dkim[domain]?.ed25519 ?? { selector: ed25519Selector(newSelector ?? selector) };
      return [domain, { ...dkim[domain], selector, ...(mail.ed25519 ? { ed25519 } : {}) }];
    }),
  ),
  spf,
  dmarc,
});
