import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exitCodes } from '../../cli/output/exit-codes.ts';
import { failureSchema } from '../../cli/output/failure.ts';
import type { ShownPlan } from '../../cli/output/print-plan.ts';
import type { Problem } from '../../core/problem.ts';
import { registerDomain } from '../../sandbox/control.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { linkToSandbox } from '../../sandbox/link.ts';
import { resetSandbox } from '../../sandbox/sandbox.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { projectRoot } from '../../system/project-root.ts';
import { type Typed, type TypeOptions, typeCommand } from './type-command.ts';

export const testServices = join(projectRoot, 'test/services');

/** An owner with a directory and a domain in the sandbox, who types commands. */
export class Owner {
  readonly directory: string;
  readonly domain: string;

  protected constructor(directory: string, domain: string) {
    this.directory = directory;
    this.domain = domain;
  }

  /** The first owner in a new, empty sandbox; `records` are in their zone already. */
  static async begin(domain: string, records: Partial<DnsRecord>[] = []): Promise<Owner> {
    await resetSandbox(await loadCatalogue([join(projectRoot, 'services'), testServices]));
    return Owner.beside(domain, records);
  }

  /** One more owner in the sandbox that runs. */
  static async beside(domain: string, records: Partial<DnsRecord>[] = []): Promise<Owner> {
    await registerDomain(domain, records);
    Object.assign(process.env, sandboxEnvironment());
    const owner = new Owner(join(mkdtempSync(join(tmpdir(), 'haven-owner-')), 'cloud'), domain);
    linkToSandbox(owner.directory);
    return owner;
  }

  /** The owner of a cloud that `npm start` makes: it marks the directory and registers the domain itself. */
  static ofSandboxCloud(domain: string): Owner {
    return new Owner(join(mkdtempSync(join(tmpdir(), 'haven-owner-')), 'cloud'), domain);
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HAVEN_DIRECTORY: this.directory,
      HAVEN_SERVICES: testServices,
      XDG_CONFIG_HOME: join(dirname(this.directory), 'config'),
      NO_COLOR: '1',
    };
  }

  /** Types a command and waits for its end. */
  haven(args: string[], options: TypeOptions = {}): Promise<Typed> {
    return typeCommand(process.execPath, [join(projectRoot, 'cli/bin.mjs'), ...args], {
      ...options,
      env: { ...this.environment, ...options.env },
    });
  }

  /** Types a command that must succeed. */
  async must(args: string[], options: TypeOptions = {}): Promise<Typed> {
    const typed = await this.haven(args, options);
    if (typed.code !== 0)
      throw new Error(`haven ${args.join(' ')} ended with ${typed.code}\n${typed.stdout}\n${typed.stderr}`);
    return typed;
  }

  /** What a command that must succeed answers with `--json`. */
  async json<T>(args: string[]): Promise<T> {
    return JSON.parse((await this.must([...args, '--json'])).stdout) as T;
  }

  /** What a command that must fail says, as problems. */
  async problems(args: string[], options: TypeOptions = {}): Promise<Problem[]> {
    const typed = await this.haven([...args, '--json'], options);
    assert.notEqual(typed.code, 0, `haven ${args.join(' ')} must fail\n${typed.stdout}\n${typed.stderr}`);
    const { error } = failureSchema.parse(JSON.parse(typed.stdout));
    assert.equal(typed.code, error.exitCode);
    return error.problems;
  }

  /** Answers init's questions, by flags. */
  async init({ dns = 'cloudflare', services = ['website'], disk = 10, type = 'cx23' } = {}): Promise<void> {
    const about = [
      ...['--domain', this.domain, '--dns', dns, '--disk', String(disk), '--type', type],
      ...['--owner-name', 'Ada', '--owner-email', 'ada@example.org'],
    ];
    const chosen = services.flatMap((each) => ['--service', each]);
    await this.must(['init', ...this.initFlags, ...about, ...chosen]);
  }

  /** `init` does not read HAVEN_DIRECTORY, and commands are typed in the project's folder. */
  protected get initFlags(): string[] {
    return ['--directory', this.directory];
  }

  async plan(): Promise<ShownPlan & { code: number }> {
    const typed = await this.haven(['plan', '--json']);
    if (typed.code !== exitCodes.ok && typed.code !== exitCodes.changes)
      throw new Error(`haven plan:\n${typed.stdout}\n${typed.stderr}`);
    return { ...(JSON.parse(typed.stdout) as ShownPlan), code: typed.code };
  }

  /** The text of a file in this directory. */
  read(name = 'haven.yaml'): string {
    return readFileSync(join(this.directory, name), 'utf8');
  }

  /** Replaces text in haven.yaml, or another file; the text must be there. */
  edit(from: string, to: string, name = 'haven.yaml'): void {
    const text = this.read(name);
    if (!text.includes(from)) throw new Error(`${name} has no "${from}"`);
    writeFileSync(join(this.directory, name), text.replace(from, to));
  }

  /** Writes a file in this directory, replacing one that exists. Returns its path. */
  write(name: string, text: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, text);
    return file;
  }

  forget(): void {
    rmSync(dirname(this.directory), { recursive: true, force: true });
  }
}
