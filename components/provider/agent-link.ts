import type ssh2 from 'ssh2';
import { connect, execute, quoted, type SshTarget } from '../../system/ssh.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties } from './serve.ts';

/** The server could not be reached, so nothing is known about it. */
export class Unreachable extends Error {}

/** The newest protocol that this haven speaks. `up` upgrades an older agent; a newer one is left alone. */
export const knownProtocol = 1;

/** How long a connection is kept open for the next call. */
const idleMs = 250;

/** The agent of one server, over SSH. Calls in quick succession share a connection. */
export class AgentLink {
  readonly #target: SshTarget;
  readonly #patienceMs: number;
  #client: ssh2.Client | undefined;
  #busy = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(host: string, hostKey: string, privateKey: string, patienceMs = 60_000) {
    this.#target = { host, hostKey, privateKey, user: 'haven' };
    this.#patienceMs = patienceMs;
  }

  get host(): string {
    return this.#target.host;
  }

  async call<T>(command: string[], input = '', onLine?: (line: string) => void): Promise<T> {
    const client = await this.#connection();
    this.#busy += 1;
    try {
      const line = `sudo /usr/local/bin/haven-agent ${command.map(quoted).join(' ')}`;
      const result = await execute(client, line, input, onLine).catch((error: unknown) => {
        // A connection with an error is never reused, whether or not it has noticed its own end.
        this.#forget(client);
        client.end();
        throw error;
      });
      // The server's first boot is not finished, so it can't answer yet.
      if (/haven-agent: command not found/.test(result.stderr)) {
        await this.#assertNoOlderAgent(client);
        throw new Unreachable(`${this.host} has no agent yet`);
      }
      if (result.code !== 0)
        throw new Error(result.stderr.trim() || `the agent exited with status ${result.code}`);
      const last = result.stdout.trim().split('\n').at(-1);
      return (last ? JSON.parse(last) : undefined) as T;
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0) this.#idle = setTimeout(() => this.#hangUp(), idleMs);
    }
  }

  /** A server that an earlier version set up (format 1) runs an agent of another name. It is left alone. */
  async #assertNoOlderAgent(client: ssh2.Client): Promise<void> {
    const older = await execute(client, 'test -e /usr/local/bin/haven-steward');
    if (older.code === 0)
      throw new Error(
        `${this.host} was set up by an earlier version of OpenHaven (format 1). This version can't manage it. Nothing was changed. Remove that cloud with the version that made it: haven destroy --with-data   Then run: haven up`,
      );
  }

  #forget(client: ssh2.Client): void {
    if (this.#client === client) this.#client = undefined;
  }

  #hangUp(): void {
    this.#client?.end();
    this.#client = undefined;
  }

  async #connection(): Promise<ssh2.Client> {
    clearTimeout(this.#idle);
    if (this.#client) return this.#client;
    let client: ssh2.Client;
    try {
      client = await connect(this.#target, this.#patienceMs);
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    }
    const forget = () => this.#forget(client);
    client.on('end', forget).on('close', forget).on('error', forget);
    this.#client = client;
    return client;
  }

  /**
   * Takes the deploy lock. The agent refuses if another deploy holds it, or if the agent is newer than this program.
   */
  async greet(deployLock: { id: string; holder: string }): Promise<void> {
    await this.call(['deploy-lock-take', deployLock.id, deployLock.holder, String(knownProtocol)]);
  }
}

/** The agent that a resource's inputs name. */
export const agentOf = (inputs: Properties, patienceMs?: number): AgentLink =>
  new AgentLink(
    String(inputs.host),
    String(inputs.hostKey),
    RunFolder.fromEnvironment().sshKey(),
    patienceMs,
  );

/** The result of a read when the server can't be reached: what was known, and since when it is unverified. */
export async function orUnverified<T extends { outputs: Properties }>(
  what: string,
  known: T,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const since = String(known.outputs.verifiedAt ?? 'ever');
    RunFolder.fromEnvironment().noteUnverified(what, error.message, since);
    return known;
  }
}
