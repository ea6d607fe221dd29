import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { debianTasks, imageTasks } from '../../sandbox/images/image-tasks.ts';
import { choosePulledImages } from '../../sandbox/images/pulled-images.ts';
import { docker, dockerSocket, startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { makeMissing } from '../../sandbox/prepare.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageNeeds, sandboxReferences } from '../../services/image-need.ts';
import { tryRun } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import type { InContainer } from './run-user-hook.ts';
import { scratch } from './scratch.ts';

const { definition, compose, folder } = (await loadCatalogue()).get('gitea')!;
const container = 'haven-test-gitea';
const port = 3000;

/** What a sandbox that reaches no registry has for Gitea's image, and the image of PostgreSQL. */
async function images(): Promise<{ gitea: string; postgres: string }> {
  await startDocker();
  const catalogue = await loadCatalogue();
  const pulled = await choosePulledImages(catalogue);
  const references = Object.fromEntries(
    Object.entries(pulled).map(([pull, { reference }]) => [pull, reference]),
  );
  const needs = imageNeeds(catalogue, ['gitea'], references);
  const [debian] = debianTasks;
  await makeMissing([debian!, ...needs.flatMap((need) => imageTasks(need, pulled))]);
  const { gitea, postgres } = sandboxReferences(catalogue, references).gitea!;
  return { gitea: gitea!, postgres: postgres! };
}

/**
 * Gitea as a cloud runs it: its image, the settings of its compose file, its scripts, its login source. It runs on the
 * network of this machine, with a database of the test that answers at 127.0.0.1.
 */
export class Gitea {
  readonly origin = `http://127.0.0.1:${port}`;
  readonly port = port;
  /** What is mounted at /var/lib/gitea. */
  readonly data: string;

  private constructor(data: string) {
    this.data = data;
  }

  /** `values`: what the agent puts in for the variables of the compose file. */
  static async start(values: Record<string, string>, clientSecret: string): Promise<Gitea> {
    const { gitea: reference, postgres } = await images();
    const secrets = scratch('gitea-secrets');
    for (const name of Object.keys(definition.secrets ?? {}))
      writeFileSync(join(secrets, name), name === 'oidc-secret' ? clientSecret : 'x'.repeat(43));
    const files = scratch('gitea-files');
    cpSync(join(folder, 'files'), files, { recursive: true });
    const data = scratch('gitea-data');
    for (const each of [secrets, files]) chmodSync(each, 0o755);
    chownSync(data, 1000, 1000);
    const run = (name: string, ...more: string[]) => [
      ...['run', '--name', name, '--network', 'host', '--add-host', 'db:127.0.0.1', '--cap-drop', 'ALL'],
      ...['--read-only', '--tmpfs', '/etc/gitea:uid=1000,gid=1000,mode=0700', '--tmpfs', '/tmp'],
      ...['--user', '1000:1000', '-v', `${data}:/var/lib/gitea`, '-v', `${secrets}:/run/secrets:ro`],
      ...['-v', `${files}:/haven:ro`, ...more],
    ];
    const settings = Object.entries(settingsFrom(values)).flatMap(([key, text]) => ['-e', `${key}=${text}`]);
    await tryDocker(['rm', '-f', container]);
    const once = (...more: string[]) => docker([...run(`${container}-once`, '--rm'), ...settings, ...more]);
    await once(reference, '/usr/local/bin/gitea', 'migrate');
    const login = ['LOGIN_ISSUER', 'LOGIN_CLIENT', 'LOGIN_ADMINS'].flatMap((key) => [
      '-e',
      `${key}=${values[key]}`,
    ]);
    await once(...login, '--entrypoint', '/bin/bash', postgres, '/haven/login-source.sh');
    await docker([...run(container, '-d'), ...settings, reference]);
    const gitea = new Gitea(data);
    await waitUntil('Gitea', async () => (await fetch(`${gitea.origin}/api/healthz`)).ok);
    return gitea;
  }

  async stop(): Promise<void> {
    await tryDocker(['rm', '-f', container]);
  }

  /** The container `gitea`, for hooks. `input` is what a command finds on its standard input. */
  readonly exec = async (command: string[], variables: Record<string, string>, input = '') =>
    tryRun(
      'docker',
      [
        ...['-H', `unix://${await dockerSocket()}`, 'exec', '-i'],
        ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
        ...[container, ...command],
      ],
      { input, timeoutMs: 120_000 },
    );

  /** The container `gitea`, as hooks about one user run in it. */
  readonly inContainer: InContainer = (command, variables) => this.exec(command, variables);

  /** A token with all of a user's rights. */
  async tokenOf(name: string): Promise<string> {
    const token = ['--token-name', randomUUID(), '--scopes', 'all', '--raw'];
    const command = ['gitea', 'admin', 'user', 'generate-access-token', '-u', name, ...token];
    const { code, stdout, stderr } = await this.exec(command, {});
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  /** Asks the API as the owner of a token. */
  async ask(token: string, method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** What services/gitea/compose.yaml sets, with these values. */
function settingsFrom(values: Record<string, string>): Record<string, string> {
  const { services } = parse(compose) as {
    services: { gitea: { environment: Record<string, string> } };
  };
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? assert.fail(`no value for ${name}`));
  return Object.fromEntries(
    Object.entries(services.gitea.environment).map(([name, text]) => [name, fill(text)]),
  );
}
