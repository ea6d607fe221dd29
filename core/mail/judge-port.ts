import type { MailCheck } from './mail-check.ts';
import type { MailPort } from './mail-ports.ts';

/** What a port answered, as system/mail-port-look.ts gives it. */
export interface PortAnswer {
  greeting: string;
  loginsInTheClear: string[];
  loginsOverTls: string[];
  certificate:
    | { notAfter: string; issuer: string; spkiSha256: string; problem: string | undefined }
    | undefined;
  relay: string | undefined;
}

/** What is known of the server. */
export interface MailServerFacts {
  host: string;
  /** Hashes of keys in the DNS (TLSA `3 1 1`), in hex; empty where there are none. */
  publishedKeys: string[];
}

const seeLogs = 'Run: haven logs mail';

/** How a server begins that is ready (RFC 5321 §4.2, RFC 9051 §7.1.1, RFC 1939 §4). */
const ready = { smtp: '220', imap: '* OK', pop3: '+OK' };

/** Judges what a port answered over one family of addresses (`IPv4`). */
export function judgePort(
  port: MailPort,
  family: string,
  answer: PortAnswer,
  { host, publishedKeys }: MailServerFacts,
): MailCheck[] {
  const name = `port ${port.port} over ${family}`;
  const check = (of: string, isGood: boolean, evidence: string, remedy: string): MailCheck => ({
    what: `${name}: ${of}`,
    result: isGood ? 'good' : 'bad',
    evidence,
    ...(isGood ? {} : { remedy }),
  });
  const { certificate, greeting } = answer;
  const isReady = greeting.startsWith(ready[port.protocol]);
  const checks = [
    check(
      'answers',
      isReady && (port.protocol !== 'smtp' || /^220[ -](\S+)/.exec(greeting)?.[1] === host),
      `"${greeting}"`,
      `It should greet with the name ${host}. ${seeLogs}`,
    ),
    check(
      'certificate',
      certificate !== undefined && certificate.problem === undefined,
      certificate === undefined
        ? 'it offers no TLS'
        : (certificate.problem ??
            `valid until ${certificate.notAfter.slice(0, 10)}, by ${certificate.issuer}`),
      `It needs a valid certificate for ${host}. Run: haven up   To see why it has none: haven logs mail`,
    ),
  ];
  if (port.forServers && certificate && publishedKeys.length > 0)
    checks.push(
      check(
        'key in the DNS',
        publishedKeys.includes(certificate.spkiSha256),
        publishedKeys.includes(certificate.spkiSha256)
          ? 'it answers with a key that the DNS names'
          : `it answers with ${certificate.spkiSha256.slice(0, 12)}…, and the DNS names ${publishedKeys.map((each) => `${each.slice(0, 12)}…`).join(' and ')}`,
        'Servers that check it do not deliver. Run: haven up',
      ),
    );
  const logins = port.forServers
    ? [...answer.loginsInTheClear, ...answer.loginsOverTls]
    : answer.loginsInTheClear;
  checks.push(
    check(
      port.forServers ? 'no logins' : 'no passwords in the clear',
      logins.length === 0,
      logins.length === 0 ? 'none is offered' : `it offers ${[...new Set(logins)].join(', ')}`,
      `A password must not cross the network here. ${seeLogs}`,
    ),
  );
  if (!port.forServers)
    checks.push(
      check(
        'logins over TLS',
        answer.loginsOverTls.length > 0,
        answer.loginsOverTls.length > 0 ? answer.loginsOverTls.join(', ') : 'none is offered',
        `Nobody can log in with a mail program. ${seeLogs}`,
      ),
    );
  if (answer.relay !== undefined)
    checks.push(
      check(
        'refuses to relay',
        /^5/.test(answer.relay),
        `an email from outside to outside: "${answer.relay}"`,
        'Anyone can send spam through this server. Stop it now: haven stop mail',
      ),
    );
  return checks;
}

/** A port that did not answer. Networks of homes and offices often let nobody connect to port 25. */
export function judgeSilentPort(
  port: MailPort,
  family: string,
  why: string,
  answersElsewhere: boolean,
): MailCheck {
  const isOwnNetwork = port.port === 25 && answersElsewhere;
  return {
    what: `port ${port.port} over ${family}: answers`,
    result: isOwnNetwork ? 'unknown' : 'bad',
    evidence: why,
    remedy: isOwnNetwork
      ? 'The network of this computer may block port 25, as many do. Check it from another network.'
      : `Run: haven status   To see why: haven logs mail`,
  };
}
