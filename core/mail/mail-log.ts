import { addressPattern, type LogLine } from './log-line.ts';
import { whyWaiting } from './why-waiting.ts';

/**
 * What happened to emails from or to an address, from the log lines of Postfix and Dovecot. Both write for people, and most
 * of a line was chosen by strangers: addresses, host names, what other servers answered. So each line is read from its
 * beginning to its end by one pattern in which no such text can look like another part. A line that fits none is left out.
 */

/** One thing that happened to an email. */
export interface MailEvent {
  /** In UTC (RFC 3339). */
  at: string;
  /**
   * `accepted` by this server, `refused` by it, `delivered` to a mailbox, `sent` to another server, `waiting` for the next
   * try, `failed` for good, `reported` to the sender as failed, `deleted` from the queue by the owner.
   */
  what: 'accepted' | 'refused' | 'delivered' | 'sent' | 'waiting' | 'failed' | 'reported' | 'deleted';
  to?: string;
  /** The address that it was written to, where `to` is the one that this leads to. */
  writtenTo?: string;
  /** Of the mailbox, where it is known. */
  folder?: string;
  /** The other server. */
  server?: string;
  /** A sentence about why, with the other side's words. */
  why?: string;
}

/** An email's way through this server. */
export interface MailTrail {
  /** Postfix's name for it; missing where it was refused before it got one. */
  id?: string;
  from: string;
  /** Who handed it in, `name [address]`; missing for what this server wrote itself. */
  client?: string;
  /** The user who was logged in. */
  user?: string;
  /** In the order in which they happened. */
  events: MailEvent[];
}

const address = (name: string) => `<(?<${name}>${addressPattern})>`;
/** `mx.elsewhere.example[203.0.113.7]`; the name was looked up in both directions, or is `unknown`. */
const client = String.raw`(?<host>[^\s[\]]+)\[(?<ip>[0-9A-Fa-f:.]+|unknown)\]`;
const id = '(?<id>[0-9A-Za-z]+)';

/** Postfix's prefix: its time, which has no year, the host, and the program with its process (postlogd(8)). */
const prefix = String.raw`^\w{3} [ \d]\d [\d:]{8} \S+ postfix(?:/[\w-]+)*/(?<program>[\w-]+)\[\d+\]: `;

/** The text of a refusal: pieces without the marks that follow it, or addresses as one piece each. */
const reason = `(?<reason>(?:<${addressPattern}>|[^<>;])*)`;

const patterns = {
  /** `4ABC: client=mx.test[203.0.113.7], sasl_method=PLAIN, sasl_username=ada` */
  client: new RegExp(
    `${prefix}${id}: client=${client}(?:, sasl_method=[A-Z0-9-]+)?(?:, sasl_username=(?<user>[^\\s,]+))?$`,
  ),
  /** `4ABC: from=<ada@cloud.example>, size=529, nrcpt=1 (queue active)` */
  queued: new RegExp(`${prefix}${id}: from=${address('from')}, size=\\d+, nrcpt=\\d+ \\(queue active\\)$`),
  /** `4ABC: from=<ada@cloud.example>, status=expired, returned to sender` */
  expired: new RegExp(
    `${prefix}${id}: from=${address('from')}, status=(?:force-)?expired, returned to sender$`,
  ),
  /** `4ABC: to=<…>, orig_to=<…>, relay=mx.test[203.0.113.7]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 …)` */
  delivery: new RegExp(
    `${prefix}${id}: to=${address('to')}(?:, orig_to=${address('original')})?, relay=(?<relay>[^\\s,]+), (?:conn_use=\\d+, )?delay=[\\d.]+, delays=[\\d./]+, dsn=[\\d.]+, status=(?<status>\\w+) \\((?<said>.*)\\)$`,
  ),
  /** `NOQUEUE: reject: RCPT from mx.test[203.0.113.7]: 550 5.1.1 <…>: …; from=<…> to=<…> proto=ESMTP helo=<…>` */
  refusal: new RegExp(
    `${prefix}${id}: (?:milter-)?reject: [A-Z-]+(?: [a-z]+)? from ${client}: ${reason}; (?:from=${address('from')} )?(?:to=${address('to')} )?proto=\\w+(?: helo=<.*)?$`,
  ),
  /** `4ABC: sender non-delivery notification: 4DEF` */
  report: new RegExp(
    `${prefix}${id}: (?<about>sender|postmaster) non-delivery notification: (?<report>[0-9A-Za-z]+)$`,
  ),
  /** `4ABC: removed`, which is what postsuper(1) says if the owner deletes it */
  removed: new RegExp(`${prefix}${id}: removed$`),
  /** `lmtp(ada)<12><session>: Info: sieve: msgid=<…>: fileinto action: stored mail into mailbox 'Junk'` */
  stored:
    /^\w{3} [ \d]\d [\d:]{8} lmtp\([^()\s]+\)<\d+><(?<session>[^\s<>]+)>: Info: sieve: .*: stored mail into mailbox '(?<folder>[^']*)'$/,
};

type Found = Record<string, string | undefined>;
const read = (pattern: RegExp, { text }: LogLine): Found | undefined => pattern.exec(text)?.groups;

