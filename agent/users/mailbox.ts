import { randomBytes, timingSafeEqual } from 'node:crypto';
import { SMTPServer } from 'smtp-server';
import { plainText } from '../../system/plain-text.ts';

/** What a mailbox takes: one email to one address, sent by one container, with a link that it looks for. */
export interface Expected {
  /** Address at which the mailbox listens. */
  address: string;
  /** The only address that may connect. */
  peer: string;
  /** The only recipient. */
  to: string;
  /** The link in an email; undefined if it is not the expected email. */
  linkIn: (message: string) => string | undefined;
  timeoutMs: number;
  /** Is told what was refused. */
  log: (refused: string) => void;
}

export interface Mailbox {
  /** How to send to it, in Keycloak's terms. */
  smtpServer: Record<string, string>;
  link: Promise<string>;
  close(): Promise<void>;
}

/**
 * Receives one email and gives its link; nothing is sent on. Every container on the server's bridges reaches the
 * address where it listens, and the link lets its owner choose a user's password. So it takes email from one peer only,
 * with a password that exists for this one session, to one recipient, with a link to the expected place. It refuses and
 * logs everything else, and goes on waiting.
 */
export async function openMailbox(expected: Expected): Promise<Mailbox> {
  const { address, timeoutMs } = expected;
  const password = randomBytes(32).toString('base64url');
  let take: (link: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const link = new Promise<string>((resolve, reject) => {
    take = resolve;
    fail = reject;
  });
  const late = `Keycloak did not send the expected email within ${timeoutMs / 1000} s.`;
  const timer = setTimeout(() => fail(new Error(`${late} Run: haven logs keycloak`)), timeoutMs);
  // If the mailbox fails before anyone waits for it, the error surfaces elsewhere; this avoids an unhandled
  // rejection.
  link.catch(() => undefined);
  const server = serverFor(expected, password, take);
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, address, resolve);
  });
  // A client that breaks off does not end the wait for the expected one.
  server.removeAllListeners('error');
  server.on('error', ({ message }) => expected.log(`a connection failed: ${plainText(message, 200)}`));
  const bound = server.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the mailbox has no port');
  return {
    smtpServer: { host: address, port: String(bound.port), auth: 'true', user, password },
    link,
    close: () =>
      new Promise<void>((resolve) => {
        clearTimeout(timer);
        server.close(() => resolve());
      }),
  };
}

const user = 'haven';

function serverFor(expected: Expected, password: string, take: (link: string) => void): SMTPServer {
  /** Answers with a refusal; 550 is "no access or policy reasons" (RFC 5321 §4.2.3). */
  const refuse = (from: string, why: string): Error => {
    expected.log(`${plainText(from, 50)}: ${why}`);
    return Object.assign(new Error('refused'), { responseCode: 550 });
  };
  return new SMTPServer({
    authMethods: ['PLAIN', 'LOGIN'],
    // So that an email without a password is logged; `onMailFrom` refuses it.
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    // It never leaves this server.
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: 1024 * 1024,
    onConnect({ remoteAddress }, done) {
      done(remoteAddress === expected.peer ? null : refuse(remoteAddress, 'not the container of the login'));
    },
    onAuth(given, { remoteAddress }, done) {
      if (given.username === user && isSame(given.password ?? '', password)) done(null, { user });
      else done(refuse(remoteAddress, 'not the password of this session'));
    },
    onMailFrom(_, { remoteAddress, user }, done) {
      done(user ? null : refuse(remoteAddress, 'no password'));
    },
    onRcptTo({ address }, { remoteAddress }, done) {
      const isExpected = address.toLowerCase() === expected.to.toLowerCase();
      done(isExpected ? null : refuse(remoteAddress, `an email to ${plainText(address, 200)}`));
    },
    onData(stream, { remoteAddress }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const link = stream.sizeExceeded ? undefined : expected.linkIn(Buffer.concat(chunks).toString());
        if (link === undefined) return done(refuse(remoteAddress, 'an email without a link to the login'));
        take(link);
        done();
      });
    },
  });
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
