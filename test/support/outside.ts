import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { webRootsFile } from '../../sandbox/host/paths.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { inNetworkOf, network } from '../../sandbox/machine/network.ts';
import { run } from '../../system/run.ts';
import { startComputer } from './computer.ts';

/** A computer somewhere else on the sandbox's internet. */
const visitor = 'haven-sandbox-visitor';

export async function startVisitor(): Promise<void> {
  const { visitorIpv4: ipv4, visitorIpv6: ipv6, internetIpv4 } = network;
  await startComputer(visitor, { ipv4, ipv6, options: ['--dns', internetIpv4] });
  await docker(['cp', webRootsFile, `${visitor}:/roots.pem`]);
}

/** Runs a command on it. */
export async function fromOutside(command: string[]): Promise<{ stdout: string; code: number }> {
  return tryDocker(['exec', visitor, ...command]);
}

/** All TCP ports that answer at an address, from outside; nmap asks. Only for addresses of the sandbox. */
export async function openPorts(address: string): Promise<number[]> {
  const [enter = '', ...there] = await inNetworkOf(visitor);
  const family = address.includes(':') ? ['-6'] : [];
  const scan = ['-sS', '-Pn', '-n', '-p-', '--min-rate', '30000', '--max-retries', '1', '-oG', '-'];
  const { stdout } = await run(enter, [...there, 'nmap', ...family, ...scan, address], {
    timeoutMs: 240_000,
  });
  return [...stdout.matchAll(/(\d+)\/open\/tcp/g)].map((each) => Number(each[1])).sort((x, y) => x - y);
}

/** Writes rows through the reverse proxy without pause, and remembers those that were acknowledged. */
export class OutsideWriter {
  readonly acknowledged: string[] = [];
  readonly refused: Record<string, number> = {};
  #running = true;
  readonly #lanes: Promise<void>[];
  readonly #host: string;
  readonly #address: string;
  readonly #agent: Agent;

  constructor(host: string, address: string, lanes = 3) {
    this.#host = host;
    this.#address = address;
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(webRootsFile) });
    this.#lanes = Array.from({ length: lanes }, (_, lane) => this.#write(lane));
  }

  async #write(lane: number): Promise<void> {
    for (let number = 0; this.#running; number++) {
      const id = `${process.pid}-${Date.now()}-${lane}-${number}`;
      const answer = await this.#ask('POST', `/rows?id=${id}`);
      if (answer.status === 200) this.acknowledged.push(id);
      else {
        this.refused[answer.status] = (this.refused[answer.status] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
  }

  async rows(): Promise<Set<string>> {
    const { status, body } = await this.#ask('GET', '/rows', 20_000);
    if (status !== 200) throw new Error(`/rows answers ${status}`);
    return new Set(body.split('\n').filter(Boolean));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#lanes);
  }

  #ask(method: string, path: string, timeout = 2000): Promise<{ status: number; body: string }> {
    return new Promise((resolve) => {
      const options = {
        host: this.#address,
        servername: this.#host,
        headers: { host: this.#host },
        method,
        path,
        agent: this.#agent,
        timeout,
      };
      const asked = request(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
        answer.on('error', () => resolve({ status: 0, body: '' }));
      });
      asked.on('timeout', () => asked.destroy(new Error('timeout')));
      asked.on('error', () => resolve({ status: 0, body: '' }));
      asked.end();
    });
  }
}
