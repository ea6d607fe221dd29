import type { ExistingRecord } from './existing-record.ts';

/** Mail of a domain that another company receives, and that this cloud leaves there. */
export interface MailElsewhere {
  domain: string;
  /** The company, if its mail servers are known, or the first mail server. */
  at: string;
}

/** Which companies' mail servers end in what, as their own instructions for MX records say. */
const companies: Record<string, string[]> = {
  Google: ['google.com', 'googlemail.com'],
  Microsoft: ['mail.protection.outlook.com', 'mx.microsoft', 'olc.protection.outlook.com'],
  'Apple iCloud': ['mail.icloud.com'],
  Proton: ['protonmail.ch'],
  Fastmail: ['messagingengine.com'],
  Zoho: ['zoho.com', 'zoho.eu'],
  'mailbox.org': ['mailbox.org'],
  IONOS: ['kundenserver.de', 'ionos.de', 'ionos.com', '1and1.com'],
  Strato: ['rzone.de'],
  'GMX and WEB.DE': ['gmx.net', 'web.de'],
};

/**
 * The owner's mail in their zones, by their MX records (RFC 5321 §5.1). `mark` is in the comment of our own records;
 * `received` are domains whose mail this cloud receives.
 */
export function mailElsewhere(
  records: ExistingRecord[],
  mark: string,
  received: string[] = [],
): MailElsewhere[] {
  const servers = records
    .filter(({ name, type, comment }) => type === 'MX' && comment !== mark && !received.includes(name))
    .flatMap(({ name, content }) => {
      const [priority, server] = content.toLowerCase().split(/\s+/);
      const host = server?.replace(/\.$/, '');
      // A single dot says that the name receives no mail (RFC 7505).
      return host ? [{ domain: name, priority: Number(priority), host }] : [];
    })
    .toSorted((a, b) => a.priority - b.priority || (a.host < b.host ? -1 : 1));
  const domains = [...new Set(servers.map(({ domain }) => domain))].sort();
  return domains.map((domain) => ({
    domain,
    at: companyOf(servers.find((each) => each.domain === domain)!.host),
  }));
}

const companyOf = (host: string): string =>
  Object.entries(companies).find(([, ends]) => ends.some((end) => `.${host}`.endsWith(`.${end}`)))?.[0] ??
  host;
