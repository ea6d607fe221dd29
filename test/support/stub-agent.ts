import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import ssh2 from 'ssh2';
import type { Together } from '../../agent/server/together.ts';
import { generateSshKey, type SshKeyPair } from '../../core/ssh-key.ts';

/** What a stub agent answers to one command: a value, which it prints as JSON, or text as it is. */
export type StubAnswer = (args: string[], input: string) => unknown;

/** Printed as it is, as logs are. */
export class Text {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Answers of an agent that gives none: it goes on for ever, or the connection ends. */
export const silence = 'silence';
export const cutOff = 'cut off';

/**
 * A stub of a server with an agent: a real SSH server in the test's own process, which lets in the one key and answers
 * `haven-agent COMMAND` with what the test says. Nothing behind it is real: no container, no journal.
 */
export class StubAgent {
  readonly hostKey: SshKeyPair;
  /** Each command that was asked, with its arguments and what came on standard input. */
  readonly asked: { command: string; args: string[]; input: string }[] = [];
  /** By command; one that is not named is refused. A function that throws refuses with its message. */
  readonly answers: Record<string, StubAnswer>;
  readonly #server: ssh2.Server;
  readonly #clients: ssh2.Connection[] = [];

  private constructor(hostKey: SshKeyPair, answers: Record<string, StubAnswer>) {
    this.hostKey = hostKey;
    this.answers = answers;
    this.#server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
      client.on('error', () => undefined);
      this.#clients.push(client);
      // It has it as the client has (ssh2's README); its types forgot it.
      (client as ssh2.Connection & { setNoDelay(on: boolean): void }).setNoDelay(true);
      client.on('authentication', (context) => {
        if (context.method === 'publickey' && this.#isKnown(context.key.data)) context.accept();
        else context.reject(['publickey']);
      });
      client.on('session', (accept) => {
        const session = accept();
        session.on('exec', (acceptExec, _reject, { command }) => this.#run(acceptExec(), command));
      });
    });
  }

  #clientKey: Buffer | undefined;
  #isKnown(key: Buffer): boolean {
    return this.#clientKey?.equals(key) ?? false;
  }

  static async listen(
    clientKey: string,
    answers: Record<string, StubAnswer> = {},
    hostKey = generateSshKey('stub'),
  ): Promise<StubAgent> {
    const agent = new StubAgent(hostKey, answers);
    agent.#clientKey = Buffer.from(clientKey.split(/\s+/)[1]!, 'base64');
    await new Promise<void>((resolve) => agent.#server.listen(0, '127.0.0.1', () => resolve()));
    return agent;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    for (const each of this.#clients) each.end();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #run(stream: ssh2.ServerChannel, line: string): void {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const [text, code] = this.#answer(line, Buffer.concat(chunks).toString());
      if (text === silence) return;
      if (text === cutOff) {
        this.#clients.forEach((each) => void each.end());
        return;
      }
      const output = code === 0 ? stream : stream.stderr;
      // The client may have ended the connection meanwhile.
      if (!output.writable) return;
      output.write(text);
      stream.exit(code);
      stream.end();
    });
  }

  /** Questions that were asked together, each answered as if it had been asked alone. */
  #together(questions: string[]): Together {
    return questions.map((each) => {
      const [text, code] = this.#answer(`sudo haven-agent ${each}`, '');
      return code === 0 ? { answer: JSON.parse(text) } : { why: text.trim() };
    });
  }

  #answer(line: string, input: string): [text: string, code: number] {
    const [command = '', ...args] = commandOf(wordsOf(line));
    this.asked.push({ command, args, input });
    const answer = this.answers[command];
    if (!answer && command === 'together') return [`${JSON.stringify(this.#together(args))}\n`, 0];
    if (!answer) return [`stub: no answer to "${command}"\n`, 1];
    try {
      const value = answer(args, input);
      return [value instanceof Text ? value.text : `${JSON.stringify(value)}\n`, 0];
    } catch (error) {
      return [`${(error as Error).message}\n`, 1];
    }
  }
}

/** The agent's own commands by their names, any other program with its own name before them. */
function commandOf(words: string[]): string[] {
  if (words[0] !== 'sudo') return ['shell', ...words];
  const program = basename(words[1] ?? '');
  return program === 'haven-agent' ? words.slice(2) : [program, ...words.slice(2)];
}

/** The words of a command line as `quoted` (system/ssh.ts) writes them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\'/g, (_, inner: string | undefined) => inner ?? "'"),
  );
}
