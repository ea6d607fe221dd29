import type { PlannedRecord, RecordShape } from '../dns/record.ts';
import { type RecordsIn, recordsIn } from '../dns/records-in.ts';
import type { MailSending, PlannedMail } from '../service.ts';
import { type DkimPublicKey, dkimName, dkimText, ed25519Text } from './dkim-key.ts';
import { withDmarcTags } from './dmarc.ts';
import { isOtherOrganisation, reportName } from './dmarc-reports.ts';
import { reportMailboxes } from './mailboxes.ts';
import { mtaStsId } from './mta-sts-policy.ts';
import { relaySpf } from './relay-spf.ts';
import { withSpfTerms } from './spf.ts';

type PlannedKey = Pick<DkimPublicKey, 'selector'> & Partial<Pick<DkimPublicKey, 'publicKey'>>;

/** What the records for mail are planned from. */
export interface MailRecordsContext extends PlannedMail {
  /** How its email leaves. */
  sending: MailSending;
  /** The zones that the domains are in. */
  zones: string[];
  /** All names of this cloud that have addresses. */
  named: string[];
  /** The text of the policy at the name `mta-sts` of a domain, by domain. */
  policies: Record<string, string>;
  /** By domain: the selector of its keys, and the public half where one has been made. */
  dkim: Record<string, PlannedKey & { ed25519?: PlannedKey | undefined }>;
  /** By name: what was in the owner's own SPF text, which ours took the place of. */
  spf: Record<string, string[]>;
  /** By name: tags of the owner's own DMARC text, which ours took the place of. */
  dmarc: Record<string, string[]>;
}

/**
 * Every record for mail, with its reason; `test/golden/plans/mail.zone` shows the result. The addresses of the mail server
 * and of the names where its pages are belong to their releases. Names that are in none of the mail domains are left alone,
 * since their mail may be elsewhere.
 */
export function mailRecords(mail: MailRecordsContext): PlannedRecord[] {
  const { host, domains, named } = mail;
  const made = recordsIn(mail.zones);
  const isInDomains = (name: string): boolean => domains.some((domain) => name.endsWith(`.${domain}`));
  const withoutMail = named.filter((name) => name !== host && !domains.includes(name) && isInDomains(name));
  return [
    ...hostRecords(mail, made),
    ...domains.flatMap((domain) => domainRecords(domain, mail, made)),
    ...withoutMail.flatMap((name) => recordsWithoutMail(name, mail, made)),
  ];
}

const text = { type: 'TXT' } as const;
const srv = (port: number): RecordShape => ({ type: 'SRV', priority: 0, weight: port === 0 ? 0 : 1, port });

/** The mail server itself. Its addresses are those of its service on the web. */
function hostRecords({ host, domains, spf }: MailRecordsContext, { record, hostKeys }: RecordsIn) {
  const { tls } = reportMailboxes(domains[0]!);
  const own = withSpfTerms('v=spf1 a -all', spf[host] ?? []);
  return [
    ...hostKeys(25, host, twoMailKeys),
    ...(domains.includes(host) ? [] : [record(host, text, own, 'live', helo)]),
    ...(domains.includes(host)
      ? []
      : [record(`_smtp._tls.${host}`, text, `v=TLSRPTv1; rua=mailto:${tls}`, 'live', daneReports)]),
  ];
}

