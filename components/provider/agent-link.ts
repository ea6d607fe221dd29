import type ssh2 from 'ssh2';
import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { ServerStates } from '../../core/operations/state-history.ts';
import { connect, execute, NoConnection, quoted, type SshResult, type SshTarget } from '../../system/ssh.ts';
import { putCommand } from '../cloud-init.ts';
import { KeptConnection } from './kept-connection.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties } from './serve.ts';

/** Something on the server could not be asked, so nothing is known about it. */
export class Unanswered extends Error {}

/** The server could not be reached, so nothing is known about it. */
export class Unreachable extends Unanswered {
  /** What to do, if it is not to look whether the server is running; the message is a whole sentence then. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * How long a server may take for an answer that it has at once, for a look at everything, which takes it half a second
 * when nothing is wrong, and to set itself up, in milliseconds.
 */
export const agentLimits = { quickMs: 15_000, lookMs: 25_000, bringMs: 20 * 60_000 };

/** The agent was asked and refused, in its own words. */
export class AgentRefusal extends Error {}

/** Undefined if the server can't be asked. The plan says what is not verified then, and since when. */
export async function ifReachable<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

/** The agent of one server, over SSH. Calls in quick succession share a connection. */
export class AgentLink {
  readonly #target: SshTarget;
  readonly #connection: KeptConnection<ssh2.Client>;

  /** Tries for `patienceMs` to connect; keeps a connection for the next call for `idleMs`. */
  constructor(
    host: string,
    hostKey: string,
    privateKey: string,
    {
      patienceMs = 60_000,
      idleMs = 250,
      port = 22,
    }: { patienceMs?: number; idleMs?: number; port?: number } = {},
  ) {
    this.#target = { host, hostKey, privateKey, user: 'haven', port };
    this.#connection = new KeptConnection({
      open: () => this.#connect(patienceMs),
      end: (client) => client.end(),
      idleMs,
    });
  }

  get host(): string {
    return this.#target.host;
  }

  /** Ends the connection, if there is one; the next call makes another. */
  close(): void {
    this.#connection.close();
  }

  /** A question that the agent answers at once: one that takes longer means that the server does not work. */
  ask<T>(command: string[], limitMs = agentLimits.quickMs): Promise<T> {
    const why = `its agent gives no answer within ${limitMs / 1000} s.`;
    return this.#within(limitMs, why, this.call<T>(command));
  }

  /** A look at everything on the server. */
  look<T>(command: string[]): Promise<T> {
    return this.ask(command, agentLimits.lookMs);
  }

  async call<T>(command: string[], input = '', onLine?: (line: string) => void): Promise<T> {
    return this.#connection.use(async (client) => {
      const result = await this.#run(client, ['/usr/local/bin/haven-agent', ...command], input, onLine);
      // The server's first boot is not finished, so it can't answer yet.
      if (/haven-agent: command not found/.test(result.stderr)) {
        await this.#assertNoOlderAgent(client);
        throw new Unreachable(
          `${this.host} has no agent yet: its first start is not finished.`,
          'Wait a few minutes, then run the command again.',
        );
      }
      if (result.code !== 0)
        throw new AgentRefusal(result.stderr.trim() || `the agent exited with status ${result.code}`);
      const last = result.stdout.trim().split('\n').at(-1);
      return (last ? parseAnswer(last) : undefined) as T;
    });
  }

  /**
   * Brings the agent itself: its text as `putAgent` in components/cloud-init.ts takes it, and that program's arguments. It
   * waits for the packages of a first start, and for Docker where that starts again.
   */
  async bring(text: string, args: string[]): Promise<void> {
    const { bringMs } = agentLimits;
    await this.#connection.use((client) =>
      this.#within(
        bringMs,
        `the agent was not set up within ${bringMs / 60_000} minutes.`,
        this.#run(client, [putCommand, ...args], text).then(({ code, stderr }) => {
          if (code !== 0) throw new AgentRefusal(stderr.trim() || `its set-up ended with status ${code}`);
        }),
      ),
    );
  }

  async #run(
    client: ssh2.Client,
    command: string[],
    input: string,
    onLine?: (line: string) => void,
  ): Promise<SshResult> {
    try {
      return await execute(client, `sudo ${command.map(quoted).join(' ')}`, input, onLine);
    } catch (error) {
      // A connection with an error is never reused, whether or not it has noticed its own end.
      this.#connection.drop(client);
      throw error;
    }
  }

  /** Ends the connection when something takes longer: what still waits is not used any more. */
  async #within<T>(limitMs: number, why: string, work: Promise<T>): Promise<T> {
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => reject(new Unreachable(why, restart)), limitMs);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      if (error instanceof Unreachable) this.close();
      throw error;
    } finally {
      clearTimeout(limit);
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

  async #connect(patienceMs: number): Promise<ssh2.Client> {
    let client: ssh2.Client;
    try {
      client = await connect(this.#target, patienceMs);
    } catch (error) {
      if (!(error instanceof NoConnection)) throw error;
      throw new Unreachable(error.message, error.remedy);
    }
    const drop = () => this.#connection.drop(client);
    client.on('end', drop).on('close', drop).on('error', drop);
    return client;
  }

  /**
   * Takes or renews the deploy lock. The agent refuses if another run holds it, if the agent is newer than this
   * program, or if the run would change the cloud by a state that is not the newest.
   */
  takeLock(claim: LockClaim): Promise<ServerStates> {
    return this.call(['deploy-lock-take', JSON.stringify(claim)]);
  }
}

const restart = 'Restart the server in the Hetzner console, then run the command again.';

function parseAnswer(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Unreachable(
      "its agent gives an answer that this version of haven doesn't understand.",
      'Run: haven up   It brings the agent of this version.',
    );
  }
}

/** The agent that a resource's inputs name. */
export const agentOf = (inputs: Properties, patienceMs?: number): AgentLink =>
  new AgentLink(
    String(inputs.host),
    String(inputs.hostKey),
    RunFolder.fromEnvironment().sshKey(),
    patienceMs === undefined ? {} : { patienceMs },
  );

/** The result of a read when something can't be asked: what was known, and since when it is unverified. */
export async function orUnverified<T extends { outputs: Properties }>(
  what: string,
  known: T,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const run = RunFolder.fromEnvironment();
  try {
    const seen = await look();
    run.noteVerified(what);
    return seen;
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    const since = run.verified()[what] ?? String(known.outputs.verifiedAt ?? 'ever');
    run.noteUnverified(what, error.message, since);
    return known;
  }
}
