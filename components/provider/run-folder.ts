import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LockClaim, StateBase } from '../../core/operations/deploy-lock.ts';
import { protocol } from '../../core/operations/protocol.ts';
import type { ImageRecipe } from '../../core/release/image-recipe.ts';
import type { Bundle } from '../../core/release/release.ts';
import { thisUser } from '../../system/this-user.ts';

/**
 * A folder that one run of the engine shares with our provider, readable only by its owner and deleted at the end. It
 * holds keys that must not be in the state, bundles that are too large for it, and the provider's messages. The
 * environment only has its path (`HAVEN_RUN`).
 */
export interface RunSecrets {
  sshKey: string;
  acmeAccountKey: string;
  passphrase: string;
  /** Secrets for the server that the owner sets, or that haven made for backups, by name. */
  given: Record<string, string>;
  /** Certificates that the agent has to trust when it connects to the authority; empty for the default ones. */
  acmeTrust: string;
}

/** Something that could not be checked, for the plan; `since` is when it was last seen. */
export interface Unverified {
  what: string;
  why: string;
  since: string;
}

/** A DNS record, for the person who enters it. */
export interface RecordToEnter {
  name: string;
  type: string;
  content: string;
  reason: string;
}

/** What a run changes the cloud by. */
export interface RunBase {
  state: StateBase;
  /** Hash of the agent. */
  agent: string;
}

