import type { CertificateState } from '../../agent/certificates/certificate.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { ServerState } from '../../agent/server/server-look.ts';
import type { StateLook } from '../../agent/server/state-calls.ts';
import type { AlarmWays } from '../../core/alarms/alarm-ways.ts';
import type { BackupSettings } from '../../core/backups/backup-settings.ts';
import { type AgentLink, Unanswered } from './agent-link.ts';

/** What an agent says of everything on its server, in answer to one call. */
export interface ServerLook {
  services: ServiceState[];
  certificates: CertificateState[];
  /** Left out by an older agent. */
  alarms?: AlarmWays | null;
  /** Left out by an older agent. */
  backups?: BackupSettings | null;
  /** sha256 of the agent's own file, hex. Left out by an older agent. */
  agent?: string;
  /** The server's own set-up. Left out by an older agent. */
  server?: ServerState;
  /** The copies of the state, and who holds the deploy lock. Left out by an older agent. */
  states?: StateLook;
}

type Asked = Pick<AgentLink, 'host' | 'look'>;

/**
 * The engine reads resource by resource. To ask the server for each would take a connection and a start of the agent
 * each time, which is most of what a plan costs. So a server is asked once in a run of the engine, and once more after
 * each change there.
 */
export class ServerLooks {
  #looks = new Map<string, Promise<ServerLook>>();
  /** For the next run of the engine. */
  #ahead = new Map<string, Promise<ServerLook>>();

  async service(agent: Asked, service: string): Promise<ServiceState | undefined> {
    const { services } = await this.#of(agent);
    return services.find((each) => each.service === service);
  }

  async certificate(agent: Asked, name: string): Promise<CertificateState | undefined> {
    const { certificates } = await this.#of(agent);
    return certificates.find((each) => each.name === name);
  }

  async agent(agent: Asked): Promise<string | undefined> {
    return (await this.#of(agent)).agent;
  }

  async alarms(agent: Asked): Promise<AlarmWays | undefined> {
    return (await this.#of(agent)).alarms ?? undefined;
  }

  async backups(agent: Asked): Promise<BackupSettings | undefined> {
    return (await this.#of(agent)).backups ?? undefined;
  }

  /** What of the server's own set-up differs. Throws {@link Unanswered} if that is not known. */
  async setUp(agent: Asked): Promise<string[]> {
    const { server } = await this.#of(agent);
    if (!server) throw new Unanswered('the agent on the server is an older one, which does not look at it');
    if ('unread' in server) throw new Unanswered(server.unread);
    return server.differs;
  }

  /**
   * Asks a server for a run of the engine that begins now, unless it has been asked for that: the answer takes about as long
   * as the engine's start.
   */
  askAhead(agent: Asked): Promise<ServerLook> {
    const look = this.#ahead.get(agent.host) ?? ask(agent);
    this.#ahead.set(agent.host, look);
    return look;
  }

  /** A run of the engine begins: what an earlier one saw is old. */
  begin(): void {
    this.#looks = this.#ahead;
    this.#ahead = new Map();
  }

  /** Drops what was seen: something on a server may have changed. */
  forget(): void {
    this.#looks.clear();
    this.#ahead.clear();
  }

  #of(agent: Asked): Promise<ServerLook> {
    const known = this.#looks.get(agent.host);
    if (known) return known;
    const look = ask(agent);
    this.#looks.set(agent.host, look);
    return look;
  }
}

function ask(agent: Asked): Promise<ServerLook> {
  const look = agent.look<ServerLook>(['look']);
  // Each resource that reads it is told. Nobody may read one that was asked ahead.
  look.catch(() => undefined);
  return look;
}

/** The looks of this process, which serves one run of the engine at a time. */
export const serverLooks = new ServerLooks();
