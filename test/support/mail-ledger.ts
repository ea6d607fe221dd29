import { waitUntil } from '../../system/wait-until.ts';
import type { MailVisitor } from './mail-visitor.ts';

/** How the sender hands emails in: as another server does, or as a mail program with a login. */
export interface LedgerWay {
  host: string;
  port: number;
  from: string;
  to: string;
  user?: string;
  password?: string;
}

/**
 * A sender on a visitor's computer (mail-visitor/ledger.py) that writes down each email that was answered with 250, on disk before
 * the next is sent.
 */
export class MailLedger {
  readonly #visitor: MailVisitor;

  constructor(visitor: MailVisitor) {
    this.#visitor = visitor;
  }

  /** One lane for each way; `pauseSeconds` is what each lane waits after an email. */
  async start(order: { run: string; seed: number; pauseSeconds: number; ways: LedgerWay[] }): Promise<void> {
    const { pauseSeconds, ...rest } = order;
    const words = JSON.stringify({ do: 'send', pause: pauseSeconds, ...rest });
    // Left running: it ends when it is told to.
    const begin = 'mkdir -p /ledger; rm -f /ledger/*; setsid ledger.py "$0" > /ledger/log 2>&1 &';
    await this.#visitor.run(['sh', '-c', begin, words]);
  }

  async stop(): Promise<void> {
    await this.#visitor.run(['touch', '/ledger/stop']);
    const hasStopped = async () => (await this.#visitor.run(['test', '-e', '/ledger/stopped'])).code === 0;
    await waitUntil('the sender to stop', hasStopped, { timeoutMs: 60_000 });
  }

  /** What was answered with 250, by the sender's own number. */
  acknowledged = (): Promise<string[]> => this.#numbers('acknowledged');

  /** What was refused or cut off: the line has the time and the reason. */
  async failed(): Promise<string[]> {
    return (await this.#visitor.run(['cat', '/ledger/failed'])).stdout.split('\n').filter(Boolean);
  }

  /** Waits until `more` emails were accepted since now. */
  async progress(more: number, { timeoutMs = 120_000 } = {}): Promise<void> {
    const before = (await this.acknowledged()).length;
    const isDone = async () => (await this.acknowledged()).length >= before + more;
    await waitUntil(`${more} more emails to be accepted`, isDone, { timeoutMs, everyMs: 500 });
  }

  /** The numbers of its emails in a mailbox, once for each copy. */
  async found(login: { host: string; user: string; password: string }): Promise<string[]> {
    const words = JSON.stringify({ do: 'read', folders: ['INBOX', 'Junk'], ...login });
    const { code, stdout, stderr } = await this.#visitor.run(['ledger.py', words], { timeoutMs: 180_000 });
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as string[];
  }

  async #numbers(file: string): Promise<string[]> {
    const { stdout } = await this.#visitor.run(['cat', `/ledger/${file}`]);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ')[0] ?? '');
  }
}

/** What became of promised emails: those that are in no mailbox, and those that are there more than once. */
export function judgeLedger(acknowledged: string[], found: string[]): { lost: string[]; repeated: string[] } {
  const seen = new Set(found);
  const repeated = found.filter((each, index) => found.indexOf(each) !== index);
  return { lost: acknowledged.filter((each) => !seen.has(each)), repeated: [...new Set(repeated)] };
}
