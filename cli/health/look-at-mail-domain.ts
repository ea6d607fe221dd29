import { dnsProvider } from '../../components/dns-providers.ts';
import type { PlannedZone } from '../../core/dns/planned-zone.ts';
import type { OutputName, PlannedRecord } from '../../core/dns/record.ts';
import { describeOtherPage } from '../../core/mail/describe-other-page.ts';
import { judgeDmarcReports, reportName, reportReceivers } from '../../core/mail/dmarc-reports.ts';
import { type DnsAnswer, unanswered } from '../../core/mail/dns-answer.ts';
import { judgeRecords, recordSets } from '../../core/mail/judge-records.ts';
import { judgeSpfLookUps } from '../../core/mail/judge-spf-look-ups.ts';
import type { MailCheck } from '../../core/mail/mail-check.ts';
import { countSpfLookUps } from '../../core/mail/spf-look-ups.ts';
import type { FixedPages } from '../../core/service.ts';
import { askDns, dnsFailureOf, stranger } from './stranger.ts';

/** What the records of a cloud are compared with. */
export interface RecordsToLookAt {
  host: string;
  /** All domains whose mail the cloud receives. */
  domains: string[];
  records: PlannedRecord[];
  zones: PlannedZone[];
  fixedPages: FixedPages[];
  /** Values that the plan does not know. */
  outputs: Partial<Record<OutputName, string>>;
}

/** Everything about one mail domain but its mail server. */
export async function lookAtMailDomain(mail: RecordsToLookAt, domain: string): Promise<MailCheck[]> {
  const pages = mail.fixedPages.filter((each) => isIn(each.host, domain, mail.domains));
  const checks = await Promise.all([
    lookAtRecords(recordsOf(mail, domain), mail),
    lookAtSpf(domain),
    lookAtReports(mail, domain),
    lookAtPages(pages),
  ]);
  return checks.flat();
}

export async function lookAtRecords(
  records: PlannedRecord[],
  { zones, outputs }: Pick<RecordsToLookAt, 'zones' | 'outputs'>,
): Promise<MailCheck[]> {
  // A provider that takes no token is one that we do not write to.
  const isManual = ({ zone }: PlannedRecord) =>
    zones.some(({ name, dns }) => name === zone && dnsProvider(dns).token === undefined);
  return Promise.all(
    recordSets(records).map(async (set) =>
      judgeRecords(set, await askDns(set[0]!.name, set[0]!.type), { outputs, isManual: isManual(set[0]!) }),
    ),
  );
}

/** The records of a mail domain that have to do with mail: those of the mail server and of other services are elsewhere. */
function recordsOf({ host, domains, records, fixedPages }: RecordsToLookAt, domain: string): PlannedRecord[] {
  const isPage = (name: string) => fixedPages.some((page) => page.host === name);
  return records.filter(({ name, type }) => {
    if (domains.some((each) => name === reportName(domain, each))) return true;
    if (!isIn(name, domain, domains) || isOf(host, name) || name.includes('._report._dmarc.')) return false;
    if (type === 'A' || type === 'AAAA') return isPage(name);
    return type === 'CAA' ? isPage(name) || name === domain : type !== 'TLSA';
  });
}

/** Whether a name belongs to a mail domain, and not to another one below it. */
function isIn(name: string, domain: string, domains: string[]): boolean {
  const nearest = domains
    .filter((each) => `.${name}`.endsWith(`.${each}`))
    .toSorted((a, b) => b.length - a.length)[0];
  return nearest === domain;
}

export const isOf = (host: string, name: string): boolean => name === host || name.endsWith(`.${host}`);

/** What receivers do with the text that is published. Whether it is the planned one is another check. */
async function lookAtSpf(domain: string): Promise<MailCheck[]> {
  const text = oneOf(await askDns(domain, 'TXT'), /^v=spf1(?: |$)/i);
  if (text === undefined) return [];
  return [judgeSpfLookUps(domain, await countSpfLookUps(domain, text, askDns))];
}

/** Of receivers that are domains of this cloud, the record is planned, and a check of its own. */
async function lookAtReports({ records }: RecordsToLookAt, domain: string): Promise<MailCheck[]> {
  const text = oneOf(await askDns(`_dmarc.${domain}`, 'TXT'), /^v=DMARC1(?:;|\s|$)/i);
  const receivers = text === undefined ? [] : reportReceivers(domain, text);
  const unplanned = receivers.filter(
    (each) => !records.some(({ name }) => name === reportName(domain, each)),
  );
  return Promise.all(
    unplanned.map(async (each) =>
      judgeDmarcReports(domain, each, await askDns(reportName(domain, each), 'TXT')),
    ),
  );
}

const oneOf = (answer: DnsAnswer, begins: RegExp): string | undefined => {
  const texts = Array.isArray(answer) ? answer.filter((each) => begins.test(each)) : [];
  return texts.length === 1 ? texts[0] : undefined;
};

function lookAtPages(all: FixedPages[]): Promise<MailCheck[]> {
  const pages = all.flatMap(({ host, pages: ofHost }) => ofHost.map((page) => ({ host, ...page })));
  return Promise.all(
    pages.map(async ({ host, path, text }): Promise<MailCheck> => {
      const what = `https://${host}${path}`;
      const remedy = 'Run: haven up   If it stays: haven logs reverse-proxy';
      try {
        const { status, body, notAfter } = await stranger.lookAtWeb(host, path);
        if (status === 200 && body.trimEnd() === text.trimEnd())
          return { what, result: 'good', evidence: `as planned, certificate until ${notAfter.slice(0, 10)}` };
        const how = status === 200 ? `, ${describeOtherPage(text, body)}` : '';
        return { what, result: 'bad', evidence: `answers ${status}${how}`, remedy };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (/^query\w+ E(NOTFOUND|NODATA)/.test(error.message))
          return { what, result: 'bad', evidence: `${host} has no address in the DNS`, remedy };
        const failure = /^query/.test(error.message) ? dnsFailureOf(error) : undefined;
        if (failure) return { what, ...unanswered[failure] };
        return { what, result: 'bad', evidence: error.message, remedy };
      }
    }),
  );
}
