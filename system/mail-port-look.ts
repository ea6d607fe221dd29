import { X509Certificate } from 'node:crypto';
import { keyHash } from './key-hash.ts';
import { LineConnection } from './line-connection.ts';
import { webTrust } from './web-trust.ts';

/** What a port of a mail server answers to a stranger. */
export interface MailPortLook {
  address: string;
  /** Its first line. */
  greeting: string;
  /** Ways to log in that it offers before TLS, in capitals (RFC 4954 §3). */
  loginsInTheClear: string[];
  /** The same over TLS. */
  loginsOverTls: string[];
  /** Its certificate; undefined where it has no TLS. */
  certificate:
    | { notAfter: string; issuer: string; spkiSha256: string; problem: string | undefined }
    | undefined;
  /** What it answers to an email for an address that is none of its own; undefined where that was not tried. */
  relay: string | undefined;
}

export interface MailPortQuestion {
  /** The name that its certificate must have. */
  host: string;
  address: string;
  port: number;
  protocol: 'smtp' | 'imap' | 'pop3';
  tls: 'from-the-start' | 'starttls';
  /** Try to hand in an email from one of these addresses to the other, without a login. Nothing is sent: it ends after RCPT. */
  relay?: { from: string; to: string };
  timeoutMs?: number;
}

/** The name that we give in EHLO. A stranger has none of their own (RFC 5321 §4.1.4 allows an address literal). */
const ourName = '[127.0.0.1]';

/** Connects, looks and leaves. Throws, with the reason, what the port did not answer. HAVEN_WEB_TRUST names more authorities. */
export async function lookAtMailPort(question: MailPortQuestion): Promise<MailPortLook> {
  const { host, address, port, tls, relay, timeoutMs = 15_000 } = question;
  const ca = webTrust();
  const connection = await LineConnection.open(address, port, timeoutMs);
  try {
    if (tls === 'from-the-start') await connection.startTls(host, ca);
    const dialog = dialogs[question.protocol](connection);
    const greeting = await dialog.greeting();
    const before = await dialog.logins();
    const isEncrypted = tls === 'from-the-start' || (await dialog.startTls());
    if (tls === 'starttls' && isEncrypted) await connection.startTls(host, ca);
    const after = tls === 'from-the-start' ? before : isEncrypted ? await dialog.logins() : [];
    const answer = relay && (await dialog.relay(relay.from, relay.to));
    const shown = connection.certificate;
    return {
      address: connection.address,
      greeting,
      loginsInTheClear: tls === 'from-the-start' ? [] : before,
      loginsOverTls: after,
      certificate: shown && { ...describe(shown.raw), issuer: shown.issuer, problem: shown.problem },
      relay: answer,
    };
  } finally {
    connection.close();
  }
}

interface Dialog {
  greeting(): Promise<string>;
  logins(): Promise<string[]>;
  /** Whether it is ready for TLS now. */
  startTls(): Promise<boolean>;
  relay(from: string, to: string): Promise<string>;
}

/** RFC 5321; an answer may have several lines, all but the last with a hyphen after the code (§4.2.1). */
function smtpDialog(connection: LineConnection): Dialog {
  const answer = () => linesUntil(connection, (line) => !/^\d{3}-/.test(line));
  const ask = async (command: string): Promise<string[]> => {
    connection.send(command);
    return answer();
  };
  let extensions: string[] = [];
  return {
    greeting: async () => (await answer())[0]!,
    logins: async () => {
      extensions = (await ask(`EHLO ${ourName}`)).map((line) => line.slice(4).toUpperCase());
      const offered = extensions.find((each) => /^AUTH[ =]/.test(each));
      return offered?.split(/[ =]/).slice(1) ?? [];
    },
    startTls: async () => extensions.includes('STARTTLS') && (await ask('STARTTLS'))[0]!.startsWith('220'),
    relay: async (from, to) => {
      const [accepted = ''] = await ask(`MAIL FROM:<${from}>`);
      return accepted.startsWith('250') ? (await ask(`RCPT TO:<${to}>`)).at(-1)! : accepted;
    },
  };
}

/** RFC 9051; what it can do is in the answer to CAPABILITY (§6.1.1). */
function imapDialog(connection: LineConnection): Dialog {
  let number = 0;
  const ask = async (command: string): Promise<string[]> => {
    number += 1;
    connection.send(`a${number} ${command}`);
    return linesUntil(connection, (line) => line.startsWith(`a${number} `));
  };
  return {
    greeting: () => connection.line(),
    logins: async () => {
      const words = (await ask('CAPABILITY')).join(' ').toUpperCase().split(' ');
      const logins = words.filter((each) => each.startsWith('AUTH=')).map((each) => each.slice(5));
      return [...(words.includes('LOGINDISABLED') ? [] : ['LOGIN']), ...logins].filter(isNew);
    },
    startTls: async () => / OK/.test((await ask('STARTTLS')).at(-1)!),
    relay: () => Promise.reject(new Error('IMAP sends nothing')),
  };
}

/** RFC 1939; what it can do is in the answer to CAPA, which ends with a dot (RFC 2449 §5, RFC 5034 §6). */
function pop3Dialog(connection: LineConnection): Dialog {
  const ask = async (command: string): Promise<string> => {
    connection.send(command);
    return connection.line();
  };
  return {
    greeting: () => connection.line(),
    logins: async () => {
      const first = await ask('CAPA');
      if (!first.startsWith('+OK')) return [];
      const able = (await linesUntil(connection, (line) => line === '.')).map((line) => line.toUpperCase());
      const mechanisms =
        able
          .find((each) => each.startsWith('SASL '))
          ?.split(' ')
          .slice(1) ?? [];
      return [...(able.includes('USER') ? ['USER'] : []), ...mechanisms];
    },
    startTls: async () => (await ask('STLS')).startsWith('+OK'),
    relay: () => Promise.reject(new Error('POP3 sends nothing')),
  };
}

const dialogs = { smtp: smtpDialog, imap: imapDialog, pop3: pop3Dialog };

/** An answer up to its last line. */
async function linesUntil(connection: LineConnection, isLast: (line: string) => boolean): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await connection.line();
    lines.push(line);
    if (lines.length > 100) throw new Error('an answer of more than 100 lines');
    if (isLast(line)) return lines;
  }
}

const isNew = (each: string, index: number, all: string[]): boolean => all.indexOf(each) === index;

const describe = (raw: Buffer): { notAfter: string; spkiSha256: string } => ({
  notAfter: new Date(new X509Certificate(raw).validTo).toISOString(),
  spkiSha256: keyHash(raw),
});