/** What Dovecot answers to an email that it stored: `250 2.0.0 <ada@cloud.example> session Saved`. */
const sessionOf = (said: string): string | undefined =>
  new RegExp(`^250 2\\.0\\.0 <${addressPattern}> (?<session>[^\\s<>]+) Saved$`).exec(said)?.groups?.session;

/** Postfix's names for the emails in these lines, each once, in their order. */
export const queueIdsIn = (lines: LogLine[]): string[] => [
  ...new Set(
    lines.flatMap(({ text }) => idLine.exec(text)?.groups?.id ?? []).filter((each) => each !== noQueue),
  ),
];
const idLine = new RegExp(`${prefix}${id}: `);
const noQueue = 'NOQUEUE';

/** What was refused: the sender, empty if it is not known, and the answer. */
export const refusalsIn = (lines: LogLine[]): { from: string; reason: string }[] =>
  lines.flatMap((line) => {
    const found = read(patterns.refusal, line);
    return found ? [{ from: found.from ?? '', reason: found.reason! }] : [];
  });

/** Dovecot's names for the deliveries in Postfix's lines: what its own lines about them are found by. */
export const sessionsIn = (lines: LogLine[]): string[] =>
  lines.flatMap((line) => sessionOf(read(patterns.delivery, line)?.said ?? '') ?? []);

/** The emails from or to this address, in the order in which they came. `lines` are in the order of their time. */
export function traceMail(lines: LogLine[], about: string): MailTrail[] {
  const folders = new Map(
    lines.flatMap((line) => {
      const found = read(patterns.stored, line);
      return found ? [[found.session!, found.folder!] as const] : [];
    }),
  );
  const trails = new Map<string, MailTrail>();
  const all: MailTrail[] = [];
  const trailOf = (name: string): MailTrail => {
    const known = trails.get(name);
    if (known) return known;
    const trail: MailTrail = { ...(name === noQueue ? {} : { id: name }), from: '', events: [] };
    if (name !== noQueue) trails.set(name, trail);
    all.push(trail);
    return trail;
  };
  for (const line of lines) follow(line, trailOf, folders);
  return all.flatMap((trail) => onlyAbout(trail, about.toLowerCase()));
}

/** Adds what a line says to the trail of its email. */
function follow(
  line: LogLine,
  trailOf: (id: string) => MailTrail,
  folders: ReadonlyMap<string, string>,
): void {
  const { at } = line;
  const handedIn = read(patterns.client, line);
  if (handedIn) {
    const { host, ip, user } = handedIn;
    Object.assign(trailOf(handedIn.id!), { client: named(host!, ip!), ...(user ? { user } : {}) });
    return;
  }
  const queued = read(patterns.queued, line);
  if (queued) {
    const trail = trailOf(queued.id!);
    trail.from = queued.from!;
    // Said again each time that it is tried.
    if (!trail.events.some(({ what }) => what === 'accepted')) trail.events.push({ at, what: 'accepted' });
    return;
  }
  const delivery = read(patterns.delivery, line);
  if (delivery) {
    trailOf(delivery.id!).events.push(deliveryEvent(at, delivery, folders));
    return;
  }
  const refusal = read(patterns.refusal, line);
  if (refusal) {
    const trail = trailOf(refusal.id!);
    trail.client = named(refusal.host!, refusal.ip!);
    trail.from = refusal.from ?? trail.from;
    const to = refusal.to === undefined ? {} : { to: refusal.to };
    trail.events.push({ at, what: 'refused', ...to, why: `this server answered: ${refusal.reason}` });
    return;
  }
  const expired = read(patterns.expired, line);
  if (expired) {
    trailOf(expired.id!).events.push({ at, what: 'failed', why: 'it could not be delivered for 5 days' });
    return;
  }
  const report = read(patterns.report, line);
  if (report) {
    const why = `the sender gets a report (${report.report})`;
    trailOf(report.id!).events.push({ at, what: 'reported', why });
    return;
  }
  const removed = read(patterns.removed, line);
  if (removed?.program === 'postsuper') trailOf(removed.id!).events.push({ at, what: 'deleted' });
}

function deliveryEvent(
  at: string,
  { to, original, relay, status, said }: Found,
  folders: ReadonlyMap<string, string>,
): MailEvent {
  const event = { at, to: to!, ...(original ? { writtenTo: original } : {}) };
  if (status !== 'sent')
    return { ...event, what: status === 'deferred' ? 'waiting' : 'failed', why: whyWaiting(said!) };
  const session = sessionOf(said!);
  if (session === undefined) return { ...event, what: 'sent', server: relay!, why: `it answered: ${said}` };
  const folder = folders.get(session);
  return { ...event, what: 'delivered', ...(folder === undefined ? {} : { folder }) };
}

const named = (host: string, ip: string): string => (host === 'unknown' ? `[${ip}]` : `${host} [${ip}]`);

/** An email from the address with all that happened to it; one to the address with what happened for that recipient. */
function onlyAbout(trail: MailTrail, about: string): MailTrail[] {
  if (trail.from.toLowerCase() === about) return [trail];
  const isFor = ({ to, writtenTo }: MailEvent) =>
    [to, writtenTo].some((each) => each?.toLowerCase() === about);
  if (!trail.events.some(isFor)) return [];
  return [{ ...trail, events: trail.events.filter((each) => each.to === undefined || isFor(each)) }];
}
