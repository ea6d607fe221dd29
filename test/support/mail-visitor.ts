import { join } from 'node:path';
import { builtReference } from '../../core/release/image-references.ts';
import { ensureBuilt } from '../../sandbox/images/build-folder.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { network } from '../../sandbox/machine/network.ts';
import { contextHash } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import type { RunOptions, RunResult } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { startComputer } from './computer.ts';

/** What a mail server answered to a command. */
export interface Answer {
  code: number;
  text: string;
}

/** An email to hand in, or only the first commands of that. */
export interface SmtpVisit {
  host: string;
  port: number;
  tls?: 'starttls' | 'implicit' | undefined;
  user?: string;
  password?: string;
  /** Commands before the email, with their arguments. */
  raw?: [verb: string, argument: string][];
  from?: string;
  to?: string[];
  /** Its size as the client announces it, in bytes. */
  size?: number;
  message?: string;
}

/** By command; those after the first refusal are missing. */
export type SmtpAnswers = Partial<
  Record<'ehlo' | 'starttls' | 'ehloAfterTls' | 'auth' | 'mail' | 'rcpt' | 'data', Answer>
> &
  Record<string, Answer | undefined>;

/** A computer elsewhere on the sandbox's internet. What it sees of a mail server is seen by programs that others wrote. */
export class MailVisitor {
  readonly ipv4: string;
  readonly ipv6: string;
  readonly #container: string;

  private constructor(container: string, ipv4: string, ipv6: string) {
    this.#container = container;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** `at` is where it is on the sandbox's internet. */
  static async start(
    name: string,
    at = { ipv4: network.mailVisitorIpv4 as string, ipv6: network.mailVisitorIpv6 as string },
  ): Promise<MailVisitor> {
    const folder = join(projectRoot, 'test/support/mail-visitor');
    const { reference } = await ensureBuilt(builtReference('mail-visitor', contextHash(folder)), folder);
    const container = `haven-sandbox-visitor-${name}`;
    await startComputer(container, { ...at, program: [reference] });
    await docker(['exec', '-d', container, 'receive.py']);
    await docker(['exec', '-d', container, 'serve-names', at.ipv4]);
    return new MailVisitor(container, at.ipv4, at.ipv6);
  }

  async stop(): Promise<void> {
    await tryDocker(['rm', '-f', this.#container]);
  }

  /** Runs a program on it; answers also when that fails. */
  run = (command: string[], options?: RunOptions): Promise<RunResult> =>
    tryDocker(['exec', '-i', this.#container, ...command], options);

  smtp = (visit: SmtpVisit): Promise<SmtpAnswers> => this.#visit('smtp', visit);

  imap = (visit: {
    host: string;
    user: string;
    password: string;
    folder?: string;
  }): Promise<{ messages?: string[]; refused?: string }> => this.#visit('imap', visit);

  /** The same by POP3. */
  pop3 = (visit: {
    host: string;
    user: string;
    password: string;
  }): Promise<{ messages?: string[]; refused?: string }> => this.#visit('pop3', visit);

  /** Logs in, by IMAP unless it says POP3, and stays so. Answers with what ends it, which says whether the connection still worked. */
  async hold(visit: {
    host: string;
    user: string;
    password: string;
    protocol?: 'pop3';
  }): Promise<() => Promise<string>> {
    const exec = (...command: string[]) => tryDocker(['exec', this.#container, ...command]);
    const order = JSON.stringify({ ...visit, visit: 'hold' });
    await docker(['exec', '-d', this.#container, 'visit.py', order]);
    await waitUntil('the login', async () => (await exec('test', '-e', '/tmp/held')).code === 0);
    return async () => {
      await exec('touch', '/tmp/held.end');
      const answer = await waitUntil('the answer', async () => {
        const { code, stdout } = await exec('cat', '/tmp/held.answer');
        return code === 0 ? stdout : undefined;
      });
      return JSON.parse(answer).answer;
    };
  }

  /** What a server says to these bytes. */
  raw = (host: string, port: number, bytes: Buffer): Promise<{ text: string; ended: string }> =>
    this.#visit('raw', { host, port, bytes: bytes.toString('base64') });

  /** The certificate that a TLS port shows, as PEM. */
  certificate = async (host: string, port: number): Promise<string> =>
    (await this.#visit<{ pem: string }>('certificate', { host, port })).pem;

  /** Whether dkimpy finds an email's signature valid, with these TXT records. */
  verify = async (message: Buffer, records: Record<string, string>): Promise<boolean> =>
    (await this.#visit<{ valid: boolean }>('verify', { message: message.toString('base64'), records })).valid;

  /** Emails that its own mail server received, as they came. */
  async received(): Promise<Buffer[]> {
    const { stdout } = await docker([
      'exec',
      this.#container,
      'sh',
      '-c',
      'cd /received && for i in $(ls | grep -v draft); do base64 -w0 $i; echo; done',
    ]);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => Buffer.from(line, 'base64'));
  }

  async #visit<T>(visit: string, order: object): Promise<T> {
    const input = JSON.stringify({ ...order, visit });
    const { stdout } = await docker(['exec', '-i', this.#container, 'visit.py'], { input });
    return JSON.parse(stdout);
  }
}
