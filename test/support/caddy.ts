import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Release } from '../../core/release/release.ts';
import { renderRoutes } from '../../core/release/routes.ts';
import { caddyfile } from '../../services/reverse-proxy/caddyfile.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { examplePlan } from './example-plan.ts';
import { freePort, goProgram } from './go-program.ts';
import { scratch } from './scratch.ts';

/**
 * The real Caddy with the reverse proxy's own Caddyfile and routes of the service `website`, as the agent writes them;
 * only unencrypted, and at a port and in folders of this test.
 */
export class Caddy {
  readonly port: number;
  /** Where it answers what it sees of a service's state. */
  readonly healthPort: number;
  readonly #folder: string;
  readonly #program: ChildProcess;

  private constructor(program: ChildProcess, folder: string, port: number, healthPort: number) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
    this.healthPort = healthPort;
  }

  static async start(routes: Release['routes'], fixedPages?: Release['fixedPages']): Promise<Caddy> {
    const folder = scratch('caddy');
    for (const path of ['states/maintenance', 'states/stopped', 'routes'])
      mkdirSync(join(folder, path), { recursive: true });
    const [port, redirectPort, healthPort] = [await freePort(), await freePort(), await freePort()];
    const config = caddyfile
      .replace(/^\tadmin .*$/m, '\tadmin off')
      .replaceAll('127.0.0.1:2021', `127.0.0.1:${healthPort}`)
      .replace(/^http:\/\/ \{$/m, `http://:${redirectPort} {`)
      .replaceAll('/states/', `${folder}/states/`)
      .replace(`handle_path ${folder}/states/`, 'handle_path /states/')
      .replace('import /routes/', `import ${folder}/routes/`);
    writeFileSync(join(folder, 'Caddyfile'), config);
    const { release } = examplePlan.releases.find((each) => each.service === 'website')!.bundle;
    const routesFile = renderRoutes({ ...release, routes, ...(fixedPages ? { fixedPages } : {}) })
      .replaceAll(/^\ttls .*$/gm, '')
      .replaceAll(/^https:\/\/(\S+)/gm, `http://$1:${port}`);
    writeFileSync(join(folder, 'routes', 'website.caddy'), routesFile);
    const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    const program = spawn(await goProgram('caddy'), args, {
      stdio: 'ignore',
      env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    const caddy = new Caddy(program, folder, port, healthPort);
    await waitUntil('Caddy', async () => (await caddy.stateOf('website')) !== undefined);
    return caddy;
  }

  /** What Caddy says of a service; undefined while it does not answer. */
  async stateOf(service: string): Promise<string | undefined> {
    try {
      return (await (await fetch(`http://127.0.0.1:${this.healthPort}/states/${service}`)).text()).trim();
    } catch {
      return undefined;
    }
  }

  /** The folder of files of a state. */
  states(state: 'maintenance' | 'stopped'): string {
    return join(this.#folder, 'states', state);
  }

  /** What it answers at a name, without the body. */
  async ask(host: string, headers: Record<string, string> = {}, path = '/'): Promise<IncomingMessage> {
    const asked = request({ host: '127.0.0.1', port: this.port, path, headers: { ...headers, host } });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response;
  }

  /** The whole answer at a name. */
  async read(
    host: string,
    path: string,
    method = 'GET',
  ): Promise<{ status: number; type: string; text: string }> {
    const asked = request({ host: '127.0.0.1', port: this.port, path, method, headers: { host } });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const { statusCode = 0, headers } = response;
    return { status: statusCode, type: headers['content-type'] ?? '', text: await text(response) };
  }

  stop(): void {
    this.#program.kill('SIGKILL');
  }
}
