import { ApiError, ApiUnreachable, type Environment } from '../../components/api-call.ts';
import { ZoneNotFound } from '../../components/dns-provider.ts';
import { lookAtSigning } from '../../components/dns-providers.ts';
import { parseDs } from '../../core/dns/ds.ts';
import type { PlannedZone } from '../../core/dns/planned-zone.ts';
import type { OutputName } from '../../core/dns/record.ts';
import type { WayMemory } from '../../core/mail/choose-way.ts';
import { foldUnanswered } from '../../core/mail/fold-unanswered.ts';
import { type DnssecSeen, judgeDnssec } from '../../core/mail/judge-dnssec.ts';
import { judgeMailHost } from '../../core/mail/judge-mail-host.ts';
import { judgePort, judgeSilentPort, type MailServerFacts } from '../../core/mail/judge-port.ts';
import type { MailCheck, MailSection } from '../../core/mail/mail-check.ts';
import { type MailPort, mailPorts } from '../../core/mail/mail-ports.ts';
import { judgeOutlook, type Outlook } from '../../core/mail/preflight.ts';
import { judgeRelay } from '../../core/mail/relay-answer.ts';
import type { MailSending } from '../../core/service.ts';
import type { MailPortLook } from '../../system/mail-port-look.ts';
import { isOf, lookAtMailDomain, lookAtRecords, type RecordsToLookAt } from './look-at-mail-domain.ts';
import { askDns, stranger } from './stranger.ts';

/** What of a cloud's mail is looked at. */
export interface MailToLookAt extends RecordsToLookAt {
  /** The domains that are asked about; all if left out. */
  asked?: string[];
  /** Of the zones with mail their DNS providers are asked, too, with this environment. */
  environment: Environment;
  /** How the server itself sees its way out. */
  outlooks: Outlook[];
  sending: MailSending;
  /** Mail programs can also fetch it by POP3. */
  pop3?: boolean | undefined;
  /** How email leaves the server, and what its relay said; undefined without a relay. */
  way?: WayMemory | undefined;
}

/** Everything that other mail servers and mail programs see of a cloud's mail, from this computer. Sends nothing. */
export async function lookAtMail(given: MailToLookAt): Promise<MailSection[]> {
  const { host, domains, asked = domains, outlooks } = given;
  const of = (family: Outlook['family']) => outlooks.find((each) => each.family === family)?.address;
  const mail: MailToLookAt = {
    ...given,
    outputs: { ...given.outputs, ...has('ipv4', of('IPv4')), ...has('ipv6', of('IPv6')) },
  };
  const [ofServer, dnssec, ...ofDomains] = await Promise.all([
    lookAtServer(mail),
    Promise.all(
      zonesOf(mail, asked).map(async (zone) => judgeDnssec(zone, await lookAtZone(zone, mail.environment))),
    ),
    ...asked.map(async (domain) => ({
      about: domain,
      checks: foldUnanswered(domain, await lookAtMailDomain(mail, domain)),
    })),
  ]);
  const sending = { about: 'sending', checks: lookAtWayOut(mail) };
  return [...ofDomains, { about: host, checks: ofServer }, { about: 'dnssec', checks: dnssec }, sending];
}

function lookAtWayOut({ host, outlooks, sending: { relay }, way }: MailToLookAt): MailCheck[] {
  const outward = outlooks.flatMap((each) => judgeOutlook(each, host, way?.way));
  return relay && way?.relay ? [...outward, judgeRelay(relay, way.relay.answer)] : outward;
}

const has = (name: OutputName, value: string | undefined) => (value === undefined ? {} : { [name]: value });

/** The zones of the domains that are asked about, and that of the mail server. */
const zonesOf = ({ host, zones }: MailToLookAt, domains: string[]): PlannedZone[] => {
  const nearestFirst = zones.toSorted((a, b) => b.name.length - a.name.length);
  const asked = [...domains, host].map((name) =>
    nearestFirst.find((zone) => `.${name}`.endsWith(`.${zone.name}`)),
  );
  return zones.filter((zone) => zone.dnssec !== undefined && asked.includes(zone));
};

async function lookAtZone(zone: PlannedZone, environment: Environment): Promise<DnssecSeen> {
  const [provider, published] = await Promise.all([
    lookAtProvider(zone, environment),
    askDns(zone.name, 'DS'),
  ]);
  return { ...provider, ...(Array.isArray(published) ? { published: published.map(parseDs) } : {}) };
}

async function lookAtProvider(zone: PlannedZone, environment: Environment): Promise<DnssecSeen> {
  try {
    const signing = (await lookAtSigning([zone], environment)).get(zone.name);
    return signing ? { signing } : {};
  } catch (error) {
    if (error instanceof ApiError || error instanceof ApiUnreachable || error instanceof ZoneNotFound)
      return { why: error.message };
    throw error;
  }
}

async function lookAtServer(mail: MailToLookAt): Promise<MailCheck[]> {
  const { host, records, outlooks, pop3 } = mail;
  const own = records.filter(({ name }) => isOf(host, name) && !name.startsWith('_443.'));
  const [checks, aliases, keys] = await Promise.all([
    lookAtRecords(own, mail),
    askDns(host, 'CNAME'),
    askDns(`_25._tcp.${host}`, 'TLSA'),
  ]);
  const published = Array.isArray(keys) ? keys : [];
  const publishedKeys = published.flatMap((each) => /^3 1 1 ([\da-f]{64})$/.exec(each)?.[1] ?? []);
  const ports = await Promise.all(
    outlooks.map(({ family, address }) =>
      lookAtPorts(mailPorts({ pop3 }), family, address, { host, publishedKeys }),
    ),
  );
  const alias = judgeMailHost(host, aliases);
  return [...(alias ? [alias] : []), ...foldUnanswered(host, checks), ...ports.flat()];
}

/** An email from outside to outside: nobody's addresses (RFC 2606 §3). */
const relay = { from: 'sender@example.com', to: 'recipient@example.net' };

async function lookAtPorts(
  ports: MailPort[],
  family: Outlook['family'],
  address: string,
  facts: MailServerFacts,
): Promise<MailCheck[]> {
  const looked = await Promise.all(
    ports.map(async (port) => ({ port, ...(await lookOrWhy(port, address, facts.host)) })),
  );
  const answers = looked.some(({ look }) => look !== undefined);
  return looked.flatMap(({ port, look, why = '' }) =>
    look ? judgePort(port, family, look, facts) : [judgeSilentPort(port, family, why, answers)],
  );
}

async function lookOrWhy(
  { port, protocol, tls, forServers }: MailPort,
  address: string,
  host: string,
): Promise<{ look?: MailPortLook; why?: string }> {
  try {
    const question = { host, address, port, protocol, tls, ...(forServers ? { relay } : {}) };
    return { look: await stranger.lookAtMailPort(question) };
  } catch (error) {
    return { why: (error as Error).message };
  }
}