export class RunFolder {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }

  static create(
    secrets: RunSecrets,
    bundles: Map<string, Bundle>,
    verified: Record<string, string> = {},
  ): RunFolder {
    const base = existsSync(process.env.XDG_RUNTIME_DIR ?? '') ? process.env.XDG_RUNTIME_DIR! : tmpdir();
    const folder = new RunFolder(mkdtempSync(join(base, 'haven-run-')));
    const write = (name: string, text: string) =>
      writeFileSync(join(folder.path, name), text, { mode: 0o600 });
    write('ssh-key', secrets.sshKey);
    write('acme-account.pem', secrets.acmeAccountKey);
    write('passphrase', secrets.passphrase);
    write('acme-trust.pem', secrets.acmeTrust);
    mkdirSync(join(folder.path, 'given'));
    for (const [name, value] of Object.entries(secrets.given)) folder.putGiven(name, value);
    mkdirSync(join(folder.path, 'bundles'));
    for (const [what, at] of Object.entries(verified)) folder.noteVerified(what, at);
    for (const [hash, bundle] of bundles) write(`bundles/${hash}.json`, JSON.stringify(bundle));
    return folder;
  }

  static fromEnvironment(): RunFolder {
    const path = process.env.HAVEN_RUN;
    if (!path)
      throw new Error('HAVEN_RUN is not set. The haven plugin is started by `haven up`, not by hand.');
    return new RunFolder(path);
  }

  get passphraseFile(): string {
    return join(this.path, 'passphrase');
  }
  sshKey(): string {
    return readFileSync(join(this.path, 'ssh-key'), 'utf8');
  }
  acmeAccountKey(): string {
    return readFileSync(join(this.path, 'acme-account.pem'), 'utf8');
  }
  /** Keeps a secret for the server that exists only since the owner agreed to the plan. */
  putGiven(name: string, value: string): void {
    writeFileSync(join(this.path, 'given', name), value, { mode: 0o600 });
  }
  /** Undefined if the owner no longer keeps it; the server has the value of an earlier run. */
  given(name: string): string | undefined {
    const file = join(this.path, 'given', name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }
  /** Keeps the text of the agent that this run brings to servers. */
  putAgent(text: string): void {
    writeFileSync(join(this.path, 'agent'), text, { mode: 0o600 });
  }
  /** The agent, packed as a server takes it: the work of a tenth of a second, which only a server that gets it costs. */
  agent(): string {
    return gzipSync(readFileSync(join(this.path, 'agent')), { level: 9 }).toString('base64');
  }
  acmeTrust(): string {
    return readFileSync(join(this.path, 'acme-trust.pem'), 'utf8');
  }
  bundle(hash: string): Bundle {
    return JSON.parse(readFileSync(join(this.path, 'bundles', `${hash}.json`), 'utf8')) as Bundle;
  }

  /** Keeps what a server needs to build an image itself. */
  putRecipe(recipe: ImageRecipe): void {
    mkdirSync(join(this.path, 'images'), { recursive: true });
    writeFileSync(this.#recipeFile(recipe.reference), JSON.stringify(recipe), { mode: 0o600 });
  }
  /** Undefined in a sandbox, which brings images to its servers. */
  recipe(reference: string): ImageRecipe | undefined {
    const file = this.#recipeFile(reference);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ImageRecipe) : undefined;
  }
  #recipeFile(reference: string): string {
    return join(this.path, 'images', `${reference.replaceAll(/[^\w.-]/g, '_')}.json`);
  }

  /** This run's name at a server, for its deploy lock. */
  get name(): string {
    return basename(this.path);
  }
  /** Notes that this run makes a lost cloud again, so that its server brings data back from backups. */
  noteRecovery(): void {
    writeFileSync(join(this.path, 'recovery'), '', { mode: 0o600 });
  }
  get isRecovery(): boolean {
    return existsSync(join(this.path, 'recovery'));
  }

  /** Notes which state this run changes, and by which agent it does so. */
  noteBase(base: RunBase): void {
    writeFileSync(join(this.path, 'base.json'), JSON.stringify(base), { mode: 0o600 });
  }
  get base(): RunBase {
    return JSON.parse(readFileSync(join(this.path, 'base.json'), 'utf8')) as RunBase;
  }
  /** How this run asks for the deploy lock to read. Noted, so that the lock is renewed, and released at the end. */
  readingClaim(host: string): LockClaim {
    writeFileSync(join(this.path, 'deploy-lock-on'), host);
    return { run: this.name, holder: thisUser(), speaks: protocol, state: null, agent: null };
  }
  /** How this run asks for the deploy lock to change something. */
  claimOn(host: string): LockClaim {
    return { ...this.readingClaim(host), ...this.base };
  }
  /** The server on which this run holds the deploy lock, if any. */
  lockedHost(): string | undefined {
    const file = join(this.path, 'deploy-lock-on');
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }
  /** The server is gone, and its lock with it. */
  forgetLock(): void {
    rmSync(join(this.path, 'deploy-lock-on'), { force: true });
  }

  /** Notes that the server was asked about something and answered. */
  noteVerified(what: string, at = new Date().toISOString()): void {
    appendFileSync(join(this.path, 'verified.jsonl'), `${JSON.stringify([what, at])}\n`, { mode: 0o600 });
  }
  /** When each thing was last verified, in this run or before. */
  verified(): Record<string, string> {
    const file = join(this.path, 'verified.jsonl');
    if (!existsSync(file)) return {};
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, string]));
  }

  /** Notes that the provider could not ask the server, so the plan shows old facts about it. */
  noteUnverified(what: string, why: string, since: string): void {
    appendFileSync(join(this.path, 'unverified.jsonl'), `${JSON.stringify({ what, why, since })}\n`, {
      mode: 0o600,
    });
  }
  unverified(): Unverified[] {
    const file = join(this.path, 'unverified.jsonl');
    if (!existsSync(file)) return [];
    const all = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Unverified);
    return [...new Map(all.map((each) => [each.what, each])).values()];
  }

  /** Notes the agent's progress, one line each, for the terminal. */
  noteProgress(service: string, line: string): void {
    appendFileSync(join(this.path, 'progress.jsonl'), `${JSON.stringify({ service, line })}\n`, {
      mode: 0o600,
    });
  }
  /** Notes what the owner should know once the run is done. */
  noteTold(line: string): void {
    appendFileSync(join(this.path, 'told.jsonl'), `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }
  told(): string[] {
    const file = join(this.path, 'told.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as string);
  }
  /** Notes a record that the owner has to enter by hand. */
  noteToEnter(record: RecordToEnter): void {
    appendFileSync(this.toEnterFile, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  }
  get toEnterFile(): string {
    return join(this.path, 'to-enter.jsonl');
  }

  get progressFile(): string {
    return join(this.path, 'progress.jsonl');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
