import assert from 'node:assert/strict';
import { waitUntil } from '../../system/wait-until.ts';
import type { MailVisitor } from './mail-visitor.ts';

/** Who brought an email to the visitor's own mail server, and the email. */
export interface Delivery {
  peer: string;
  helo: string;
  from: string;
  to: string[];
  message: string;
}

/** Programs that others wrote, on a visitor's computer, and the DNS that they and the cloud's resolver see. */
export class MailJudges {
  readonly #visitor: MailVisitor;

  constructor(visitor: MailVisitor) {
    this.#visitor = visitor;
  }

  /** Publishes names, each as a line of a zone, beside those that the visitor serves anyway; its own programs ask there, too. */
  async publish(lines: string[]): Promise<void> {
    const input = lines.map((line) => `local-data: '${line}'\n`).join('');
    await this.#must(['sh', '-c', 'cat > /names; echo nameserver 127.0.0.1 > /etc/resolv.conf'], input);
    await this.#must([
      'sh',
      '-c',
      `pkill -x unbound; setsid serve-names ${this.#visitor.ipv4} > /dev/null 2>&1 &`,
    ]);
    await waitUntil(
      'the name server',
      async () => (await this.#visitor.run(['getent', 'hosts', 'mx.elsewhere.example'])).code === 0,
    );
  }

  /** A Debian package and its version, such as `swaks 20240103.0-1`. */
  async named(judge: string): Promise<string> {
    const version = await this.#must(['dpkg-query', '-W', '-f', '${Version}', judge]);
    return `${judge} ${version}`;
  }

  /** swaks(1): the whole conversation, and its exit status, which is 0 if everything was accepted. */
  swaks = (...words: string[]): Promise<{ code: number; text: string }> =>
    this.run('swaks', '--helo', 'visitor.example', '--timeout', '60', ...words);

  async run(...command: string[]): Promise<{ code: number; text: string }> {
    const { code, stdout, stderr } = await this.#visitor.run(command, { timeoutMs: 10 * 60_000 });
    return { code, text: stdout + stderr };
  }

  /** Writes a file on the visitor's computer. */
  async put(path: string, content: string): Promise<void> {
    await this.#must(['sh', '-c', 'cat > "$0"', path], content);
  }

  /** What its mail server received, with who brought it; the newest first. */
  async deliveries(): Promise<Delivery[]> {
    const script =
      'import json,os;print(json.dumps([{**json.load(open(f"/envelopes/{n}")),"message":open(f"/received/{n}",errors="replace",newline="").read()} for n in sorted((n for n in os.listdir("/received") if n.isdigit()),key=int,reverse=True)]))';
    return JSON.parse(await this.#must(['python3', '-c', script])) as Delivery[];
  }

  async #must(command: string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.#visitor.run(command, input === undefined ? {} : { input });
    assert.equal(code, 0, stderr);
    return stdout;
  }
}

/** The server's last answer in a conversation of swaks that refused something: `550 5.1.1 …`; undefined if it refused nothing. */
export const refusal = (text: string): string | undefined =>
  [...text.matchAll(/^<[~*]\* +(\d{3} .*)$/gm)].at(-1)?.[1];

/** The first line of a text that has this in it, for an excerpt. */
export const lineWith = (text: string, found: RegExp): string =>
  text
    .split('\n')
    .find((line) => found.test(line))
    ?.trim() ?? '';
