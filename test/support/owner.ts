import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ShownPlan } from '../../cli/output/print-plan.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { linkToSandbox } from '../../sandbox/link.ts';
import { registerDomain, resetSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { projectRoot } from '../../system/project-root.ts';

const testServices = join(projectRoot, 'test/services');

export interface Typed {
  code: number;
  stdout: string;
  stderr: string;
}

/** Somebody with a directory and a domain in a fresh sandbox, who types commands. */
export class Owner {
  readonly directory: string;
  readonly domain: string;
  readonly sandbox: Sandbox;
  readonly #configHome: string;

  private constructor(directory: string, domain: string, sandbox: Sandbox, configHome: string) {
    this.directory = directory;
    this.domain = domain;
    this.sandbox = sandbox;
    this.#configHome = configHome;
  }

  static async begin(domain: string, records: Partial<DnsRecord>[] = []): Promise<Owner> {
    const sandbox = await resetSandbox(await loadCatalogue([join(projectRoot, 'services'), testServices]));
    await registerDomain(domain, records);
    Object.assign(process.env, sandbox.environment);
    const home = mkdtempSync(join(tmpdir(), 'haven-owner-'));
    const directory = join(home, 'cloud');
    const owner = new Owner(directory, domain, sandbox, join(home, 'config'));
    linkToSandbox(directory);
    return owner;
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HAVEN_DIRECTORY: this.directory,
      HAVEN_SERVICES: testServices,
      XDG_CONFIG_HOME: this.#configHome,
      NO_COLOR: '1',
    };
  }

  /** Types a command and waits for its end. `onOutput` is told what appears on the screen. */
  haven(
    args: string[],
    {
      input = '',
      onOutput,
      env = {},
    }: {
      input?: string;
      onOutput?: (text: string, stop: (signal: NodeJS.Signals) => void) => void;
      env?: NodeJS.ProcessEnv;
    } = {},
  ): Promise<Typed> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(projectRoot, 'cli/bin.mjs'), ...args], {
        env: { ...this.environment, ...env },
        cwd: projectRoot,
      });
      let stdout = '';
      let stderr = '';
      const hear = (text: string): void => onOutput?.(text, (signal) => child.kill(signal));
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk;
        hear(String(chunk));
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk;
        hear(String(chunk));
      });
      child.on('error', reject);
      child.on('close', (code, signal) =>
        resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), stdout, stderr }),
      );
      child.stdin.end(input);
    });
  }

  /** Types a command that must succeed. */
  async must(args: string[]): Promise<Typed> {
    const typed = await this.haven(args);
    if (typed.code !== 0)
      throw new Error(`haven ${args.join(' ')} ended with ${typed.code}\n${typed.stdout}\n${typed.stderr}`);
    return typed;
  }

  /** Answers init's questions, by flags. */
  async init({ dns = 'cloudflare', services = ['website'] } = {}): Promise<void> {
    const about = [
      '--domain',
      this.domain,
      '--dns',
      dns,
      '--owner-name',
      'Ada',
      '--owner-email',
      'ada@example.org',
      '--disk',
      '10',
    ];
    await this.must([
      'init',
      '--directory',
      this.directory,
      ...about,
      ...services.flatMap((each) => ['--service', each]),
    ]);
  }

  async plan(): Promise<ShownPlan & { code: number }> {
    const typed = await this.haven(['plan', '--json']);
    if (typed.code === 1) throw new Error(`haven plan:\n${typed.stdout}\n${typed.stderr}`);
    return { ...(JSON.parse(typed.stdout) as ShownPlan), code: typed.code };
  }

  /** Replaces text in haven.yaml, or another file; the text must be there. */
  edit(from: string, to: string, name = 'haven.yaml'): void {
    const file = join(this.directory, name);
    const text = readFileSync(file, 'utf8');
    if (!text.includes(from)) throw new Error(`${name} has no "${from}"`);
    writeFileSync(file, text.replace(from, to));
  }

  forget(): void {
    rmSync(join(this.directory, '..'), { recursive: true, force: true });
  }
}