function domainRecords(domain: string, mail: MailRecordsContext, { record }: RecordsIn): PlannedRecord[] {
  const { host, domains, named, policies, dkim, spf, sending } = mail;
  const [first = domain] = domains;
  const reports = reportMailboxes(first);
  const { selector, publicKey, ed25519 } = dkim[domain]!;
  const key = publicKey === undefined ? ({ output: `dkim:${domain}` } as const) : dkimText({ publicKey });
  const policy = policies[domain];
  const senders = [...relaySpf(sending, domain), ...(spf[domain] ?? [])];
  const dmarc = `v=DMARC1; p=none; np=reject; rua=mailto:${reports.dmarc}`;
  const theirs = mail.dmarc[`_dmarc.${domain}`];
  const apex = record(domain, { type: 'CAA', flags: 0, tag: 'issuemail' }, ';', 'live', noMailCertificates);
  const service = (name: string, port: number, reason: string) =>
    record(`_${name}._tcp.${domain}`, srv(port), port === 0 ? '.' : host, 'live', reason);
  return [
    record(domain, { type: 'MX', priority: 10 }, host, 'live', whereMailGoes),
    record(
      domain,
      text,
      withSpfTerms('v=spf1 mx ~all', senders),
      'live',
      sending.relay ? bothSend : whoSends,
    ),
    record(dkimName(domain, selector), text, key, 'live', signature),
    ...(mail.ed25519 && ed25519
      ? [
          record(
            dkimName(domain, ed25519.selector),
            text,
            secondKey(domain, ed25519),
            'live',
            secondSignature,
          ),
        ]
      : []),
    record(
      `_dmarc.${domain}`,
      text,
      withDmarcTags(dmarc, theirs ?? []),
      'live',
      theirs ? ownPolicy : alignment,
    ),
    ...(isOtherOrganisation(domain, first)
      ? [record(reportName(domain, first), text, 'v=DMARC1;', 'live', takesReports)]
      : []),
    record(`_smtp._tls.${domain}`, text, `v=TLSRPTv1; rua=mailto:${reports.tls}`, 'live', tlsReports),
    ...(policy === undefined
      ? []
      : [record(`_mta-sts.${domain}`, text, `v=STSv1; id=${mtaStsId(policy)}`, 'live', hasPolicy)]),
    // Below the top of a zone it would hide what its owner allows there (RFC 8659 §3).
    ...(apex.zone === domain ? [apex] : []),
    service(
      'imaps',
      993,
      'Mail programs read mail here, with TLS from the start (RFC 6186 §3.2, RFC 8314 §5.1).',
    ),
    service('submissions', 465, 'Mail programs send mail here, with TLS from the start (RFC 8314 §5.1).'),
    service('submission', 587, 'Mail programs that only know STARTTLS send mail here (RFC 6186 §3.1).'),
    service('sieve', 4190, 'Programs that manage filters for mail ask here (RFC 5804 §1.8).'),
    service('imap', 0, notOffered),
    service('pop3', 0, notOffered),
    mail.pop3
      ? service(
          'pop3s',
          995,
          'Mail programs fetch mail here, with TLS from the start (RFC 6186 §3.3, RFC 8314 §5.1).',
        )
      : service('pop3s', 0, notOffered),
    ...(named.includes(`autodiscover.${domain}`)
      ? [record(`_autodiscover._tcp.${domain}`, srv(443), `autodiscover.${domain}`, 'live', outlook)]
      : []),
  ];
}

const secondKey = (domain: string, { publicKey }: PlannedKey): PlannedRecord['value'] =>
  publicKey === undefined ? { output: `dkim:ed25519:${domain}` } : ed25519Text({ publicKey });

/** A name of this cloud that has addresses and no mail: without these, others could send mail in its name. */
function recordsWithoutMail(
  name: string,
  { spf, dmarc }: MailRecordsContext,
  { record }: RecordsIn,
): PlannedRecord[] {
  const nobody = withSpfTerms('v=spf1 -all', spf[name] ?? []);
  return [
    record(name, { type: 'MX', priority: 0 }, '.', 'live', 'Receives no mail (RFC 7505 §3).'),
    record(name, text, nobody, 'live', 'Sends no mail (RFC 7208 §10.1.2).'),
    record(
      `_dmarc.${name}`,
      text,
      withDmarcTags('v=DMARC1; p=reject', dmarc[`_dmarc.${name}`] ?? []),
      'live',
      'Mail in its name is forged (RFC 9989).',
    ),
  ];
}

const twoMailKeys =
  'One of two keys: the one that the mail server answers with, or the next one; in a signed zone, other mail servers deliver to nobody else (RFC 7672 §2.2, RFC 7671 §8.1).';
const helo =
  'The mail server greets others with this name, and only its own address does so (RFC 7208 §2.3).';
const daneReports =
  'Where others report connections to this host that failed to be secure (RFC 8460 §1.1, §3).';
const whereMailGoes = 'Mail of this domain goes to this host (RFC 5321 §5.1).';
const whoSends =
  'The mail server sends for this domain. Others only count as suspicious, since forwarded mail comes from elsewhere, and its signature still counts (RFC 7208 §2.6.5, §8.5). It has to be the only text here that begins with v=spf1 (§4.5).';
const bothSend = `${whoSends} Your relay is allowed all the time, so that email can change its way without a change of this record.`;
const signature =
  'With this key everyone can check the signature of mail from this domain (RFC 6376 §3.6.1, RFC 8301 §3).';
const secondSignature =
  'With this key those who know Ed25519 can check the second signature (RFC 8463 §4.2); all others check the first.';
const alignment =
  'Others report mail in the name of this domain, and deliver it until you know from the reports that yours always passes; mail of names that do not exist is refused (RFC 9989).';
const ownPolicy =
  'Your own policy for mail in the name of this domain, which was here before, with what it left open (RFC 9989).';
const takesReports = 'This domain takes the reports about that other domain of yours (RFC 9990).';
const tlsReports = 'Where others report deliveries to this domain that failed to be secure (RFC 8460 §3).';
const hasPolicy = 'There is a policy at the name mta-sts; the id changes with its text (RFC 8461 §3.1).';
const noMailCertificates = 'No authority may certify addresses of this domain for email (RFC 9495 §3).';
const outlook = 'Outlook fetches the settings of an account there (MS-OXDISCO).';
const notOffered = 'Not offered (RFC 6186 §3.4).';
