import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import type { ReleaseRoute } from '../../core/release/release.ts';
import { renderRoutes } from '../../core/release/routes.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { examplePlan } from './example-plan.ts';
import { freePort, goProgram } from './go-program.ts';
import { scratch } from './scratch.ts';

/** The real Caddy with routes as the agent writes them, but unencrypted and at one port of loopback. */
export class Caddy {
  readonly #program: ChildProcess;
  readonly #port: number;

  private constructor(program: ChildProcess, port: number) {
    this.#program = program;
    this.#port = port;
  }

  static async start(routes: ReleaseRoute[]): Promise<Caddy> {
    const port = await freePort();
    const { release } = examplePlan.releases[0]!.bundle;
    const text = renderRoutes({ ...release, routes }, 'open')
      .replaceAll(/^\ttls .*$/gm, '')
      .replaceAll(/^https:\/\/(\S+)/gm, `http://$1:${port}`);
    const file = join(scratch('caddy'), 'Caddyfile');
    const isUp = `http://up.example.org:${port} {\n\trespond 200\n}\n`;
    writeFileSync(file, `{\n\tadmin off\n}\n(haven-headers) {\n}\n${isUp}${text}`);
    const program = spawn(await goProgram('caddy'), ['run', '--config', file, '--adapter', 'caddyfile'], {
      stdio: 'ignore',
      env: { ...process.env, XDG_DATA_HOME: scratch('caddy'), XDG_CONFIG_HOME: scratch('caddy') },
    });
    const caddy = new Caddy(program, port);
    await waitUntil('Caddy', async () => (await caddy.ask('up.example.org')).statusCode === 200);
    return caddy;
  }

  stop(): void {
    this.#program.kill();
  }

  /** What it answers at a name, without the body. */
  async ask(host: string, headers: Record<string, string> = {}, path = '/'): Promise<IncomingMessage> {
    const asked = request({ host: '127.0.0.1', port: this.#port, path, headers: { ...headers, host } });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response;
  }
}
