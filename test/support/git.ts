import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { webRootsFile } from '../../sandbox/host/paths.ts';
import { type RunResult, tryRun } from '../../system/run.ts';
import { quoted } from '../../system/ssh.ts';

interface GitOptions {
  folder?: string;
  ssh?: string;
  proxy?: string;
}

/** A user's computer with git: an SSH key, a folder for clones, and Gitea's address, already looked up. */
export class GitClient {
  readonly folder = mkdtempSync(join(tmpdir(), 'haven-git-'));
  readonly #host: string;
  readonly #address: string;

  constructor(host: string, address: string) {
    this.#host = host;
    this.#address = address;
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'laptop', '-f', this.#key]);
  }

  get #key(): string {
    return join(this.folder, 'id_ed25519');
  }
  get publicKeyFile(): string {
    return `${this.#key}.pub`;
  }

  /** Runs git; `folder` is below this client's own. */
  git(args: string[], { folder = '', ssh = this.#address, proxy }: GitOptions = {}): Promise<RunResult> {
    const known = join(this.folder, 'known_hosts');
    const options = [
      `-i ${this.#key} -o IdentitiesOnly=yes -o UserKnownHostsFile=${known} -o StrictHostKeyChecking=accept-new`,
      `-o LogLevel=ERROR -o ConnectTimeout=5 -o HostKeyAlias=${this.#host} -o HostName=${ssh}`,
    ].join(' ');
    // What stands between this client and the server, as ssh's ProxyCommand.
    const way = proxy ? ` -o ProxyCommand=${quoted(proxy)}` : '';
    return tryRun('git', args, {
      cwd: join(this.folder, folder),
      timeoutMs: 60_000,
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.org',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.org',
        GIT_SSL_CAINFO: webRootsFile,
        GIT_SSH_COMMAND: `ssh ${options}${way}`,
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.curloptResolve',
        GIT_CONFIG_VALUE_0: `${this.#host}:443:${this.#address}`,
      },
    });
  }

  /** Runs git; it must succeed. */
  async must(args: string[], options: GitOptions = {}): Promise<string> {
    const done = await this.git(args, options);
    if (done.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${done.code}: ${done.stderr}`);
    return done.stdout;
  }

  /** Commits a file with the given text; answers with the commit's hash. */
  async commit(folder: string, name: string, text: string): Promise<string> {
    writeFileSync(join(this.folder, folder, name), text);
    await this.must(['add', '.'], { folder });
    await this.must(['commit', '-q', '-m', name], { folder });
    return (await this.must(['rev-parse', 'HEAD'], { folder })).trim();
  }

  forget(): void {
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true });
  }
}
