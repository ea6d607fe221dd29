import { ApiError, ApiUnreachable, type Environment } from '../../components/api-call.ts';
import { ZoneNotFound } from '../../components/dns-provider.ts';
import { lookAtSigning } from '../../components/dns-providers.ts';
import { parseDs } from '../../core/dns/ds.ts';
import type { PlannedZone } from '../../core/dns/planned-zone.ts';
import type { OutputName, PlannedRecord } from '../../core/dns/record.ts';
import type { WayMemory } from '../../core/mail/choose-way.ts';
import { type DnssecSeen, judgeDnssec } from '../../core/mail/judge-dnssec.ts';
import { judgePort, judgeSilentPort, type MailServerFacts } from '../../core/mail/judge-port.ts';
import { judgeRecord } from '../../core/mail/judge-records.ts';
import type { MailCheck, MailSection } from '../../core/mail/mail-check.ts';
import { type MailPort, mailPorts } from '../../core/mail/mail-ports.ts';
import { judgeOutlook, type Outlook } from '../../core/mail/preflight.ts';
import { judgeRelay } from '../../core/mail/relay-answer.ts';
import type { FixedPages, MailSending } from '../../core/service.ts';
import { lookUp } from '../../system/look-up.ts';
import { lookAtMailPort, type MailPortLook } from '../../system/mail-port-look.ts';
import { lookAtWeb } from '../../system/web-look.ts';

/** How a stranger looks. Tests, which have no DNS and no mail server, answer themselves. */
export const stranger = { lookUp, lookAtMailPort, lookAtWeb };

/** What of a cloud's mail is looked at. */
export interface MailToLookAt {
  host: string;
  /** The domains that are asked about. */
  domains: string[];
  records: PlannedRecord[];
  /** Zones of the cloud. Of those with mail their DNS providers are asked, too, with this environment. */
  zones: PlannedZone[];
  environment: Environment;
  fixedPages: FixedPages[];
  /** How the server itself sees its way out. */
  outlooks: Outlook[];
  sending: MailSending;
  /** Mail programs can also fetch it by POP3. */
  pop3?: boolean | undefined;
  /** How email leaves the server, and what its relay said; undefined without a relay. */
  way?: WayMemory | undefined;
}

/** Everything that other mail servers and mail programs see of a cloud's mail, from this computer. Sends nothing. */
export async function lookAtMail(mail: MailToLookAt): Promise<MailSection[]> {
  const { host, domains, outlooks } = mail;
  const of = (family: Outlook['family']) => outlooks.find((each) => each.family === family)?.address;
  const outputs: Partial<Record<OutputName, string>> = {
    ...has('ipv4', of('IPv4')),
    ...has('ipv6', of('IPv6')),
  };
  const [ofServer, dnssec, ...ofDomains] = await Promise.all([
    lookAtServer(mail, outputs),
    Promise.all(
      zonesOf(mail).map(async (zone) => judgeDnssec(zone, await lookAtZone(zone, mail.environment))),
    ),
    ...domains.map(async (domain) => ({
      about: domain,
      checks: [
        ...(await lookAtRecords(recordsOf(mail, domain), outputs)),
        ...(await lookAtPages(mail.fixedPages.filter((each) => each.host.endsWith(`.${domain}`)))),
      ],
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
const zonesOf = ({ host, domains, zones }: MailToLookAt): PlannedZone[] => {
  const nearestFirst = zones.toSorted((a, b) => b.name.length - a.name.length);
  const asked = [...domains, host].map((name) =>
    nearestFirst.find((zone) => `.${name}`.endsWith(`.${zone.name}`)),
  );
  return zones.filter((zone) => zone.dnssec !== undefined && asked.includes(zone));
};

async function lookAtZone(zone: PlannedZone, environment: Environment): Promise<DnssecSeen> {
  const [provider, published] = await Promise.all([
    lookAtProvider(zone, environment),
    lookUpOrNothing(zone.name, 'DS'),
  ]);
  return { ...provider, ...(published ? { published: published.map(parseDs) } : {}) };
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

/** The records of a mail domain that have to do with mail: those of the mail server and of other services are elsewhere. */
const recordsOf = ({ host, records, fixedPages }: MailToLookAt, domain: string): PlannedRecord[] =>
  records.filter(
    ({ name, type }) =>
      (name === domain || name.endsWith(`.${domain}`)) &&
      !isOf(host, name) &&
      type !== 'TLSA' &&
      !(type === 'CAA' && name !== domain) &&
      !((type === 'A' || type === 'AAAA') && !fixedPages.some((page) => page.host === name)),
  );

const isOf = (host: string, name: string): boolean => name === host || name.endsWith(`.${host}`);

async function lookAtServer(
  { host, records, outlooks, pop3 }: MailToLookAt,
  outputs: Partial<Record<OutputName, string>>,
): Promise<MailCheck[]> {
  const own = records.filter(({ name }) => isOf(host, name) && !name.startsWith('_443.'));
  const keys = (await lookUpOrNothing(`_25._tcp.${host}`, 'TLSA')) ?? [];
  const publishedKeys = keys.flatMap((each) => /^3 1 1 ([\da-f]{64})$/.exec(each)?.[1] ?? []);
  const ports = await Promise.all(
    outlooks.map(({ family, address }) =>
      lookAtPorts(mailPorts({ pop3 }), family, address, { host, publishedKeys }),
    ),
  );
  return [...(await lookAtRecords(own, outputs)), ...ports.flat()];
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

async function lookAtRecords(
  records: PlannedRecord[],
  outputs: Partial<Record<OutputName, string>>,
): Promise<MailCheck[]> {
  return Promise.all(
    records.map(async (record) =>
      judgeRecord(record, await lookUpOrNothing(record.name, record.type), outputs),
    ),
  );
}

/** What the DNS answers; undefined where it does not. */
async function lookUpOrNothing(name: string, type: string): Promise<string[] | undefined> {
  try {
    return await stranger.lookUp(name, type);
  } catch (error) {
    if ('code' in (error as Error)) return undefined;
    throw error;
  }
}

async function lookAtPages(all: FixedPages[]): Promise<MailCheck[]> {
  const pages = all.flatMap(({ host, pages: ofHost }) => ofHost.map((page) => ({ host, ...page })));
  return Promise.all(
    pages.map(async ({ host, path, text }): Promise<MailCheck> => {
      const what = `https://${host}${path}`;
      const remedy = 'Run: haven up   If it stays: haven logs reverse-proxy';
      try {
        const { status, body, notAfter } = await stranger.lookAtWeb(host, path);
        if (status === 200 && body.trimEnd() === text.trimEnd())
          return { what, result: 'good', evidence: `as planned, certificate until ${notAfter.slice(0, 10)}` };
        return { what, result: 'bad', evidence: `answers ${status}, with another text`, remedy };
      } catch (error) {
        return { what, result: 'bad', evidence: (error as Error).message, remedy };
      }
    }),
  );
}
